"""The owner chooses which reminders couples get and when, and sees on a booking's page what is going to be sent."""

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal import settings as module
from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.messages import planning
from portal.messages.schedule import COURSES
from portal.web.application import Application
from tasks import claims
from tests.support import plans, sold
from tests.support.forms import csrf_of
from tests.support.people import logged_in, person
from tests.support.sold import Sold
from tests.support.world import Business

GIVEN = {
    f"{name}_{kind}": text
    for kind, course in COURSES.items()
    for name, text in (("on", "1"), ("days", str(course.days)), ("at", f"{course.at:%H:%M}"))
}


def save(client: FlaskClient, shop: Business, **changes: str) -> Any:
    address = f"/dashboard/{shop.slug}/settings/reminders"
    return client.post(address, data={"csrf_token": csrf_of(client), **GIVEN, **changes})


def kept(shop: Business) -> Any:
    with database.reading(shop.id):
        return database.value("SELECT reminder_plan FROM tenant WHERE id = %s", shop.id)


def planned(shop: Business) -> Sold:
    booking = sold.sell(shop)
    planning.keep_up(shop.id, booking.booking_id, at=time.now())
    return booking


def states(shop: Business) -> dict[str, int]:
    return dict(Counter(row.status for row in plans.reminders(shop)))


def begin(shop: Business) -> None:
    """A worker begins with everything that is to be sent."""
    with database.reading(shop.id):
        owed = database.rows("SELECT id FROM outbox WHERE kind = 'message.send' AND status = 'due'")
    assert all(claims.claim(row.id, at=time.now(), lease=60) for row in owed)


def test_the_owner_sets_the_plan_and_finds_it_again(app: Application, shop: Business) -> None:
    owner = logged_in(app, person(shop.id))
    page = owner.get(f"/dashboard/{shop.slug}/settings/reminders").text
    assert page.count(" checked") == len(COURSES)
    assert save(owner, shop, on_follow_up="", days_event_soon="5", at_event_soon="08:15").status_code == 303
    assert kept(shop)["follow_up"]["is_on"] is False
    assert kept(shop)["event_soon"] == {"is_on": True, "days": 5, "at": "08:15"}
    page = owner.get(f"/dashboard/{shop.slug}/settings/reminders").text
    assert 'value="08:15"' in page
    assert page.count(" checked") == len(COURSES) - 1


@pytest.mark.parametrize(
    ("name", "text"),
    [("days_event_soon", "0"), ("days_event_soon", ""), ("days_follow_up", "91"), ("days_balance_last", "-1"),
     ("days_balance_due", "1"), ("at_event_eve", "25:00"), ("at_event_eve", ""), ("at_event_eve", "2 pm")],
)  # fmt: skip
def test_what_makes_no_sense_is_told_at_its_field(app: Application, shop: Business, name: str, text: str) -> None:
    answer = save(logged_in(app, person(shop.id)), shop, **{name: text})
    assert answer.status_code == 422
    assert f'id="f-{name}-error"' in answer.text or name == "days_balance_due"
    assert kept(shop) == {}


def test_only_the_owner_sets_it(app: Application, shop: Business) -> None:
    assert save(logged_in(app, person(shop.id, Role.STAFF)), shop).status_code == 404
    assert kept(shop) == {}


def test_the_booking_shows_every_coming_message_with_its_preview(app: Application, shop: Business) -> None:
    booking = planned(shop)
    client = logged_in(app, person(shop.id))
    address = f"/dashboard/{shop.slug}/bookings/{booking.reference}"
    page = client.get(address).text
    links = re.findall(r'href="([^"]+/messages/[^"]+)"', page)
    assert len(links) == len(COURSES)
    for link in links:
        preview = client.get(link)
        assert (preview.status_code, "Juniper &amp; Rye" in preview.text) == (200, True)
        framed = client.get(f"{link}/html")
        assert "frame-ancestors 'self'" in framed.headers["Content-Security-Policy"]
        assert "/m/" not in preview.text + framed.text


def test_the_page_leaves_out_sends_pauses_and_goes_on(app: Application, shop: Business) -> None:
    booking = planned(shop)
    client = logged_in(app, person(shop.id))
    address = f"/dashboard/{shop.slug}/bookings/{booking.reference}"

    def press(verb: str) -> str:
        action = re.search(rf'action="([^"]+/{verb})"', client.get(address).text)
        assert action, verb
        answer = client.post(action[1], data={"csrf_token": csrf_of(client)}, follow_redirects=True)
        assert answer.status_code == 200
        return answer.text

    assert "is left out" in press("skip")
    assert "on its way" in press("send")
    assert "can still be stopped" in client.get(address).text
    assert states(shop) == {"skipped": 2, "due": 2, "planned": 2 * len(COURSES) - 4}
    paused = press("pause")
    assert "are paused" in paused
    assert "could not be stopped" not in paused
    assert "/send" not in client.get(address).text
    assert states(shop) == {"skipped": 2, "planned": 2 * len(COURSES) - 2}
    assert "go on" in press("resume")
    assert "on its way" in press("send")
    begin(shop)
    assert "2 emails were leaving at that moment and could not be stopped." in press("pause")
    assert states(shop)["due"] == 2


def test_who_may_only_look_sees_no_buttons(app: Application, shop: Business) -> None:
    booking = planned(shop)
    viewer = logged_in(app, person(shop.id, Role.VIEWER))
    page = viewer.get(f"/dashboard/{shop.slug}/bookings/{booking.reference}").text
    assert "Coming messages" in page
    assert "/messages/pause" not in page
    assert "/skip" not in page


def test_switched_off_the_pages_say_so(app: Application, shop: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    before = module.current()
    off = replace(before, features=replace(before.features, reminders=False))
    booking, client = sold.sell(shop), logged_in(app, person(shop.id))
    module.install(off)
    try:
        planning.keep_up(shop.id, booking.booking_id, at=time.now())
        for path in (f"bookings/{booking.reference}", "settings/reminders"):
            page = client.get(f"/dashboard/{shop.slug}/{path}").text
            assert "switched off on this installation" in page
    finally:
        module.install(before)
    assert plans.reminders(shop) == []
