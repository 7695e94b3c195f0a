"""How a couple may move their date: until when, how often, what it costs, how far. A value, and what makes it no sense.

Days count as in ``cancellation``: to the end of the local day, in the couple's favour.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portal.bookings.policy.cancellation import MOST_CENTS, MOST_DAYS, Faults
from portal.kernel.errors import Conflict, Invalid, PortalError
from portal.kernel.money import Money
from portal.kernel.text import N_

MOST_FREE_MOVES = 20
MOST_FEES = 5


class MovePrice(StrEnum):
    """Which price a moved booking has."""

    OLD = "old"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class MovePolicy:
    """A business's or a package's terms. After the free moves each one costs the next fee of the ladder, the last
    fee again and again; with no fees there is no further move. ``farthest_days`` None sets no limit.
    """

    cutoff_days: int
    free_moves: int
    fees_cents: tuple[int, ...]
    farthest_days: int | None
    price: MovePrice
    may_change_package: bool

    @property
    def is_possible(self) -> bool:
        """Whether a date can be moved at all."""
        return self.free_moves > 0 or bool(self.fees_cents)

    def last_on(self, event_on: date) -> date:
        """The last day on which a booking for this date can be moved."""
        return event_on - timedelta(days=self.cutoff_days)

    def fee_cents(self, moves_done: int) -> int | None:
        """What the next move costs after so many; None when there is no next one."""
        paid_before = moves_done - self.free_moves
        if paid_before < 0:
            return 0
        return self.fees_cents[min(paid_before, len(self.fees_cents) - 1)] if self.fees_cents else None

    def reach(self, original_on: date) -> tuple[date, date] | None:
        """The first and last date a booking may move to, from the date it was first made for; None: any."""
        if self.farthest_days is None:
            return None
        shift = timedelta(days=self.farthest_days)
        return original_on - shift, original_on + shift


def move_fault(policy: MovePolicy, *, event_on: date, moves_done: int, today: date) -> PortalError | None:
    """Why a booking cannot be moved today, wherever to."""
    if not policy.is_possible:
        return Conflict(N_("This date cannot be moved."))
    if today > policy.last_on(event_on):
        return Conflict(N_("The date could be moved until %(day)s."), day=policy.last_on(event_on))
    if policy.fee_cents(moves_done) is None:
        return Conflict(N_("This date was moved as often as the terms allow."))
    return None


def shift_fault(policy: MovePolicy, *, original_on: date, new_on: date) -> PortalError | None:
    """Why a booking cannot move to this date."""
    reach = policy.reach(original_on)
    if reach and not reach[0] <= new_on <= reach[1]:
        return Invalid(N_("Please pick a date from %(first)s to %(last)s."), first=reach[0], last=reach[1])
    return None


def faults(policy: MovePolicy, *, price: Money | None = None) -> Faults:
    """Why a policy makes no sense, by field; fees are ``move_fee_1``, … in their order."""
    found: Faults = {}
    for name, value, least, most in (
        ("cutoff_days", policy.cutoff_days, 0, MOST_DAYS),
        ("free_moves", policy.free_moves, 0, MOST_FREE_MOVES),
        ("farthest_days", 1 if policy.farthest_days is None else policy.farthest_days, 1, MOST_DAYS),
    ):
        if not least <= value <= most:
            found[name] = Invalid(N_("This must be between %(least)s and %(most)s."), least=least, most=most)
    if len(policy.fees_cents) > MOST_FEES:
        found["move_fees"] = Invalid(N_("Please use at most %(most)s rows."), most=MOST_FEES)
    for number, cents in enumerate(policy.fees_cents, start=1):
        fault = _fee_fault(cents, policy.fees_cents[number - 2] if number > 1 else 0, price)
        if fault:
            found[f"move_fee_{number}"] = fault
    return found


def _fee_fault(cents: int, before: int, price: Money | None) -> PortalError | None:
    if not 0 < cents <= MOST_CENTS:
        return Invalid(N_("A fee must be more than nothing. Give free moves above instead."))
    if price and cents > price.cents:
        return Invalid(N_("This is more than the price of %(price)s."), price=price)
    if cents < before:
        return Invalid(N_("A later move cannot cost less than an earlier one."))
    return None
