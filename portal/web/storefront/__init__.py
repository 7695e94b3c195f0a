"""The public pages of a business, down to the booking form and the way back from Stripe."""
