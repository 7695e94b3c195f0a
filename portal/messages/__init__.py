"""Mails about bookings and to accounts: what is owed, how it reads, how it leaves."""
