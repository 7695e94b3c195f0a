"""Logging in and out, and getting a new password."""
