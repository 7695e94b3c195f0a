"""A calendar at Google blocks what is new; whatever goes wrong there is said, and the last good days stay."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portal import settings
from portal.availability.rules import furthest_on
from portal.calendars import connections, errors, google_connecting, google_reading, opening, refreshing, standing
from portal.calendars.google import BusyTime
from portal.calendars.google_connecting import Given
from portal.calendars.service_account import BROKEN_KEY, NOT_JSON, OTHER_KIND
from portal.calendars.standing import ConnectionView
from portal.db import database
from portal.devtools.google_emulator import GoogleEmulator
from portal.kernel import time
from portal.kernel.errors import Conflict, DateTaken, Invalid, NotFound
from tests.support import couples, sold, world
from tests.support import google as elsewhere
from tests.support.couples import in_half_a_year
from tests.support.google import Diary
from tests.support.world import Business

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def google(connected: object) -> Iterator[GoogleEmulator]:
    with elsewhere.running() as emulator:
        yield emulator


@pytest.fixture
def diary(google: GoogleEmulator, shop: Business) -> Iterator[Diary]:
    google.clear_faults()
    diary = elsewhere.connect(google, shop)
    yield diary
    elsewhere.forget(diary)


def enter(diary: Diary, *days: date, **more: Any) -> None:
    for day in days:
        diary.google.enter(diary.calendar_id, day.isoformat(), (day + DAY).isoformat(), **more)


def refresh(diary: Diary, at: datetime | None = None) -> ConnectionView:
    refreshing.refresh(diary.shop.id, diary.id, at=at or time.now())
    return view(diary)


def view(diary: Diary) -> ConnectionView:
    with database.reading(diary.shop.id):
        (found,) = standing.of_tenant(diary.shop.id, today=date(2020, 1, 1))
    return found


def test_a_day_that_is_busy_there_is_taken_here_and_nothing_more_is_known(diary: Diary) -> None:
    day = in_half_a_year(diary.shop)
    enter(diary, day, summary="Dentist")
    found = refresh(diary)
    assert (found.failure, found.busy_days, found.may_write, found.asked_at) == ("", 1, True, None)
    with pytest.raises(DateTaken):
        couples.hold(diary.shop, event_on=day)
    with database.reading(diary.shop.id):
        told = [
            str(each) for table in ("calendar_connection", "external_busy") for each in database.rows(f"TABLE {table}")
        ]
    assert not any("Dentist" in each for each in told)


def test_what_is_free_there_again_is_free_here(diary: Diary) -> None:
    day = in_half_a_year(diary.shop)
    enter(diary, day)
    refresh(diary)
    diary.google.clear(diary.calendar_id)
    assert refresh(diary).busy_days == 0
    couples.hold(diary.shop, event_on=day)


def test_what_is_sold_stays(diary: Diary) -> None:
    day = in_half_a_year(diary.shop)
    booking = sold.sell(diary.shop, event_on=day)
    enter(diary, day)
    refresh(diary)
    with database.reading(diary.shop.id):
        assert database.value("SELECT status FROM booking WHERE id = %s", booking.booking_id) == "confirmed"
        (clash,) = standing.clashes(diary.shop.id, today=time.now().date())
    assert clash.reference == booking.reference


def test_the_last_day_that_can_be_booked_is_asked_for(diary: Diary) -> None:
    last_on = furthest_on(time.today("Europe/London"))
    enter(diary, last_on)
    assert refresh(diary).busy_days == 1


Trouble = Callable[[Diary], object]
TROUBLES: list[tuple[Trouble, str, int]] = [
    (lambda d: d.google.revoke(d.email), errors.WRONG_KEY, 1),
    (lambda d: d.google.make_key(d.email), errors.WRONG_KEY, 1),
    (lambda d: d.google.share(d.calendar_id, "", d.email), errors.NOT_SHARED, 1),
    (
        lambda d: d.google.fail_next(path="/calendar/*", status=403, reason="accessNotConfigured"),
        errors.NOT_ENABLED,
        1,
    ),
    (lambda d: d.google.fail_next(path="/calendar/*", status=403), errors.QUOTA, 0),
    (lambda d: d.google.fail_next(path="*freeBusy", status=429), errors.QUOTA, 0),
    (lambda d: d.google.fail_next(path="*freeBusy", skip=3), errors.TROUBLE, 0),
    (lambda d: d.google.drop_answers(path="*freeBusy", skip=2), errors.NO_ANSWER, 0),
    (lambda d: d.google.hang_next(path="*freeBusy", skip=1), errors.NO_ANSWER, 0),
    (lambda d: d.google.hang_next(path="/token"), errors.NO_ANSWER, 0),
]


@pytest.mark.parametrize(("trouble", "said", "is_told"), TROUBLES)
def test_whatever_goes_wrong_is_said_and_the_last_good_days_stay(
    diary: Diary, trouble: Trouble, said: str, is_told: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "PATIENCE", 0.5)
    day = in_half_a_year(diary.shop)
    enter(diary, day)
    good = refresh(diary)
    diary.google.clear(diary.calendar_id)
    trouble(diary)
    bad = refresh(diary, at=time.now() + timedelta(hours=1))
    assert (bad.failure, bad.read_at, bad.busy_days) == (said, good.read_at, 1)
    assert bad.refusal == (said if is_told else "")
    with pytest.raises(DateTaken):
        couples.hold(diary.shop, event_on=day)
    with database.reading(diary.shop.id):
        told = database.value("SELECT count(*) FROM outbox WHERE kind = 'calendar.refused'")
    assert told == is_told
    diary.google.clear_faults()


def test_a_new_key_puts_everything_right(diary: Diary) -> None:
    day = in_half_a_year(diary.shop)
    enter(diary, day)
    refresh(diary)
    diary.google.revoke(diary.email)
    assert refresh(diary).failure == errors.WRONG_KEY
    key = diary.google.make_key(diary.email)
    given = Given(diary.shop.resource_id, "New", key, f" {diary.calendar_id} ", is_whole_days_only=False)
    assert google_connecting.connect(diary.shop.id, given, at=time.now()) == diary.id
    assert (view(diary).name, view(diary).busy_days, view(diary).refusal) == ("New", 1, "")
    assert refresh(diary).failure == ""


def test_a_calendar_that_may_only_be_read_blocks_days_and_its_owner_hears_of_it_once(diary: Diary) -> None:
    enter(diary, in_half_a_year(diary.shop))
    diary.google.calendars.all[diary.calendar_id].zone = diary.shop.tenant.timezone  # it is not told to everybody
    diary.google.share(diary.calendar_id, "reader", diary.email)
    for _ in range(3):
        found = refresh(diary)
    assert (found.failure, found.refusal, found.may_write, found.busy_days) == ("", errors.READ_ONLY, False, 1)
    with database.reading(diary.shop.id):
        assert database.value("SELECT count(*) FROM outbox WHERE kind = 'calendar.refused'") == 1
    diary.google.share(diary.calendar_id, "freeBusyReader", diary.email)
    assert (refresh(diary).failure, refresh(diary).busy_days) == ("", 1)
    diary.google.share(diary.calendar_id, "writer", diary.email)
    assert (refresh(diary).refusal, refresh(diary).may_write) == ("", True)


def test_each_fault_of_a_form_stands_at_its_field_and_holds_nothing_of_the_key(
    google: GoogleEmulator, shop: Business
) -> None:
    good = google.make_key()
    secret = json.loads(good)["private_key"]
    halves = json.dumps({**json.loads(good), "private_key": secret[:900]})

    def faults(**wrong: Any) -> dict[str, Any]:
        given = Given(shop.resource_id, "", good, "a@group.calendar.google.com", is_whole_days_only=False)
        with pytest.raises(Invalid) as caught:
            google_connecting.connect(shop.id, given._replace(**wrong), at=time.now())
        assert secret[40:80] not in str(caught.value) + repr(caught.value.__dict__)
        return caught.value.fields

    assert faults(key="") == {"key": NOT_JSON}
    assert faults(key=halves) == {"key": BROKEN_KEY}
    assert faults(key='{"type": "authorized_user"}') == {"key": OTHER_KIND}
    for calendar_id in ("", "primary", "a b@c", "ä@b", "x" * 260 + "@y", "a@b\n@c", "https://calendar.google.com/x"):
        assert list(faults(calendar_id=calendar_id)) == ["calendar_id"]
    assert sorted(faults(key="{", calendar_id="")) == ["calendar_id", "key"]
    assert list(faults(name="\u202e")) == ["name"]


def test_a_calendar_is_known_again_in_capitals_and_after_a_change_of_the_secret_key(diary: Diary) -> None:
    key = diary.google.make_key(diary.email)
    given = Given(diary.shop.resource_id, "", key, diary.calendar_id.upper(), is_whole_days_only=False)
    before = settings.current()
    settings.install(replace(before, secret_key="another" * 9))
    try:
        assert google_connecting.connect(diary.shop.id, given, at=time.now()) == diary.id
    finally:
        settings.install(before)


def test_a_calendar_is_connected_once_for_a_resource_and_ten_at_most(google: GoogleEmulator, shop: Business) -> None:
    key = google.make_key()

    def connect(calendar_id: str, resource_id: Any = shop.resource_id) -> Any:
        given = Given(resource_id, "", key, calendar_id, is_whole_days_only=False)
        return google_connecting.connect(shop.id, given, at=time.now())

    first = connect("a@group.calendar.google.com")
    assert connect("A@group.calendar.google.com") == first
    with pytest.raises(NotFound):
        connect("b@group.calendar.google.com", world.open_business().resource_id)
    for number in range(9):
        connect(f"b{number}@group.calendar.google.com")
    with pytest.raises(Conflict):
        connect("c@group.calendar.google.com")
    connections.end(shop.id, first, at=time.now())
    assert connect("a@group.calendar.google.com") == first
    with database.reading(shop.id):
        assert not any(each.ended_at for each in standing.of_tenant(shop.id, today=time.now().date()))
    with database.writing(shop.id):
        database.execute("DELETE FROM calendar_connection")


def test_days_are_those_of_the_calendar_when_they_are_whole_and_ours_otherwise() -> None:
    york, tokyo = ZoneInfo("America/New_York"), "Asia/Tokyo"

    def days(start: datetime, end: datetime, *, whole: bool = False) -> list[int]:
        return [each.day for each in google_reading.days_of(BusyTime(start, end), tokyo, is_whole_days_only=whole)]

    midnight = datetime(2030, 6, 3, tzinfo=york)
    assert days(midnight, midnight + 2 * DAY) == [3, 4]
    evening = datetime(2030, 6, 3, 18, tzinfo=york)
    assert days(evening, evening + timedelta(hours=1)) == [4]  # in Tokyo it is morning
    assert days(evening, evening + timedelta(hours=1), whole=True) == []
    assert days(evening, datetime(2030, 6, 6, tzinfo=york), whole=True) == [4, 5]
    assert days(midnight, midnight + DAY, whole=True) == [3]
    # Days on which the clock is changed have other than 24 hours.
    for first in (datetime(2030, 3, 10, tzinfo=york), datetime(2030, 11, 3, tzinfo=york)):
        assert days(first, first + DAY) == [first.day]
    assert days(datetime(2030, 6, 3, 23, tzinfo=UTC), datetime(2030, 6, 3, 23, tzinfo=UTC)) == [4]


def test_a_day_without_a_midnight_is_a_whole_day_like_others() -> None:
    """In Beirut the clock goes from 23:59 to 01:00; Google tells the day's beginning as the second."""
    beirut = "Asia/Beirut"

    def at(month: int, day: int, hour: int = 0) -> datetime:
        return datetime(2030, month, day, hour, tzinfo=ZoneInfo(beirut))

    def days(told: BusyTime, *, whole: bool = False) -> list[int]:
        return [each.day for each in google_reading.days_of(told, beirut, is_whole_days_only=whole)]

    before, short = BusyTime(at(3, 30), at(3, 31, 1)), BusyTime(at(3, 31, 1), at(4, 1))
    assert (days(before), days(before, whole=True)) == ([30], [30])
    assert (days(short), days(short, whole=True)) == ([31], [31])
    for own, told in ((date(2030, 3, 30), before), (date(2030, 3, 31), short)):
        assert list(google_reading.without(told, {(own, own)}, beirut)) == []
    assert list(google_reading.without(BusyTime(at(3, 30), at(4, 1)), {(date(2030, 3, 30),) * 2}, beirut)) == [short]
