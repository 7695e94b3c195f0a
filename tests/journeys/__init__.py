"""Couples and owners at a running site: whole journeys in Chromium, with JavaScript and without it."""
