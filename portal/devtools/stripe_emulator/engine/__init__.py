"""What changes money and sessions, whoever causes it: the API, the pay page, a switch or the passing of time."""
