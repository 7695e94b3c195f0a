"""What the business wanted to hear of together comes once a day at its hour; when nothing happened nothing comes."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portal.db import database
from portal.kernel import failpoints
from portal.kernel import time as clock
from portal.messages import due, facts, notices, reminders, sending, summaries
from portal.messages.notices import Topic, Way
from portal.messages.states import MessageKind
from portal.tenants import service as tenants
from tasks import relay
from tests.messages.test_schedule import walked
from tests.support import leaving, mailroom, sold, world
from tests.support.couples import in_half_a_year
from tests.support.mailroom import Letter
from tests.support.plans import arrived, tick, work
from tests.support.sold import Sold
from tests.support.world import Business

DAY = timedelta(days=1)
HELLO = "hello@juniper.example"
ZONES = ("Pacific/Auckland", "Europe/Paris", "America/Los_Angeles")


def wants(shop: Business, way: str = "daily", at: str = "08:00") -> None:
    """Everything comes this way."""
    chosen = {topic: way if Way(way) in notices.ways(topic) else Way.DAILY for topic in Topic}
    notices.choose(shop.id, chosen, at_time=at, at=clock.now())


def rows(shop: Business) -> list[Any]:
    with database.reading(shop.id):
        return database.rows("SELECT * FROM message WHERE kind = 'daily_summary' ORDER BY slot, created_at")


def one(folder: Path) -> Letter:
    (letter,) = [each for each in arrived(folder) if each.to == HELLO]
    return letter


def to_business(folder: Path) -> list[str]:
    return [each.subject for each in arrived(folder) if each.to == HELLO]


def sell(shop: Business, plus: int = 0) -> Sold:
    """A booking, and what it leads to."""
    booking = sold.sell(shop, event_on=in_half_a_year(shop, plus=plus))
    mailroom.drain(shop.id)
    return booking


def told_of(shop: Business, plus: int, *, at: datetime) -> Sold:
    """A booking of which the business was to hear at an instant; nothing else is carried out."""
    booking = sold.sell(shop, event_on=in_half_a_year(shop, plus=plus))
    notices.tell(shop.id, booking.booking_id, MessageKind.NEW_BOOKING, slot="confirmed", at=at)
    return booking


@pytest.fixture
def quiet(own_database: str, mail_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(relay, "_enqueue", lambda *_, **__: True)
    yield
    relay._failing.clear()


@pytest.fixture
def desk(quiet: None) -> Business:
    shop = world.open_shop()
    wants(shop)
    return shop


@pytest.mark.parametrize("zone", ZONES)
def test_it_comes_at_its_hour_on_the_business_s_clock(quiet: None, mail_folder: Path, zone: str) -> None:
    shop = world.open_shop(timezone=zone)
    wants(shop, at="06:30")
    first, second = sell(shop), sell(shop, 1)
    (row,) = rows(shop)
    local = row.due_at.astimezone(ZoneInfo(zone))
    assert (f"{local:%H:%M}", row.slot) == ("06:30", f"{local:%Y-%m-%dT%H:%M}")
    assert timedelta() < row.due_at - clock.now() <= DAY + timedelta(hours=1)
    tick(shop, row.due_at - timedelta(seconds=1))
    assert to_business(mail_folder) == []
    tick(shop, row.due_at)
    letter = one(mail_folder)
    for booking in (first, second):
        for text in (letter.text, letter.html):
            assert f"/dashboard/bookings/{booking.reference}" in text
    assert (letter.text.count("New booking: Anna"), letter.text.count(" · $2,000.00")) == (2, 2)
    assert "settings/notices" in letter.html
    for later in range(1, 4):
        tick(shop, row.due_at + later * DAY)
        assert summaries.plan_missing(row.due_at + later * DAY) == 0
    assert to_business(mail_folder) == []
    assert [row.status for row in rows(shop)] == ["sent"]


@pytest.mark.parametrize("zone", [*ZONES, "Australia/Lord_Howe", "Asia/Kathmandu"])
@pytest.mark.parametrize("at", ["01:30", "02:30", "08:00"])
def test_across_a_year_it_comes_once_a_local_day_whatever_the_clocks_do(zone: str, at: str) -> None:
    after, seen = datetime(2027, 1, 1, tzinfo=UTC), []
    for _ in range(365):
        slot, due_at = summaries.next_slot(at, zone, after=after)
        assert due_at > after
        assert due_at == walked(date.fromisoformat(slot[:10]), time.fromisoformat(at), zone)
        seen.append(date.fromisoformat(slot[:10]))
        after = due_at
    assert seen == [seen[0] + number * DAY for number in range(365)]


def test_it_tells_what_is_still_so(desk: Business, mail_folder: Path) -> None:
    stays, leaves = sell(desk), sell(desk, 1)
    leaving.cancelling(desk, leaves)
    mailroom.drain(desk.id)
    tick(desk, rows(desk)[0].due_at)
    text = one(mail_folder).text
    assert [text.count(booking.reference) for booking in (stays, leaves)] == [2, 2]
    assert (text.count("New booking"), text.count("cancel ")) == (1, 1)


def test_when_nothing_of_it_is_so_any_more_there_is_no_mail_and_no_more_of_it(
    desk: Business, mail_folder: Path
) -> None:
    booking = sell(desk)
    wants(desk, "off")
    leaving.cancelling(desk, booking)
    mailroom.drain(desk.id)
    due_at = rows(desk)[0].due_at
    tick(desk, due_at)
    assert to_business(mail_folder) == []
    assert [row.status for row in rows(desk)] == ["skipped"]
    assert summaries.plan_missing(due_at) == 0


def test_what_was_missed_by_more_than_a_day_is_skipped_and_told_by_the_next(desk: Business, mail_folder: Path) -> None:
    booking = sell(desk)
    late = rows(desk)[0].due_at + 3 * DAY
    tick(desk, late)
    assert to_business(mail_folder) == []
    assert summaries.plan_missing(late) == 1
    assert summaries.plan_missing(late) == 0
    assert [row.status for row in rows(desk)] == ["skipped", "planned"]
    assert timedelta() < rows(desk)[1].due_at - late <= DAY
    tick(desk, rows(desk)[1].due_at)
    assert booking.reference in one(mail_folder).text


def test_one_that_was_missed_on_its_way_out_is_skipped_too(desk: Business, mail_folder: Path) -> None:
    booking = sell(desk)
    first = rows(desk)[0].due_at
    due.mark_due(first)
    work(desk, first + 3 * DAY)
    assert to_business(mail_folder) == []
    assert [row.status for row in rows(desk)] == ["skipped"]
    assert summaries.plan_missing(first + 3 * DAY) == 1
    tick(desk, rows(desk)[1].due_at)
    assert booking.reference in one(mail_folder).text


def twice(act: Callable[[], object]) -> None:
    """Two at the same moment."""
    both = threading.Barrier(2)

    def act_together() -> None:
        both.wait()
        act()

    threads = [threading.Thread(target=act_together) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_schedulers_and_two_workers_at_once_tell_it_once(desk: Business, mail_folder: Path) -> None:
    for plus in range(3):
        sell(desk, plus)
    at = rows(desk)[0].due_at

    def schedule() -> None:
        for _ in range(5):
            summaries.plan_missing(at)
            due.mark_due(at)

    twice(schedule)
    (row,) = rows(desk)
    assert row.status == "due"
    twice(lambda: sending.send(desk.id, row.id, at=at, is_first_attempt=True))
    work(desk, at)
    assert one(mail_folder).text.count("New booking") == 3
    assert [each.status for each in rows(desk)] == ["sent"]


def test_two_summaries_that_leave_at_once_never_tell_the_same(desk: Business, mail_folder: Path) -> None:
    first = sell(desk)
    wants(desk, at="09:00")
    at = rows(desk)[-1].due_at
    due.mark_due(at)
    second = told_of(desk, 1, at=at + timedelta(minutes=1))
    due.mark_due(at + DAY)
    waiting = [row.id for row in rows(desk) if row.status == "due"]
    with database.reading(desk.id):  # both look before either takes anything
        views = [view for each in waiting if (view := facts.message(desk.id, each))]
        gathered = [summaries.gather(desk.id, view, at=at + DAY) for view in views]
    taken = [[line.reference for line in summaries.take(each).lines] for each in gathered]
    assert [len(each.lines) for each in gathered] == [1, 2]
    assert taken == [[first.reference], [second.reference]]
    work(desk, at + DAY)
    text = "".join(letter.text for letter in arrived(mail_folder) if letter.to == HELLO)
    assert [text.count(f"/bookings/{booking.reference}") for booking in (first, second)] == [1, 1]


class _Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("moment", ["message.before_send", "message.after_send"])
def test_a_worker_that_is_killed_tells_the_same_again_and_what_came_later_tomorrow(
    desk: Business, mail_folder: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    early = sell(desk)
    (row,) = rows(desk)
    due.mark_due(row.due_at)

    def kill(name: str) -> None:
        if name == moment:
            raise _Killed

    with monkeypatch.context() as patched:
        patched.setattr(failpoints, "reach", kill)
        with pytest.raises(_Killed):
            sending.send(desk.id, row.id, at=row.due_at, is_first_attempt=True)
    late = told_of(desk, 1, at=row.due_at)
    work(desk, row.due_at)
    text = one(mail_folder).text
    assert (early.reference in text, late.reference in text) == (True, False)
    summaries.plan_missing(row.due_at)
    (planned,) = [each for each in rows(desk) if each.status == "planned"]
    tick(desk, planned.due_at)
    text = one(mail_folder).text
    assert (early.reference in text, late.reference in text) == (False, True)


def test_it_follows_the_business_to_its_hour_its_clock_and_its_address(desk: Business, mail_folder: Path) -> None:
    booking = sell(desk)
    before = rows(desk)[0].due_at
    wants(desk, at="09:30")
    (planned,) = [row for row in rows(desk) if row.status == "planned"]
    assert planned.slot.endswith("T09:30")
    assert planned.due_at - before in {timedelta(minutes=90), timedelta(minutes=90) - DAY}
    tenants.change_tenant(desk.id, timezone="Asia/Kathmandu", contact_email="new@juniper.example")
    assert summaries.plan_missing(clock.now()) == 1
    (planned,) = [row for row in rows(desk) if row.status == "planned"]
    assert f"{planned.due_at.astimezone(ZoneInfo('Asia/Kathmandu')):%H:%M}" == "09:30"
    tick(desk, planned.due_at)
    (letter,) = [each for each in arrived(mail_folder) if each.to == "new@juniper.example"]
    assert booking.reference in letter.text


def test_where_reminders_are_switched_off_what_would_wait_comes_at_once(
    desk: Business, mail_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited = sell(desk, 1)
    assert to_business(mail_folder) == []
    monkeypatch.setattr(reminders, "is_switched_on", lambda: False)
    booking = sell(desk)
    assert booking.reference in one(mail_folder).text
    assert [summaries.plan_missing(clock.now()) for _ in range(2)] == [1, 0]
    mailroom.drain(desk.id)
    assert waited.reference in one(mail_folder).text


def test_it_speaks_the_business_s_language(quiet: None, mail_folder: Path) -> None:
    shop = world.open_shop(locale="fr_FR", timezone="Europe/Paris")
    wants(shop)
    sell(shop)
    tick(shop, rows(shop)[0].due_at)
    letter = one(mail_folder)
    assert letter.subject.startswith("Votre résumé du ")
    assert "Nouvelle réservation" in letter.text


def test_a_rival_hears_nothing_of_it(desk: Business, mail_folder: Path) -> None:
    rival = world.open_shop(contact_email="rival@fern.example")
    wants(rival)
    mine = sell(desk)
    sell(rival)
    tick(desk, rows(desk)[0].due_at)
    tick(rival, rows(rival)[0].due_at)
    letters = {each.to: each.text for each in arrived(mail_folder) if "summary" in each.subject}
    assert set(letters) == {HELLO, "rival@fern.example"}
    assert mine.reference not in letters["rival@fern.example"]
