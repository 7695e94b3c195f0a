"""Which Saturdays are still free, once a week, if the business wants to hear it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portal.availability import service as availability
from portal.db import database
from portal.kernel import time as clock
from portal.kernel.errors import Invalid
from portal.messages import weekly
from portal.tenants import service as tenants
from tests.support.plans import arrived, tick, work
from tests.support.world import Business

DAY, WEEK = timedelta(days=1), timedelta(days=7)
ZONES = ("Pacific/Auckland", "Europe/Paris", "America/Los_Angeles")


def rows(shop: Business) -> list[Any]:
    with database.reading(shop.id):
        return database.rows("SELECT * FROM message WHERE kind = 'free_dates' ORDER BY slot")


def test_it_comes_every_week_and_lists_what_is_free(desk: Business, mail_folder: Path) -> None:
    at = clock.now()
    weekly.choose(desk.id, weekday=0, at_time="09:00", at=at)
    (row,) = rows(desk)
    assert row.due_at.astimezone(UTC) > at
    saturdays = [desk.tenant.today(row.due_at) + timedelta(days=5 + 7 * number) for number in range(weekly.WEEKS)]
    availability.black_out(desk.id, resource_id=desk.resource_id, first_on=saturdays[2], last_on=saturdays[2], at=at)
    for number in range(3):
        tick(desk, row.due_at + number * WEEK)
        (letter,) = arrived(mail_folder)
        assert letter.to == "hello@juniper.example"
        assert letter.subject == "Your free Saturdays"
        shown = [f"{day:%B} {day.day}, {day:%Y}" in letter.text for day in saturdays[number + 1 :]]
        assert shown.count(False) == (1 if number < 2 else 0)
        assert "settings/free-dates" in letter.html
        assert weekly.plan_missing(row.due_at + number * WEEK) == 1
        assert weekly.plan_missing(row.due_at + number * WEEK) == 0
    assert [row.status for row in rows(desk)] == ["sent", "sent", "sent", "planned"]


@pytest.mark.parametrize("zone", ZONES)
def test_it_comes_at_its_hour_on_the_business_s_clock(zone: str) -> None:
    after = datetime(2027, 3, 10, 12, tzinfo=UTC)
    for number in range(40):
        slot, due_at = weekly.next_slot(0, "08:30", zone, after=after + number * WEEK)
        local = due_at.astimezone(ZoneInfo(zone))
        assert (local.weekday(), f"{local:%H:%M}", f"{local:%Y-%m-%dT%H:%M}") == (0, "08:30", slot)
        assert timedelta() < due_at - (after + number * WEEK) <= WEEK + timedelta(hours=1)


def test_who_does_not_want_it_gets_none_and_may_change_their_mind(desk: Business, mail_folder: Path) -> None:
    at = clock.now()
    assert weekly.plan_missing(at) == 0
    weekly.choose(desk.id, weekday=0, at_time="09:00", at=at)
    due_at = rows(desk)[0].due_at
    weekly.choose(desk.id, weekday=None, at_time="09:00", at=at)
    tick(desk, due_at)
    assert arrived(mail_folder) == []
    weekly.choose(desk.id, weekday=0, at_time="09:00", at=at)
    assert [row.status for row in rows(desk)] == ["planned"]
    with pytest.raises(Invalid):
        weekly.choose(desk.id, weekday=0, at_time="9 am", at=at)


def test_what_was_missed_is_skipped_and_the_next_one_comes(desk: Business, mail_folder: Path) -> None:
    weekly.choose(desk.id, weekday=0, at_time="09:00", at=clock.now())
    first = rows(desk)[0].due_at
    tick(desk, first + 3 * DAY)
    weekly.plan_missing(first + 3 * DAY)
    assert arrived(mail_folder) == []
    assert [row.status for row in rows(desk)] == ["skipped", "planned"]
    assert timedelta(days=3) < rows(desk)[1].due_at - first < timedelta(days=8)


def test_it_follows_the_business_to_its_address_and_its_clock(desk: Business, mail_folder: Path) -> None:
    weekly.choose(desk.id, weekday=0, at_time="09:00", at=clock.now())
    before = rows(desk)[0].due_at
    tenants.change_tenant(desk.id, timezone="America/Los_Angeles", contact_email="new@juniper.example")
    assert weekly.plan_missing(clock.now()) == 1
    (planned,) = [row for row in rows(desk) if row.status == "planned"]
    assert planned.due_at == before + timedelta(hours=3)
    tick(desk, planned.due_at)
    assert [letter.to for letter in arrived(mail_folder)] == ["new@juniper.example"]
    work(desk, planned.due_at)
