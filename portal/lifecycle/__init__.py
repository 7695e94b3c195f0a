"""The verbs that span dates, bookings and money. Each is one transaction; the network comes before or after it."""
