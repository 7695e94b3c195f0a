"""A couple books a day and another calendar says at the same instant that it is busy: one of the two comes wholly
before the other. Both stand only where the block came after the booking.

The clock of the database stamps each row when it is written, under the locks of its day.
"""

from collections.abc import Callable, Collection
from contextlib import closing
from datetime import date, timedelta
from functools import partial
from time import sleep
from typing import Any
from uuid import UUID

import psycopg2
import pytest

from portal.availability import locks, outside
from portal.calendars import connections
from portal.db import database
from portal.devtools.embedded_postgres import Cluster
from portal.kernel import time
from portal.kernel.errors import Conflict, DateTaken
from portal.lifecycle.hold import hold_date
from portal.messages import clash_plans
from tests.support import world
from tests.support.couples import form, in_half_a_year
from tests.support.crowds import all_at_once
from tests.support.world import Business

pytestmark = pytest.mark.slow
DAYS, HOLDS, ROUNDS = 8, 3, 6
Acts = list[Callable[[], str]]


@pytest.fixture
def arena(own_database: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that tell when they were written, and couples who hesitate between looking and taking."""
    with closing(psycopg2.connect(cluster.owner_url(own_database))) as owner, owner, owner.cursor() as cursor:
        for table in ("date_claim", "external_busy"):
            cursor.execute(f"ALTER TABLE {table} ADD COLUMN made_at timestamptz NOT NULL DEFAULT clock_timestamp()")
    look = outside.busy

    def hesitant(*asked: Any) -> set[date]:
        found = look(*asked)
        sleep(0.02)  # the gap in which somebody could come between
        return found

    monkeypatch.setattr(outside, "busy", hesitant)


def diary(shop: Business, name: str) -> UUID:
    return connections.connect(
        shop.id, resource_id=shop.resource_id, name=name, address=f"https://{name}.example/a.ics",
        is_whole_days_only=False, at=time.now(),
    )  # fmt: skip


def book(shop: Business, day: date) -> str:
    try:
        hold_date(shop.id, form(shop, event_on=day), at=time.now())
    except DateTaken:
        return "taken"
    return "held"


def import_days(shop: Business, connection_id: UUID, days: Collection[date]) -> str:
    outside.replace(shop.id, connection_id=connection_id, resource_id=shop.resource_id, days=days)
    return "imported"


def round_of(shop: Business) -> list[date]:
    """Several couples for each day, and the days come in from outside: some all together, some one by one."""
    days = [in_half_a_year(shop, plus=plus) for plus in range(DAYS)]
    half = DAYS // 2
    acts: Acts = [partial(book, shop, day) for day in days for _ in range(HOLDS)]
    acts += [partial(import_days, shop, diary(shop, "all"), days[:half])]
    acts += [partial(import_days, shop, diary(shop, f"d{each:%d}"), [each]) for each in days[half:]]
    ends = all_at_once(acts)
    assert set(ends) <= {"held", "taken", "imported"}
    assert ends["imported"] == 1 + DAYS - half
    return days


def both(shop: Business) -> list[database.Row]:
    """Days that are booked and busy: when each became so."""
    with database.reading(shop.id):
        return database.rows(
            "SELECT c.claimed_on, c.booking_id, c.made_at AS booked_at, x.made_at AS busy_at FROM date_claim c"
            " JOIN external_busy x ON x.resource_id = c.resource_id AND x.busy_on = c.claimed_on"
        )


@pytest.mark.usefixtures("arena")
def test_a_day_is_booked_and_busy_only_if_the_block_came_after() -> None:
    seen = {"booked first": 0, "busy first": 0}
    for _ in range(ROUNDS):
        shop = world.open_shop()
        days = round_of(shop)
        found = both(shop)
        assert all(row.booked_at < row.busy_at for row in found)
        seen["booked first"] += len(found)
        seen["busy first"] += len(days) - len(found)
        # Nobody takes such a day any more, and each booking that stands on one is told to the business.
        assert {book(shop, day) for day in days} == {"taken"}
        with database.reading(shop.id):
            warned = database.rows("SELECT subject_id FROM outbox WHERE kind = 'booking.busy_outside'")
        assert {row.subject_id for row in warned} == {row.booking_id for row in found}
        for row in found:
            clash_plans.busy_outside(shop.id, row.booking_id, at=time.now())  # a hold is not told of yet
        with database.reading(shop.id):
            assert database.value("SELECT count(*) FROM notice") == 0
    assert all(seen.values()), seen


@pytest.mark.usefixtures("arena")
def test_without_the_locks_a_block_comes_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the locks are for: this crowd does find the gap when nothing stands in its way."""
    monkeypatch.setattr(locks, "lock_places", lambda *_, **__: None)
    for _ in range(20):
        shop = world.open_shop()
        round_of(shop)
        if any(row.booked_at > row.busy_at for row in both(shop)):
            return
    pytest.fail("no block ever came between, so the race above proves nothing")


def test_many_calendars_that_are_connected_at_once_are_ten_at_most(own_database: str) -> None:
    shop = world.open_shop()

    def connect(number: int) -> str:
        try:
            diary(shop, f"d{number}")
        except Conflict:
            return "refused"
        return "connected"

    assert all_at_once([partial(connect, number) for number in range(16)]) == {"connected": 10, "refused": 6}


@pytest.mark.usefixtures("arena")
def test_a_day_that_frees_at_the_same_moment_is_sold_once_or_not() -> None:
    shop = world.open_shop()
    days = [in_half_a_year(shop, plus=plus) for plus in range(DAYS)]
    connection_id = diary(shop, "all")
    import_days(shop, connection_id, days)
    later = [day + timedelta(days=60) for day in days]
    acts: Acts = [partial(book, shop, day) for day in days for _ in range(HOLDS)]
    all_at_once([*acts, partial(import_days, shop, connection_id, later)])
    assert both(shop) == []
    with database.reading(shop.id):
        assert database.value("SELECT count(*) FROM booking") == database.value("SELECT count(*) FROM date_claim")
