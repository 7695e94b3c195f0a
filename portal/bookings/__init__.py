"""Customers and their bookings: prices, states, timeline, links. Knows no payment and no web."""
