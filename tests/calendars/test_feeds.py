"""The calendar to subscribe: an address that only its owner is shown, and a file that every calendar understands."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import vobject
from flask.testing import FlaskClient
from icalendar import Calendar

from portal.bookings.states import Actor
from portal.calendars import feeds
from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.errors import NotFound
from portal.lifecycle import cancel, finish
from portal.web import limits
from portal.web.application import Application
from tests.support import couples, sold, world
from tests.support.couples import in_half_a_year
from tests.support.forms import csrf_of
from tests.support.people import logged_in, person
from tests.support.world import Business


@pytest.fixture(autouse=True)
def _no_limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    limits._in_process.cache_clear()
    yield
    limits._in_process.cache_clear()


def secret(shop: Business, resource: int | None = None) -> str:
    resource_id = None if resource is None else shop.resource_ids[resource]
    feeds.make(shop.id, resource_id=resource_id, at=time.now())
    with database.reading(shop.id):
        return feeds.of_tenant(shop.id)[resource_id].secret


def read(client: FlaskClient, raw: str, **headers: str) -> Any:
    return client.get(f"/calendar/{raw}.ics", headers=headers)


def events(client: FlaskClient, raw: str) -> list[Any]:
    return list(Calendar.from_ical(read(client, raw).data).walk("VEVENT"))


def unfolded(raw: bytes) -> list[bytes]:
    return sorted(raw.replace(b"\r\n ", b"").split(b"\r\n"))


def told(calendar: Any) -> dict[str, dict[str, Any]]:
    """What a calendar says, entry by entry."""
    return {
        str(event["UID"]): {name: getattr(value, "dt", value) for name, value in event.items()}
        for event in calendar.walk("VEVENT")
    }


def give_up(shop: Business, booking: Any) -> None:
    at = time.now()
    quote = cancel.see(shop.id, booking.booking_id, actor=Actor.OWNER, at=at)
    cancel.confirm(shop.id, booking.booking_id, quote.id, actor=Actor.OWNER, at=at)
    finish.finish(shop.id, booking.booking_id, at=at + timedelta(days=2))


def test_a_sold_booking_is_a_whole_day_under_a_name_that_stays(shop: Business, client: FlaskClient) -> None:
    booking = sold.sell(shop, venue="The Old Mill; Hall, 2")
    (event,) = events(client, secret(shop))
    assert event["UID"] == f"{booking.booking_id}@aisle"
    assert (event["DTSTART"].dt, event["DTSTART"].params["VALUE"]) == (in_half_a_year(shop), "DATE")
    assert event["DTEND"].dt == in_half_a_year(shop) + timedelta(days=1)
    assert (event["STATUS"], event["TRANSP"], event["LOCATION"]) == ("CONFIRMED", "OPAQUE", "The Old Mill; Hall, 2")
    assert "@" not in str(event["SUMMARY"]) + str(event["DESCRIPTION"])


def test_a_change_raises_the_sequence_and_a_cancellation_is_told(shop: Business, client: FlaskClient) -> None:
    booking, raw = sold.sell(shop), secret(shop)
    (before,) = events(client, raw)
    give_up(shop, booking)
    (after,) = events(client, raw)
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert (after["STATUS"], after["TRANSP"]) == ("CANCELLED", "TRANSPARENT")
    assert str(after["SUMMARY"]).startswith("Cancelled: ")


def test_an_independent_parser_reads_the_same_and_nothing_is_lost_on_the_way(
    shop: Business, client: FlaskClient
) -> None:
    names = ("Zoë; Ann, \\n", "Ben\u2019s “è” " + "ü" * 80)
    for plus, name in enumerate(names):
        sold.sell(shop, event_on=in_half_a_year(shop, plus=plus), first_partner=name, venue=f"{name} mill")
    shop.package("weekend", days=3)
    sold.sell(shop, package_slug="weekend", event_on=in_half_a_year(shop, plus=10))
    give_up(shop, sold.sell(shop, event_on=in_half_a_year(shop, plus=20)))
    raw = read(client, secret(shop)).data
    ours: Any = Calendar.from_ical(raw)
    assert Calendar.from_ical(ours.to_ical()) == ours
    assert unfolded(ours.to_ical()) == unfolded(raw)
    theirs = vobject.readOne(raw.decode())
    assert theirs.validate()
    assert {(e.uid.value, e.summary.value, e.location.value, e.dtstart.value, e.dtend.value, e.sequence.value)
            for e in theirs.vevent_list} == {
        (str(e["UID"]), str(e["SUMMARY"]), str(e["LOCATION"]), e["DTSTART"].dt, e["DTEND"].dt, str(e["SEQUENCE"]))
        for e in ours.walk("VEVENT")
    }  # fmt: skip
    assert Counter(e.status.value for e in theirs.vevent_list) == {"CONFIRMED": 3, "CANCELLED": 1}
    assert {(e.dtend.value - e.dtstart.value).days for e in theirs.vevent_list} == {1, 3}
    assert told(Calendar.from_ical(theirs.serialize())) == told(ours)
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert ours.errors == []


def test_a_feed_without_bookings_is_a_calendar_all_the_same(shop: Business, client: FlaskClient) -> None:
    answer = read(client, secret(shop))
    assert answer.headers["Content-Type"].startswith("text/calendar")
    calendar = Calendar.from_ical(answer.data)
    assert (calendar["X-WR-CALNAME"], calendar.walk("VEVENT")) == (shop.tenant.name, [])


def test_holds_and_what_was_never_sold_are_not_in_it(shop: Business, client: FlaskClient) -> None:
    couples.hold(shop)
    assert events(client, secret(shop)) == []


def test_a_resource_has_a_feed_of_its_own(client: FlaskClient) -> None:
    shop = world.open_business(resources=("Barn", "Garden"))
    shop.package("barn", resource=0)
    shop.package("garden", resource=1)
    in_barn = sold.sell(shop, package_slug="barn")
    in_garden = sold.sell(shop, package_slug="garden")
    both, garden = secret(shop), secret(shop, 1)
    assert {str(e["UID"])[:36] for e in events(client, both)} == {str(in_barn.booking_id), str(in_garden.booking_id)}
    assert [str(e["UID"])[:36] for e in events(client, garden)] == [str(in_garden.booking_id)]


def test_what_has_not_changed_is_not_sent_again(shop: Business, client: FlaskClient) -> None:
    booking, raw = sold.sell(shop), secret(shop)
    first = read(client, raw)
    again = read(client, raw, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert read(client, raw).data == first.data
    give_up(shop, booking)
    changed = read(client, raw, **{"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_a_new_address_ends_the_old_one(shop: Business, client: FlaskClient) -> None:
    old = secret(shop)
    assert read(client, old).status_code == 200
    new = secret(shop)
    assert (read(client, old).status_code, read(client, new).status_code) == (404, 200)
    feeds.end(shop.id, resource_id=None)
    assert read(client, new).status_code == 404


def test_every_secret_that_opens_nothing_looks_the_same(shop: Business, client: FlaskClient) -> None:
    old = secret(shop)
    secret(shop)
    answers = [read(client, raw) for raw in (old, "x" * 43, "x", "é" * 43)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1


def test_guessing_and_reading_too_often_are_stopped(shop: Business, client: FlaskClient) -> None:
    raw = secret(shop)
    assert {read(client, raw).status_code for _ in range(240)} == {200}
    too_many = read(client, raw)
    assert (too_many.status_code, "Retry-After" in too_many.headers) == (429, True)
    assert [read(client, "y" * 43).status_code for _ in range(101)][-1] == 429


def test_no_row_holds_a_secret_that_opens_the_feed(shop: Business) -> None:
    raw = secret(shop)
    with database.reading(shop.id):
        assert raw not in str(database.rows("SELECT * FROM calendar_feed"))


def test_after_a_change_of_the_key_an_address_goes_on_but_is_not_shown(
    shop: Business, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = secret(shop)
    monkeypatch.setattr(feeds, "_secret", lambda _: "z" * 43)
    with database.reading(shop.id):
        assert feeds.of_tenant(shop.id)[None].secret == ""
    assert read(client, raw).status_code == 200


def test_a_feed_of_somebody_elses_resource_is_not_made(shop: Business) -> None:
    with pytest.raises(NotFound):
        feeds.make(shop.id, resource_id=world.open_business().resource_id, at=time.now())


def test_the_owner_makes_shows_and_ends_an_address_and_nobody_else_sees_it(app: Application, shop: Business) -> None:
    address = f"/dashboard/{shop.slug}/settings/calendars"
    owner, staff = logged_in(app, person(shop.id)), logged_in(app, person(shop.id, Role.STAFF))
    form = {"csrf_token": csrf_of(owner), "resource": ""}
    assert owner.post(f"{address}/feed", data=form).status_code == 303
    with database.reading(shop.id):
        raw = feeds.of_tenant(shop.id)[None].secret
    assert f"/calendar/{raw}.ics" in owner.get(address).text
    assert raw not in staff.get(address).text
    refused = staff.post(f"{address}/feed", data={"csrf_token": csrf_of(staff), "resource": ""})
    assert refused.status_code == 404
    assert owner.post(f"{address}/feed", data={**form, "resource": "x"}).status_code == 404
    assert owner.post(f"{address}/feed/end", data=form).status_code == 303
    assert raw not in owner.get(address).text


def test_the_log_never_holds_the_address(
    shop: Business, client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = secret(shop)
    read(client, raw)
    read(client, "q" * 43)
    told = capsys.readouterr().err
    assert "/calendar/<token>.ics" in told
    assert raw not in told
    assert "q" * 43 not in told


def test_old_weddings_leave_the_feed(shop: Business, client: FlaskClient) -> None:
    booking, raw = sold.sell(shop), secret(shop)
    with database.writing(shop.id):
        database.execute(
            "UPDATE booking SET event_on = %s WHERE id = %s",
            time.now().date() - timedelta(days=400),
            booking.booking_id,
        )
    assert events(client, raw) == []
