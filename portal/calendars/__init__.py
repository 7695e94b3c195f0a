"""Bookings as other calendars read them."""
