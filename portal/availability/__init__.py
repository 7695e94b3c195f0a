"""Which days are free: date claims, blackout dates, the month view. A date is sold once."""
