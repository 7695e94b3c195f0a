"""Keys and addresses of calendars are in no database, log or page, and outlive an exchange of what encrypts them."""

import base64
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg2
import pytest

from portal import settings
from portal.calendars import connections, errors, google_connecting, opening, refreshing, standing
from portal.calendars.google_connecting import Given
from portal.db import database
from portal.devtools.embedded_postgres import Cluster
from portal.devtools.google_emulator import GoogleEmulator
from portal.kernel import rings, time
from portal.settings import Settings
from portal.web.application import Application
from tests.support import google as elsewhere
from tests.support import people
from tests.support.forms import csrf_of
from tests.support.google import Diary
from tests.support.world import Business, open_shop

OLD, NEW = (f"{number}:{base64.b64encode(bytes([number] * 32)).decode()}" for number in (1, 2))
ADDRESS = "https://calendars.example/private-c0ffee0123456789/basic.ics"


@pytest.fixture
def ring(connected: Settings) -> Iterator[Callable[[str], None]]:
    """Makes a ring the one of this process."""
    before = settings.current()
    yield lambda text: settings.install(replace(settings.current(), secrets_ring=rings.parse(text)))
    settings.install(before)


@pytest.fixture
def google(own_database: str) -> Iterator[GoogleEmulator]:
    with elsewhere.running() as emulator:
        yield emulator


@pytest.fixture
def house(own_database: str) -> Business:
    return open_shop()


def view(shop: Business, name: str) -> standing.ConnectionView:
    with database.reading(shop.id):
        (found,) = [each for each in standing.of_tenant(shop.id, today=time.now().date()) if each.name == name]
    return found


def connect_address(shop: Business) -> None:
    connections.connect(
        shop.id, resource_id=shop.resource_id, name="Feed", address=ADDRESS, is_whole_days_only=False, at=time.now()
    )


def test_nothing_secret_is_in_the_database_or_the_log(
    house: Business, google: GoogleEmulator, cluster: Cluster, own_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = google.make_key()
    google.make_calendar("a@group.calendar.google.com")
    given = Given(house.resource_id, "Google", key, "a@group.calendar.google.com", is_whole_days_only=False)
    connection_id = google_connecting.connect(house.id, given, at=time.now())
    connect_address(house)
    refreshing.refresh(house.id, connection_id, at=time.now())
    google.revoke()
    refreshing.refresh(house.id, connection_id, at=time.now())
    assert view(house, "Google").failure == errors.WRONG_KEY
    secret = json.loads(key)["private_key"].splitlines()[3]
    told = caplog.text + everything(cluster.superuser_url, own_database)
    assert "a@group.calendar.google.com" in told
    for hidden in (secret, "private-c0ffee", "BEGIN PRIVATE", "ya29", json.loads(key)["private_key_id"]):
        assert hidden not in told, hidden


def everything(superuser_url: str, name: str) -> str:
    """Every row of every table."""
    connection = psycopg2.connect(superuser_url, dbname=name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        parts = []
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ''), '') FROM {table} t")
            parts += [row[0] for row in cursor.fetchall()]
    connection.close()
    return "".join(parts)


def test_a_key_that_is_exchanged_loses_nothing(
    house: Business, google: GoogleEmulator, ring: Callable[[str], None], app: Application
) -> None:
    ring(OLD)
    diary = elsewhere.connect(google, house)
    connect_address(house)
    ring(f"{NEW},{OLD}")
    refreshing.refresh(house.id, diary.id, at=time.now())
    assert view(house, "At Google").failure == ""
    assert rotate(app) == (0, "2 encrypted anew with the key “2”.\n")
    assert rotate(app) == (0, "0 encrypted anew with the key “2”.\n")
    ring(NEW)
    refreshing.refresh(house.id, diary.id, at=time.now())
    assert view(house, "At Google").failure == ""
    with database.reading(house.id):
        row = database.row("SELECT id, secret FROM calendar_connection WHERE kind = 'address'")
        assert row
        assert opening.address(house.id, row.id, row.secret) == ADDRESS


def test_without_its_key_a_connection_asks_to_be_connected_again_and_keeps_its_days(
    house: Business, google: GoogleEmulator, ring: Callable[[str], None], app: Application
) -> None:
    ring(OLD)
    diary = elsewhere.connect(google, house)
    connect_address(house)
    google.enter(diary.calendar_id, "2027-06-01", "2027-06-02")
    refreshing.refresh(house.id, diary.id, at=time.now())
    good = view(house, "At Google")
    ring(NEW)
    for name in ("At Google", "Feed"):
        refreshing.refresh(house.id, view(house, name).id, at=time.now())
        assert view(house, name).failure == opening.UNREADABLE
    bad = view(house, "At Google")
    assert (bad.busy_days, bad.read_at, bad.refusal) == (good.busy_days, good.read_at, opening.UNREADABLE)
    code, told = rotate(app)
    assert code == 1
    assert told.count("its owner must connect again") == 2
    owner = people.logged_in(app, people.person(house.id))
    page = owner.get(f"/dashboard/{house.slug}/settings/calendars")
    assert (page.status_code, "cannot be read any more. Please connect it again" in page.text) == (200, True)
    connect_again(owner, house, diary)
    refreshing.refresh(house.id, diary.id, at=time.now())
    assert view(house, "At Google").failure == ""


def connect_again(owner: Any, house: Business, diary: Diary) -> None:
    address = f"/dashboard/{house.slug}/settings/calendars/google"
    form = owner.get(f"{address}?connection={diary.id}")
    assert diary.calendar_id in form.text
    told = {"resource": str(house.resource_id), "name": "At Google", "calendar_id": diary.calendar_id}
    key = diary.google.make_key(diary.email)
    assert owner.post(address, data={**told, "key": key, "csrf_token": csrf_of(owner)}).status_code == 303


def test_a_value_of_another_row_opens_nothing(house: Business, google: GoogleEmulator) -> None:
    first, second = elsewhere.connect(google, house), elsewhere.connect(google, house)
    with database.writing(house.id):
        database.execute("UPDATE calendar_connection SET secret = %s WHERE id = %s", first.row().secret, second.id)
    refreshing.refresh(house.id, second.id, at=time.now())
    assert second.row().failure == opening.UNREADABLE


def rotate(app: Application) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["secrets", "rotate"])
    return result.exit_code, result.output
