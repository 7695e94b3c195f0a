"""A calendar elsewhere blocks what is new, keeps what is sold, and holds on while it cannot be read."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from portal.availability import queries, service
from portal.availability.rules import span
from portal.availability.states import DayState
from portal.calendars import checking, connections, reading, refreshing, standing, targets
from portal.calendars.standing import ConnectionView
from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.errors import Conflict, DateTaken, Invalid, NotFound
from portal.lifecycle import waiting
from portal.web.application import Application
from tests.calendars.conftest import Server, ics
from tests.support import couples, queues, sold, world
from tests.support.couples import in_half_a_year
from tests.support.days import bare_booking
from tests.support.forms import csrf_of
from tests.support.people import logged_in, person
from tests.support.world import Business


def on(*days: date) -> str:
    return ics(*(f"DTSTART;VALUE=DATE:{day:%Y%m%d}" for day in days))


@pytest.fixture
def diary(shop: Business, server: Server, monkeypatch: pytest.MonkeyPatch) -> UUID:
    monkeypatch.setattr("portal.calendars.targets.PUBLIC", server.rules)
    monkeypatch.setattr(targets.parse, "__defaults__", (server.rules,))
    return connections.connect(
        shop.id, resource_id=shop.resource_id, name="Private", address=server.url(), is_whole_days_only=False,
        at=time.now(),
    )  # fmt: skip


def refresh(shop: Business, server: Server, diary: UUID, **more: Any) -> ConnectionView:
    refreshing.refresh(shop.id, diary, at=more.get("at") or time.now(), rules=server.rules)
    with database.reading(shop.id):
        (view,) = standing.of_tenant(shop.id, today=date(2020, 1, 1))
    return view


def states(shop: Business, day: date) -> Any:
    with database.reading(shop.id):
        month = queries.month(
            shop.id, resource_id=shop.resource_id, month=day.replace(day=1), days=1, buffer_days=0,
            today=time.now().date(), furthest_on=day + timedelta(days=400),
        )  # fmt: skip
        return {each.on: each.state for week in month.weeks for each in week}[day]


def test_a_busy_day_is_taken_without_a_word_of_why(
    shop: Business, server: Server, diary: UUID, client: FlaskClient
) -> None:
    day = in_half_a_year(shop)
    server.says(on(day).replace("UID:", "SUMMARY:Dentist\r\nUID:"))
    view = refresh(shop, server, diary)
    assert (view.failure, view.busy_days, view.entries, view.asked_at) == ("", 1, 1, None)
    assert states(shop, day) is DayState.TAKEN
    with pytest.raises(DateTaken):
        couples.hold(shop, event_on=day)
    page = client.get(shop.url(f"packages/whole-day?month={day:%Y-%m}")).text
    assert "Dentist" not in page
    assert "Private" not in page
    with database.reading(shop.id):
        assert not queries.is_free(shop.id, resource_id=shop.resource_id, event_on=day, days=1, buffer_days=0)
        assert day not in queries.nearest_free(
            shop.id, resource_id=shop.resource_id, around=day, days=1, buffer_days=0, today=time.now().date()
        )


def test_every_way_to_a_busy_day_is_closed_but_a_blackout(shop: Business, server: Server, diary: UUID) -> None:
    day = in_half_a_year(shop)
    server.says(on(day))
    refresh(shop, server, diary)
    booking_id = bare_booking(shop)
    with pytest.raises(DateTaken):
        service.claim_days(
            shop.id, resource_id=shop.resource_id, booking_id=booking_id, kinds=span(day, 1, 0).confirmed()
        )
    with pytest.raises(DateTaken):
        service.claim_days(
            shop.id, resource_id=shop.resource_id, booking_id=booking_id, kinds=span(day - timedelta(1), 1, 1).held()
        )
    taken = service.black_out(
        shop.id, resource_id=shop.resource_id, first_on=day, last_on=day, at=time.now()
    ).days_taken
    assert taken == []


def test_what_is_sold_stays_and_is_only_warned_about(shop: Business, server: Server, diary: UUID) -> None:
    day = in_half_a_year(shop)
    booking = sold.sell(shop, event_on=day)
    server.says(on(day))
    refresh(shop, server, diary)
    with database.reading(shop.id):
        assert database.value("SELECT status FROM booking WHERE id = %s", booking.booking_id) == "confirmed"
        (clash,) = standing.clashes(shop.id, today=time.now().date())
        own = queries.claimed(shop.id, shop.resource_id, day, day, booking_id=booking.booking_id)
    assert (clash.reference, clash.on, clash.calendars) == (booking.reference, day, "Private")
    assert own == {}
    service.claim_days(
        shop.id, resource_id=shop.resource_id, booking_id=booking.booking_id, kinds=span(day, 1, 0).confirmed()
    )


def test_a_hold_that_was_there_first_can_still_be_paid(shop: Business, server: Server, diary: UUID) -> None:
    day = in_half_a_year(shop)
    held = couples.hold(shop, event_on=day)
    server.says(on(day))
    refresh(shop, server, diary)
    assert held.checkout_id
    sold.pay(shop, held.checkout_id, at=time.now())
    with database.reading(shop.id):
        assert database.value("SELECT status FROM booking WHERE id = %s", held.booking_id) == "confirmed"


@pytest.mark.parametrize(
    ("body", "said"),
    [("", reading.EMPTY), ("<html>Log in</html>", reading.A_PAGE), ("BEGIN:VCALENDAR\r\nx", reading.NO_CALENDAR)],
)
def test_what_cannot_be_read_leaves_the_last_good_days_and_says_so(
    shop: Business, server: Server, diary: UUID, body: str, said: str
) -> None:
    day = in_half_a_year(shop)
    server.says(on(day))
    good = refresh(shop, server, diary)
    server.says(body)
    bad = refresh(shop, server, diary, at=time.now() + timedelta(hours=1))
    assert (bad.failure, bad.read_at, bad.busy_days) == (said, good.read_at, 1)
    assert str(bad.checked_at) > str(good.checked_at)
    assert states(shop, day) is DayState.TAKEN
    server.says(on())
    assert refresh(shop, server, diary).failure == ""
    assert states(shop, day) is DayState.FREE


def test_a_day_that_stays_busy_keeps_its_row(shop: Business, server: Server, diary: UUID) -> None:
    first, second = in_half_a_year(shop), in_half_a_year(shop, plus=1)
    server.says(on(first))
    refresh(shop, server, diary)
    with database.reading(shop.id):
        before = database.value("SELECT id FROM external_busy WHERE busy_on = %s", first)
    server.says(on(first, second))
    refresh(shop, server, diary)
    with database.reading(shop.id):
        assert database.value("SELECT id FROM external_busy WHERE busy_on = %s", first) == before


def test_failures_are_asked_about_less_and_less_often(shop: Business, server: Server, diary: UUID) -> None:
    server.says("", status=500)
    waits = []
    for _ in range(6):
        at = time.now()
        refresh(shop, server, diary, at=at)
        with database.reading(shop.id):
            waits.append((database.value("SELECT next_check_at FROM calendar_connection") - at) / timedelta(hours=1))
    assert waits == [0.5, 1, 2, 4, 6, 6]


def test_who_waits_for_a_busy_day_gets_it_when_it_frees(shop: Business, server: Server, diary: UUID) -> None:
    day = in_half_a_year(shop)
    server.says(on(day))
    refresh(shop, server, diary)
    queues.join(shop, "Zoe", on=day)
    waiting.sweep(time.now())
    with database.reading(shop.id):
        assert database.value("SELECT status FROM waitlist_entry") == "waiting"
    server.says(on())
    refresh(shop, server, diary)
    waiting.sweep(time.now())
    with database.reading(shop.id):
        assert database.value("SELECT status FROM waitlist_entry") == "offered"


def test_ending_a_connection_frees_its_days(shop: Business, server: Server, diary: UUID) -> None:
    day = in_half_a_year(shop)
    server.says(on(day))
    refresh(shop, server, diary)
    connections.end(shop.id, diary, at=time.now())
    assert states(shop, day) is DayState.FREE
    refreshing.refresh(shop.id, diary, at=time.now(), rules=server.rules)
    with pytest.raises(NotFound):
        connections.end(shop.id, diary, at=time.now())


def test_each_check_is_owed_once_by_whoever_finds_it_due(shop: Business, diary: UUID) -> None:
    def owed() -> Any:
        with database.reading(shop.id):
            return database.value("SELECT count(*) FROM outbox WHERE kind = 'calendar.refresh'")

    assert owed() == 1
    checking.ask(shop.id, diary, at=time.now())  # a check is owed already
    assert owed() == 1
    later = time.now() + timedelta(minutes=31)
    checking.owe_due(later)
    checking.owe_due(later)
    assert owed() == 2


def test_what_cannot_be_connected_is_refused(shop: Business, diary: UUID, server: Server) -> None:
    def connect(address: str, resource_id: UUID = shop.resource_id) -> None:
        connections.connect(
            shop.id, resource_id=resource_id, name="", address=address, is_whole_days_only=False, at=time.now()
        )

    for address in (server.url(), "file:///etc/passwd", "http://10.0.0.1:22/"):
        with pytest.raises(Invalid):
            connect(address)
    with pytest.raises(NotFound):
        connect(server.url("/b"), world.open_business().resource_id)
    for number in range(9):
        connect(server.url(f"/{number}"))
    with pytest.raises(Conflict):
        connect(server.url("/more"))


def test_the_owner_connects_tests_and_ends_a_calendar(app: Application, shop: Business) -> None:
    owner, staff = logged_in(app, person(shop.id)), logged_in(app, person(shop.id, Role.STAFF))
    address = f"/dashboard/{shop.slug}/settings/calendars"
    form = {"csrf_token": csrf_of(owner), "resource": str(shop.resource_id), "name": "Mine"}
    wrong = owner.post(f"{address}/busy", data={**form, "address": "http://10.0.0.1/a.ics"})
    assert (wrong.status_code, "not on the public internet" in wrong.text) == (422, True)
    secret = "https://calendars.example/private-0123456789/a.ics"
    assert owner.post(f"{address}/busy", data={**form, "address": secret}).status_code == 303
    page = owner.get(address).text
    assert "calendars.example" in page
    assert "private-0123456789" not in page
    with database.writing(shop.id):
        connection_id = database.value("SELECT id FROM calendar_connection")
        database.execute(
            "UPDATE calendar_connection SET asked_at = NULL, failure = %s, checked_at = now()", reading.A_PAGE
        )
    assert "shows a web page, perhaps a login" in owner.get(address).text
    checked = staff.post(f"{address}/busy/{connection_id}/check", data={"csrf_token": csrf_of(staff)})
    assert checked.status_code == 303
    assert "Being read now" in staff.get(address).text
    ended = f"{address}/busy/{connection_id}/end"
    assert staff.post(ended, data={"csrf_token": csrf_of(staff)}).status_code == 404
    assert owner.post(ended, data={"csrf_token": form["csrf_token"]}).status_code == 303
    assert "No calendar is connected" in owner.get(address).text


def test_the_diary_names_the_calendar(app: Application, shop: Business, server: Server, diary: UUID) -> None:
    day, sold_on = in_half_a_year(shop), in_half_a_year(shop, plus=1)
    sold.sell(shop, event_on=sold_on)
    server.says(on(day, sold_on))
    refresh(shop, server, diary)
    owner = logged_in(app, person(shop.id))
    pages = "".join(owner.get(f"/dashboard/{shop.slug}/dates?month={each:%Y-%m}").text for each in {day, sold_on})
    assert "Busy in Private" in pages
    assert "also busy in Private" in pages
