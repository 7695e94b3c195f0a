"""The owner's portal."""
