"""Aisle: a booking portal for wedding businesses."""
