"""An owner connects a calendar at Google: once with a wrong key, then with a right one, until it is revoked."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.calendars import checking, refreshing
from portal.db import database
from portal.devtools.google_emulator import GoogleEmulator
from portal.identity.roles import Role
from portal.kernel import time
from portal.web.application import Application
from tests.support import google as elsewhere
from tests.support.couples import in_half_a_year
from tests.support.forms import csrf_of
from tests.support.google import Diary
from tests.support.people import logged_in, person
from tests.support.windows import SCREENS, Screen, log_in, read, window
from tests.support.world import Business, open_business

CALENDAR = "weddings@group.calendar.google.com"


@pytest.fixture
def google(connected: object, shop: Business) -> Iterator[GoogleEmulator]:
    with elsewhere.running() as emulator:
        emulator.make_calendar(CALENDAR)
        yield emulator
        with database.writing(shop.id):
            database.execute("DELETE FROM external_busy")
            database.execute("DELETE FROM calendar_connection")


def connection_id(shop: Business) -> UUID:
    with database.reading(shop.id):
        found: UUID = database.value("SELECT id FROM calendar_connection")
    return found


def ask(shop: Business) -> None:
    refreshing.refresh(shop.id, connection_id(shop), at=time.now())


@pytest.mark.slow
@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_the_pages_can_be_read_and_say_what_is_wrong(
    chromium: Browser, site: str, shop: Business, google: GoogleEmulator, screen: Screen
) -> None:
    page = window(chromium, screen)
    log_in(page, site, shop)
    page.goto(f"{site}/dashboard/{shop.slug}/settings/calendars")
    page.get_by_role("link", name="Have your bookings entered into Google Calendar").click()
    read(page, f"google-form-{screen}")
    key = google.make_key()
    page.fill("[name=key]", key[:900])
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("Please copy the calendar ID")).to_be_visible()
    expect(page.locator("[name=key]")).to_have_value("")
    read(page, f"google-form-wrong-{screen}")
    fill(page, key)
    expect(page.get_by_text("Being read now.")).to_be_visible()
    read(page, f"google-asked-{screen}")
    day = in_half_a_year(shop).isoformat()
    google.enter(CALENDAR, f"{day}T10:00:00Z", f"{day}T12:00:00Z")
    ask(shop)
    expect(page.get_by_text("1 day ahead is busy.")).to_be_visible()
    expect(page.get_by_text("Your bookings are entered into it")).to_be_visible()
    read(page, f"google-good-{screen}")
    google.revoke()
    page.get_by_role("button", name="Test it now").click()
    ask(shop)
    expect(page.get_by_text("Google does not accept this key.")).to_be_visible()
    expect(page.get_by_text("when we could last read it, still hold.")).to_be_visible()
    read(page, f"google-revoked-{screen}")
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("Being disconnected")).to_be_visible()
    read(page, f"google-ending-{screen}")
    page.get_by_role("button", name="Leave them there").click()
    expect(page.get_by_text("No calendar is connected.")).to_be_visible()
    page.context.close()


def fill(page: Page, key: str) -> None:
    page.fill("[name=key]", key)
    page.fill("[name=calendar_id]", CALENDAR)
    page.fill("[name=name]", "Weddings")
    page.get_by_role("button", name="Connect").click()


def test_a_key_is_for_the_owner_alone_and_shown_to_nobody(
    app: Application, shop: Business, google: GoogleEmulator
) -> None:
    owner, staff = logged_in(app, person(shop.id)), logged_in(app, person(shop.id, Role.STAFF))
    stranger = logged_in(app, person(open_business().id))
    address, key = f"/dashboard/{shop.slug}/settings/calendars/google", google.make_key()
    form = {"resource": str(shop.resource_id), "name": "Mine", "calendar_id": CALENDAR, "key": key}
    for other in (staff, stranger):
        assert other.get(address).status_code == 404
        assert other.post(address, data={**form, "csrf_token": csrf_of(other)}).status_code == 404
    for wrong in ({"calendar_id": ""}, {"key": key[:800]}, {"name": "x" * 70}, {"resource": str(shop.id)}):
        answer = owner.post(address, data={**form, **wrong, "csrf_token": csrf_of(owner)})
        assert answer.status_code == (404 if "resource" in wrong else 422)
        assert "BEGIN PRIVATE" not in answer.text
        assert key[300:340] not in answer.text
    assert owner.post(address, data={**form, "csrf_token": csrf_of(owner)}).status_code == 303
    diary = Diary(google, shop, CALENDAR, "", connection_id(shop))
    assert "BEGIN" not in diary.row().secret
    for each in (owner, staff):
        assert "BEGIN" not in each.get(f"/dashboard/{shop.slug}/settings/calendars").text
    filled = owner.get(f"{address}?connection={diary.id}")
    assert (CALENDAR in filled.text, "BEGIN" in filled.text) == (True, False)
    for unknown in ("x", shop.id):
        assert owner.get(f"{address}?connection={unknown}").status_code == 404
    assert stranger.get(f"{address}?connection={diary.id}").status_code == 404


def test_its_owner_says_whether_bookings_belong_there_and_need_no_key_to_change_it(
    app: Application, shop: Business, google: GoogleEmulator
) -> None:
    owner, address = logged_in(app, person(shop.id)), f"/dashboard/{shop.slug}/settings/calendars/google"
    assert chosen(owner.get(address).text)
    form = {"resource": str(shop.resource_id), "name": "Mine", "calendar_id": CALENDAR, "csrf_token": csrf_of(owner)}
    assert owner.post(address, data=form).status_code == 422
    assert owner.post(address, data={**form, "key": google.make_key(), "has_bookings": "1"}).status_code == 303
    change = f"{address}?connection={connection_id(shop)}"
    assert chosen(owner.get(change).text)
    assert owner.post(address, data=form).status_code == 303
    assert not chosen(owner.get(change).text)
    ask(shop)
    assert "It is only read" in owner.get(f"/dashboard/{shop.slug}/settings/calendars").text


def chosen(form: str) -> bool:
    """Whether bookings are to be put there, as the form has it."""
    return " checked" in form.partition('name="has_bookings"')[2].partition(">")[0]


def test_only_a_calendar_that_is_being_disconnected_is_forgotten(
    app: Application, shop: Business, google: GoogleEmulator
) -> None:
    diary = elsewhere.connect(google, shop)
    owner, staff = logged_in(app, person(shop.id)), logged_in(app, person(shop.id, Role.STAFF))
    busy = f"/dashboard/{shop.slug}/settings/calendars/busy/{diary.id}"
    assert owner.post(f"{busy}/leave", data={"csrf_token": csrf_of(owner)}).status_code == 404
    assert owner.post(f"{busy}/end", data={"csrf_token": csrf_of(owner)}).status_code == 303
    checking.ask(shop.id, diary.id, at=time.now())
    assert staff.post(f"{busy}/leave", data={"csrf_token": csrf_of(staff)}).status_code == 404
    assert owner.post(f"{busy}/leave", data={"csrf_token": csrf_of(owner)}).status_code == 303
    assert diary.row() is None
