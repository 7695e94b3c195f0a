"""What a booking should get and when, against a computation that shares nothing with ours.

Ours goes from the wall clock to the instant. The other one goes the other way: it walks the instants, minute by
minute, and reads a clock on the wall.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.kernel.errors import Invalid
from portal.messages import schedule
from portal.messages.schedule import COURSES, Rule
from portal.messages.states import MessageKind

ZONES = (
    "America/New_York", "Europe/London", "Europe/Paris", "Australia/Lord_Howe", "Pacific/Chatham", "Asia/Kathmandu",
    "America/St_Johns", "Africa/Casablanca", "Pacific/Kiritimati", "America/Santiago", "Asia/Tehran", "Etc/GMT+12",
)  # fmt: skip
MINUTE = timedelta(minutes=1)
# Kind, day it counts from, days, as the product promises them.
PROMISED = {
    "event_soon": ("first", -3, "10:00"),
    "event_eve": ("first", -1, "14:00"),
    "follow_up": ("last", 3, "10:00"),
    "balance_soon": ("due", -7, "10:00"),
    "balance_due": ("due", 0, "10:00"),
    "balance_overdue": ("due", 2, "10:00"),
    "balance_last": ("due", 7, "10:00"),
}


def changes_of_clocks(zone: str) -> list[date]:
    """The local days in 2026 to 2028 on which the clock jumps."""
    clock, at = ZoneInfo(zone), datetime(2026, 1, 1, tzinfo=UTC)
    found = []
    for hour in range(3 * 366 * 24):
        here, next_hour = (at + timedelta(hours=hour + more) for more in (0, 1))
        if here.astimezone(clock).utcoffset() != next_hour.astimezone(clock).utcoffset():
            found.append(here.astimezone(clock).date())
    return found


def walked(on: date, at: time, zone: str) -> datetime:
    """The first minute at which a clock there shows this time; if none does, so long after the jump as it was to be."""
    clock, wanted = ZoneInfo(zone), datetime.combine(on, at)
    minute = datetime.combine(on, at, UTC) - timedelta(hours=16)
    last_before = None
    for _ in range(32 * 60):
        shown = minute.astimezone(clock).replace(tzinfo=None)
        if shown == wanted:
            return minute
        if shown < wanted:
            last_before = minute, shown
        minute += MINUTE
    assert last_before
    instant, shown = last_before
    return instant + (wanted - shown)


def second_opinion(
    plan: dict[str, tuple[str, int, str]], on: date, days: int, due_ons: list[date], zone: str
) -> set[tuple[str, str, datetime]]:
    found = set()
    for kind, (anchor, away, at) in plan.items():
        anchors = {"first": [on], "last": [on + timedelta(days=days - 1)], "due": due_ons}[anchor]
        for day in anchors:
            local = day + timedelta(days=away)
            found.add((kind, f"{local}T{at}", walked(local, time.fromisoformat(at), zone)))
    return found


def ours(
    plan: dict[str, tuple[str, int, str]], on: date, days: int, due_ons: list[date], zone: str
) -> set[tuple[str, str, datetime]]:
    rules = {
        MessageKind(kind): Rule(is_on=True, days=abs(away), at=time.fromisoformat(at))
        for kind, (_, away, at) in plan.items()
    }
    found = schedule.slots(rules, event_on=on, days=days, due_ons=due_ons, timezone=zone)
    return {(slot.kind.value, slot.name, slot.due_at) for slot in found.values()}


def bookings() -> Iterator[tuple[str, date, int, list[date], dict[str, tuple[str, int, str]]]]:
    """Two hundred, most of them around a change of the clocks, some with hours that a business would not choose."""
    chance = random.Random(20_270_612)  # noqa: S311  no secret
    jumps = {zone: changes_of_clocks(zone) for zone in ZONES}
    for number in range(200):
        zone = ZONES[number % len(ZONES)]
        near = chance.choice(jumps[zone] or [date(2027, 6, 12)])
        on = near + timedelta(days=chance.randint(-4, 8))
        due_ons = [near + timedelta(days=chance.randint(-9, 9)) for _ in range(chance.randint(0, 2))]
        plan = dict(PROMISED)
        if number % 2:
            hour = chance.choice(["00:00", "00:30", "01:00", "01:30", "01:45", "02:00", "02:15", "02:30", "03:00"])
            plan = {kind: (anchor, days, hour) for kind, (anchor, days, _) in plan.items()}
        yield zone, on, chance.randint(1, 3), due_ons, plan


def test_two_hundred_bookings_in_twelve_zones_are_planned_as_a_second_computation_does() -> None:
    seen = skipped = doubled = 0
    for zone, on, days, due_ons, plan in bookings():
        expected = second_opinion(plan, on, days, due_ons, zone)
        assert ours(plan, on, days, due_ons, zone) == expected, (zone, on)
        for _, name, at in expected:
            seen += 1
            skipped += at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M") != name
            doubled += (
                at.astimezone(ZoneInfo(zone)).replace(fold=1).utcoffset() != at.astimezone(ZoneInfo(zone)).utcoffset()
                and at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M") == name
            )
    assert seen > 900
    assert skipped > 3
    assert doubled > 3


def test_what_nobody_has_chosen_is_what_was_promised() -> None:
    on, due_on = date(2027, 6, 12), date(2027, 5, 13)
    found = schedule.slots({}, event_on=on, days=2, due_ons=[due_on], timezone="Europe/Paris")
    assert {slot.kind.value: slot.name for slot in found.values()} == {
        "event_soon": "2027-06-09T10:00",
        "event_eve": "2027-06-11T14:00",
        "follow_up": "2027-06-16T10:00",
        "balance_soon": "2027-05-06T10:00",
        "balance_due": "2027-05-13T10:00",
        "balance_overdue": "2027-05-15T10:00",
        "balance_last": "2027-05-20T10:00",
    }


def test_two_sums_that_are_due_on_one_day_share_their_messages() -> None:
    due = [date(2027, 5, 13), date(2027, 5, 13)]
    found = schedule.slots({}, event_on=date(2027, 6, 12), days=1, due_ons=due, timezone="UTC")
    assert len(found) == len(COURSES)


def test_a_plan_survives_being_kept() -> None:
    plan = schedule.read_plan({"follow_up": {"is_on": False, "days": 14, "at": "08:30"}})
    assert plan[MessageKind.FOLLOW_UP] == Rule(is_on=False, days=14, at=time(8, 30))
    assert schedule.read_plan(schedule.write_plan(plan)) == plan
    found = schedule.slots(plan, event_on=date(2027, 6, 12), days=1, due_ons=[], timezone="UTC")
    assert {kind.value for kind, _ in found} == {"event_soon", "event_eve"}


@pytest.mark.parametrize("text", ["24:00", "9:00", "10:60", "1000", "", "10:00\n", "１０:00", "ten"])
def test_an_impossible_time_is_told(text: str) -> None:
    with pytest.raises(Invalid):
        schedule.read_time(text)


@pytest.mark.parametrize(("kind", "days"), [("event_soon", 0), ("follow_up", 91), ("balance_due", 1)])
def test_days_that_make_no_sense_are_told_at_their_field(kind: str, days: int) -> None:
    with pytest.raises(Invalid) as told:
        schedule.checked({MessageKind(kind): Rule(is_on=True, days=days, at=time(10))})
    assert set(told.value.fields) == {f"days_{kind}"}
