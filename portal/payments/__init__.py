"""Money of bookings: stages, checkouts, payments, ledger, refunds, and what Stripe tells about them."""
