"""Stripe's HTTP API: reading requests, checking parameters, answering. What a call does lives in `resources`."""
