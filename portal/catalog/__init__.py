"""What a tenant sells: packages, add-ons, prices, photos, and the resources that packages take days of."""
