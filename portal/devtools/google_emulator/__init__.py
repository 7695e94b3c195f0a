"""A stand-in for Google Calendar, for development and tests only.

It gives out service account keys, exchanges what they sign for tokens, and keeps calendars with events in memory.
It knows nothing of the portal: no module of ours outside devtools is imported here, and no production code imports it.
"""

from portal.devtools.google_emulator.emulator import GoogleEmulator

__all__ = ["GoogleEmulator"]
