"""Which messages a booking should get, and when: pure rules on plain values, no database.

A slot is a local time on the tenant's clock, and names a message for good. The instant follows from it: a time that
daylight saving skips moves forward, one that it doubles is the first of the two.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from portal.kernel.errors import Invalid, PortalError
from portal.kernel.text import N_
from portal.kernel.time import local_instant
from portal.messages.states import MessageKind

MOST_DAYS = 90
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


class Anchor(StrEnum):
    """Which day the days are counted from."""

    FIRST_DAY = "first_day"
    LAST_DAY = "last_day"
    DUE_DAY = "due_day"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a business may choose of a kind: whether, how many days away, at which time of day."""

    is_on: bool
    days: int
    at: time


@dataclass(frozen=True, slots=True)
class Course:
    """What nobody chooses: the day that it counts from, the direction, and the choice it comes with."""

    anchor: Anchor
    sign: int
    days: int
    at: time

    @property
    def given(self) -> Rule:
        """What a business has that has chosen nothing."""
        return Rule(is_on=True, days=self.days, at=self.at)

    @property
    def least(self) -> int:
        """The fewest days that make sense: what is said about a day beforehand is not said on it."""
        return 1 if self.sign else 0

    @property
    def most(self) -> int:
        """The most days."""
        return MOST_DAYS if self.sign else 0


_TEN = time(10)
COURSES: dict[MessageKind, Course] = {
    MessageKind.EVENT_SOON: Course(Anchor.FIRST_DAY, -1, 3, _TEN),
    MessageKind.EVENT_EVE: Course(Anchor.FIRST_DAY, -1, 1, time(14)),
    MessageKind.FOLLOW_UP: Course(Anchor.LAST_DAY, 1, 3, _TEN),
    MessageKind.BALANCE_SOON: Course(Anchor.DUE_DAY, -1, 7, _TEN),
    MessageKind.BALANCE_DUE: Course(Anchor.DUE_DAY, 0, 0, _TEN),
    MessageKind.BALANCE_OVERDUE: Course(Anchor.DUE_DAY, 1, 2, _TEN),
    MessageKind.BALANCE_LAST: Course(Anchor.DUE_DAY, 1, 7, _TEN),
}
BALANCE = frozenset(kind for kind, course in COURSES.items() if course.anchor is Anchor.DUE_DAY)
Plan = Mapping[MessageKind, Rule]


@dataclass(frozen=True, slots=True)
class Slot:
    """One message that a booking should get; ``about_on`` is the day that it speaks of."""

    kind: MessageKind
    name: str
    due_at: datetime
    about_on: date


def slots(
    plan: Plan, *, event_on: date, days: int, due_ons: Collection[date], timezone: str
) -> dict[tuple[MessageKind, str], Slot]:
    """All that a booking should get, whenever that is, by kind and slot. Two sums due on one day share a message."""
    anchors: dict[Anchor, set[date]] = {
        Anchor.FIRST_DAY: {event_on},
        Anchor.LAST_DAY: {event_on + timedelta(days=days - 1)},
        Anchor.DUE_DAY: set(due_ons),
    }
    found = {}
    for kind, course in COURSES.items():
        rule = plan.get(kind, course.given)
        for about_on in anchors[course.anchor] if rule.is_on else ():
            slot = _slot(kind, about_on, about_on + timedelta(days=course.sign * rule.days), rule.at, timezone)
            found[kind, slot.name] = slot
    return found


def _slot(kind: MessageKind, about_on: date, on: date, at: time, timezone: str) -> Slot:
    return Slot(kind, slot_name(on, at), local_instant(on, at, timezone), about_on)


def slot_name(on: date, at: time) -> str:
    """A local time as the slot of a message: ``2027-06-09T10:00``."""
    return f"{on.isoformat()}T{at:%H:%M}"


def read_plan(document: Mapping[str, Mapping[str, object]]) -> dict[MessageKind, Rule]:
    """The plan that a tenant's document says, each kind complete."""
    plan = {}
    for kind, course in COURSES.items():
        chosen = document.get(kind)
        plan[kind] = course.given if chosen is None else _rule(chosen)
    return plan


def write_plan(plan: Plan) -> dict[str, dict[str, object]]:
    """A plan as the document that is kept."""
    return {kind: {"is_on": rule.is_on, "days": rule.days, "at": f"{rule.at:%H:%M}"} for kind, rule in plan.items()}


def checked(plan: Plan) -> Plan:
    """A plan that makes sense. Raises Invalid, which names each bad field as ``days_<kind>``."""
    faults: dict[str, PortalError | str] = {}
    for kind, rule in plan.items():
        course = COURSES[kind]
        if not course.least <= rule.days <= course.most:
            faults[f"days_{kind}"] = Invalid(
                N_("This must be between %(least)s and %(most)s."), least=course.least, most=course.most
            )
    if faults:
        raise Invalid(N_("Please look again at what is marked."), faults)
    return plan


def read_time(text: str) -> time:
    """A time of day as ``10:00``. Raises Invalid with a sentence for the field."""
    if not _TIME.fullmatch(text):
        raise Invalid(N_("Please write a time of day, such as 10:00."))
    return time.fromisoformat(text)


def _rule(chosen: Mapping[str, object]) -> Rule:
    return Rule(bool(chosen["is_on"]), int(str(chosen["days"])), read_time(str(chosen["at"])))
