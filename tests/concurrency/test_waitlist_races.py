"""Many dates freed at one instant, many who wait, several workers, and strangers who only want to book.

No date is offered twice, nobody is passed over, and whoever is told that a date is theirs has it.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from uuid import UUID

import pytest

from portal.availability import service as dates
from portal.availability.rules import span
from portal.db import database
from portal.devtools.embedded_postgres import Cluster
from portal.kernel import time
from portal.kernel.errors import DateTaken
from portal.lifecycle import waiting
from portal.lifecycle.hold import hold_date
from portal.promises import waiting as promises
from tests.concurrency.test_date_races import race
from tests.support import couples, world
from tests.support.couples import in_half_a_year
from tests.support.days import bare_booking
from tests.support.queues import entry, join, link, statuses
from tests.support.till import owed, rows
from tests.support.world import Business

pytestmark = pytest.mark.slow
DATES, EACH = 12, 3
THREADS = 40


@pytest.fixture
def arena(own_database: str, cluster: Cluster) -> Business:
    """A tenant in a database of its own, with a connection for every racer."""
    database.db.close_all()
    database.configure(cluster.app_url(own_database), connections=THREADS + 4)
    return world.open_shop()


def taken(shop: Business, on: date) -> UUID:
    """A bare booking that has a day."""
    booking_id = bare_booking(shop, event_on=on)
    kinds = span(on, 1, 0).confirmed()
    dates.claim_days(shop.id, resource_id=shop.resource_id, booking_id=booking_id, kinds=kinds)
    return booking_id


def release(shop: Business, booking_id: UUID) -> str:
    dates.release_days(shop.id, booking_id=booking_id)
    return "freed"


def tell(shop: Business, on: date) -> str:
    """The effect that a freed day owes, carried out."""
    waiting.offer_freed(shop.id, resource_id=shop.resource_id, days=[on], at=time.now())
    return "told"


def sweep() -> str:
    waiting.sweep(time.now())
    return "swept"


def book(shop: Business, on: date, *links: UUID) -> object:
    """A couple sends the form; who is too late is told so."""
    request = replace(couples.form(shop, event_on=on), links=links)
    try:
        return hold_date(shop.id, request, at=time.now()).booking_id
    except DateTaken:
        return "taken"


def owners(shop: Business) -> dict[date, tuple[UUID | None, UUID | None]]:
    """Who has each day: a waiting couple or a booking."""
    return {day: (waits, books) for day, waits, books in rows(
        shop, "SELECT claimed_on, waitlist_id, booking_id FROM date_claim ORDER BY claimed_on")}  # fmt: skip


def test_many_dates_freed_at_once_go_to_the_first_of_each_queue_and_to_nobody_twice(arena: Business) -> None:
    first = in_half_a_year(arena)
    days = [first + timedelta(days=number) for number in range(DATES)]
    booked = {day: taken(arena, day) for day in days}
    queue = {day: [join(arena, f"N{number}x{at}", on=day) for at in range(EACH)] for number, day in enumerate(days)}
    acts: list[Callable[[], object]] = [partial(release, arena, booking_id) for booking_id in booked.values()]
    acts += [partial(tell, arena, day) for day in days for _ in range(2)]
    acts += [sweep, sweep, sweep]
    random.Random(7).shuffle(acts)  # noqa: S311  an order, not a secret
    outcomes = race(acts)
    assert set(outcomes) == {"freed", "told", "swept"}, outcomes
    race([sweep, sweep, *(partial(tell, arena, day) for day in days)])
    assert {day: owner for day, (owner, _) in owners(arena).items()} == {day: queue[day][0] for day in days}
    assert sorted(statuses(arena).values()) == ["offered"] * DATES + ["waiting"] * DATES * (EACH - 1)
    assert owed(arena).count("waitlist.offered") == DATES
    assert promises.days() == []


def test_strangers_and_who_waited_race_for_freed_days_and_each_day_has_one_owner(arena: Business) -> None:
    days = [in_half_a_year(arena, plus=number) for number in range(8)]
    booked = {day: taken(arena, day) for day in days}
    for number, day in enumerate(days):
        join(arena, f"N{number}", on=day)
    acts: list[Callable[[], object]] = [partial(release, arena, booking_id) for booking_id in booked.values()]
    acts += [partial(book, arena, day) for day in days for _ in range(2)]
    acts += [partial(tell, arena, day) for day in days]
    random.Random(11).shuffle(acts)  # noqa: S311  an order, not a secret
    outcomes = race(acts)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)], outcomes
    race([sweep])
    offered = sum(status == "offered" for status in statuses(arena).values())
    bookings = sum(isinstance(outcome, UUID) for outcome in outcomes)
    assert offered + bookings == len(days) == len(owners(arena))
    assert promises.days() == []


def test_overlapping_wishes_never_share_a_day_and_nobody_waits_for_ever(arena: Business) -> None:
    arena.package("three-days", days=3)
    days = [in_half_a_year(arena, plus=number) for number in range(10)]
    booked = [taken(arena, day) for day in days]
    for number in range(20):
        package = "three-days" if number % 2 else "whole-day"
        join(arena, f"N{number}", on=days[number * 3 % 8], package=package)
    acts: list[Callable[[], object]] = [partial(release, arena, booking_id) for booking_id in booked]
    acts += [partial(tell, arena, day) for day in days] + [sweep, sweep]
    random.Random(13).shuffle(acts)  # noqa: S311  an order, not a secret
    outcomes = race(acts)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)], outcomes
    race([sweep])
    assert promises.days() == []
    assert "offered" in statuses(arena).values()
    at = time.now()
    with database.reading(arena.id):
        assert not database.rows(
            "SELECT e.id FROM waitlist_entry e WHERE e.status = 'waiting' AND NOT EXISTS (SELECT 1 FROM date_claim c"
            " WHERE c.claimed_on BETWEEN e.event_on AND e.event_on + (e.days - 1)) AND e.created_at < %s",
            at,
        )


def test_one_offer_its_browser_its_leaving_and_its_end_at_once_leave_one_owner(arena: Business) -> None:
    for round_ in range(8):
        day = in_half_a_year(arena, plus=40 + round_)
        booking_id = taken(arena, day)
        first = join(arena, f"A{round_}", on=day)
        second = join(arena, f"B{round_}", on=day)
        release(arena, booking_id)
        tell(arena, day)
        token = link(arena, first)
        after = time.now() + timedelta(hours=49)
        outcomes = race([
            partial(book, arena, day, token), partial(book, arena, day, token),
            partial(waiting.leave, arena.id, first, (token,), at=time.now()), partial(waiting.sweep, after),
        ])  # fmt: skip
        assert not [each for each in outcomes if isinstance(each, Exception) and "not waiting" not in str(each)], (
            outcomes
        )
        race([sweep])
        waits, books = owners(arena)[day]
        won = [outcome for outcome in outcomes if isinstance(outcome, UUID)]
        assert [books] == won if won else waits == second
        # Given back a moment before the form came, the day was simply free for it.
        assert len(won) <= 1
        assert entry(arena, first).status in ({"taken", "left", "lapsed"} if won else {"left", "lapsed"})
    assert promises.days() == []


def test_one_address_that_joins_twenty_times_at_once_stands_there_once(arena: Business) -> None:
    taken(arena, in_half_a_year(arena))
    outcomes = race([partial(join, arena, "Zoe") for _ in range(20)])
    assert len(set(outcomes)) == 1
    assert statuses(arena) == {"Zoe": "waiting"}


def test_a_queue_does_not_grow_past_its_end_however_many_come_at_once(arena: Business) -> None:
    taken(arena, in_half_a_year(arena))
    race([partial(join, arena, f"N{number}") for number in range(30)])
    assert len(statuses(arena)) == 20
