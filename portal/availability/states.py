"""What a claim is for, and what a day looks like to a couple."""

from enum import StrEnum


class ClaimKind(StrEnum):
    """Why a day of a resource is taken."""

    EVENT = "event"
    BUFFER = "buffer"
    HOLD = "hold"
    BLACKOUT = "blackout"
    OUTSIDE = "outside"  # never in a row of date_claim: busy in a calendar elsewhere


class DayState(StrEnum):
    """The state of a day in a package's month view."""

    FREE = "free"
    TAKEN = "taken"
    HELD = "held"
    BLACKED_OUT = "blacked_out"
    NOT_STARTABLE = "not_startable"
    PAST = "past"
    BEYOND = "beyond"
