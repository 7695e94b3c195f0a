"""Development only: embedded PostgreSQL and Redis, the Stripe emulator, demo data and what starts them
together.

Nothing here is imported in production; the image is built without the packages these modules need.
"""
