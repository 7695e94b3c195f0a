"""What can go wrong between us and Google, each with a sentence for the owner of the calendar.

``is_final``: waiting does not help, the owner must do something. Everything else is tried again. Sentences may name
``%(email)s``, the account with which the calendar must be shared. No text of Google's and no key is in them.
"""

from portal.kernel.text import N_

WRONG_KEY = N_("Google does not accept this key. It may have been deleted. Please connect again with a new one.")
NOT_ENABLED = N_("The Google Calendar API is not switched on in the Google Cloud project of this key.")
NOT_SHARED = N_("Google finds no such calendar for this key. Please check the calendar ID and share it with %(email)s.")
READ_ONLY = N_("This calendar may only be read. Please let %(email)s “make changes to events” in Google Calendar.")
QUOTA = N_("Google lets this key ask no more for now (its quota is used up). We try again later.")
NO_ANSWER = N_("Google cannot be reached at the moment. We try again later.")
TROUBLE = N_("Google has trouble of its own at the moment. We try again later.")
OUR_CLOCK = N_("Google says that our clock is wrong. We try again later.")


class GoogleError(Exception):
    """Google did not do what was asked; ``reason`` is a sentence for the owner."""

    is_final = False
    sentence = TROUBLE

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason or self.sentence)
        self.reason = reason or self.sentence


class KeyRefused(GoogleError):
    """The key was revoked, is another account's, or may not use calendars at all."""

    is_final = True
    sentence = WRONG_KEY


class CalendarMissing(GoogleError):
    """There is no such calendar, or it is not shared with the account as it must be."""

    is_final = True
    sentence = NOT_SHARED


class QuotaReached(GoogleError):
    """Too many calls; nothing was done."""

    sentence = QUOTA


class Unreachable(GoogleError):
    """The call did not reach Google, or was refused for a passing reason; nothing was done."""

    sentence = NO_ANSWER


class UnknownOutcome(GoogleError):
    """The call left and no answer came, or one of trouble: what was asked may have been done or not."""

    sentence = TROUBLE
