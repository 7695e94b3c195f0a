"""A stand-in for Postmark, for development and tests only.

It takes mails in, keeps them in memory, can be asked for them, and posts what became of them to a webhook. It knows
nothing of the portal: no module of ours outside devtools is imported here, and no production code imports it.
"""

from portal.devtools.postmark_emulator.emulator import PostmarkEmulator

__all__ = ["PostmarkEmulator"]
