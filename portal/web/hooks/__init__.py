"""Addresses for machines: health, metrics, and what other programs send us."""
