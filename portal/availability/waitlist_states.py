"""The states of an entry on a waiting list, and the ways between them."""

from enum import StrEnum


class WaitStatus(StrEnum):
    """Where somebody who asked for a taken date stands."""

    WAITING = "waiting"
    OFFERED = "offered"  # the days are kept for them
    TAKEN = "taken"  # a booking holds the days, or has them for good
    LAPSED = "lapsed"  # the offer ran out, or the date came
    LEFT = "left"  # they, or the business, ended it


TRANSITIONS: dict[WaitStatus, frozenset[WaitStatus]] = {
    WaitStatus.WAITING: frozenset({WaitStatus.OFFERED, WaitStatus.LAPSED, WaitStatus.LEFT}),
    WaitStatus.OFFERED: frozenset({WaitStatus.TAKEN, WaitStatus.LAPSED, WaitStatus.LEFT}),
    # A booking that is not paid in time gives the days back to the offer they came from, as long as that lasts.
    WaitStatus.TAKEN: frozenset({WaitStatus.OFFERED, WaitStatus.LAPSED, WaitStatus.LEFT}),
    WaitStatus.LAPSED: frozenset(),
    WaitStatus.LEFT: frozenset(),
}
