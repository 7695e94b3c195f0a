"""Two hundred bookings in twelve time zones, sold and planned for good, against the computation that walks a clock."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from portal.db import database
from portal.kernel import time
from portal.messages import planning
from portal.tenants import service as tenants
from tests.messages.test_schedule import PROMISED, ZONES, walked
from tests.support import sold, world
from tests.support.world import Business

pytestmark = pytest.mark.slow
EACH = 9  # of a business; each zone has two, one with hours at which clocks jump
DUE_BEFORE = 30
JUMPED = ("00:30", "01:30", "02:15", "02:30", "02:45")
Told = set[tuple[str, str, datetime]]
walk = lru_cache(walked)


def jumps(zone: str, first: date) -> list[tuple[date, bool]]:
    """The days of the year from ``first`` on which a clock there jumps, and whether it loses time."""
    clock, at = ZoneInfo(zone), datetime.combine(first, datetime.min.time(), UTC)
    found = []
    for hour in range(366 * 24):
        here, there = (at + timedelta(hours=hour + more) for more in (0, 1))
        before, after = (each.astimezone(clock).utcoffset() for each in (here, there))
        if before != after:
            found.append((there.astimezone(clock).date(), bool(before and after and after > before)))
    return found


def shop_in(zone: str, hour: str) -> Business:
    """A business there, with days of its own choosing if it has chosen an hour."""
    shop = world.open_business(timezone=zone, balance_due_days=DUE_BEFORE)
    for days in (1, 2, 3):
        shop.package(f"of-{days}", days=days)
    if hour:
        plan = {kind: {"is_on": True, "days": abs(away), "at": hour} for kind, (_, away, _) in PROMISED.items()}
        tenants.set_reminder_plan(shop.id, plan, at=time.now())
    return shop


def wishes(zone: str, chance: random.Random) -> Iterator[tuple[date, int]]:
    """Days and how many of them: each near a jump, or with a payment that is due near one; no two share a day."""
    first = time.now().date() + timedelta(days=75)
    near = [day for day, _ in jumps(zone, first)] or [first + timedelta(days=90)]
    taken: set[date] = set()
    while len(taken) < 3 * EACH:
        days = chance.randint(1, 3)
        on = chance.choice(near) + timedelta(days=chance.choice([0, DUE_BEFORE]) + chance.randint(-9, 9))
        wanted = {on + timedelta(days=each) for each in range(3)}
        if on > first and not wanted & taken:
            taken |= wanted
            yield on, days
        elif chance.random() < 0.02:  # the days near the jumps have run out
            near.append(near[-1] + timedelta(days=19))


def expected(on: date, days: int, hour: str, zone: str) -> Told:
    anchors = {"first": on, "last": on + timedelta(days=days - 1), "due": on - timedelta(days=DUE_BEFORE)}
    told = set()
    for kind, (anchor, away, promised) in PROMISED.items():
        local, shown = anchors[anchor] + timedelta(days=away), hour or promised
        told.add((kind, f"{local}T{shown}", walk(local, datetime.strptime(shown, "%H:%M").time(), zone)))  # noqa: DTZ007
    return told


def planned(shop: Business) -> dict[tuple[UUID, str], Told]:
    """What each address is going to get about each booking, as the rows say."""
    found: Any = defaultdict(set)
    with database.reading(shop.id):
        rows = database.rows("SELECT subject_id, recipient, kind, slot, due_at, status FROM message")
    for row in rows:
        assert row.status == "planned"
        found[row.subject_id, row.recipient].add((row.kind, row.slot, row.due_at))
    return dict(found)


@pytest.mark.timeout(300)
def test_two_hundred_bookings_get_the_rows_that_a_second_computation_expects(own_database: str) -> None:
    chance = random.Random(12)  # noqa: S311  no secret
    wanted: dict[UUID, dict[tuple[UUID, str], Told]] = defaultdict(dict)
    shops, seen, skipped, doubled, directions = {}, 0, set(), set(), set()
    for zone, is_odd in ((zone, is_odd) for zone in ZONES for is_odd in (False, True)):
        hour = chance.choice(JUMPED) if is_odd else ""
        shop = shop_in(zone, hour)
        shops[shop.id] = shop
        directions |= {is_forward for _, is_forward in jumps(zone, time.now().date())}
        for on, days in wishes(zone, chance):
            told = expected(on, days, hour, zone)
            booking = sold.sell(shop, event_on=on, package_slug=f"of-{days}")
            seen += 1
            for who in ("anna@couple.example", "ben@couple.example"):
                wanted[shop.id][booking.booking_id, who] = told
            for _, slot, at in told:
                here = at.astimezone(ZoneInfo(zone))
                is_other = here.replace(fold=1).utcoffset() != here.utcoffset()
                if here.strftime("%Y-%m-%dT%H:%M") != slot:
                    skipped.add((zone, slot))
                elif is_other:
                    doubled.add((zone, slot))
    assert planning.plan_unplanned(time.now()) == seen >= 200
    for shop_id, each in wanted.items():
        assert planned(shops[shop_id]) == each, shops[shop_id].tenant.timezone
    assert directions == {True, False}
    assert skipped
    assert doubled
