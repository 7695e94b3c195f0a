"""The link in a mail after the event: looking changes nothing, one POST without a page before it stops these mails."""

from datetime import timedelta

import pytest

from portal.db import database
from portal.kernel import time
from portal.messages import follow_ups, planning
from portal.promises.fingerprints import fingerprints
from portal.web.application import Application
from tests.support import plans, sold
from tests.support.world import Business

ANNA = "anna@couple.example"


def stopped(shop: Business) -> list[str]:
    with database.reading(shop.id):
        return [row.email for row in database.rows("SELECT email FROM follow_up_stop")]


def test_looking_changes_nothing(app: Application, shop: Business) -> None:
    raw = follow_ups.mint(shop.id, ANNA, at=time.now())
    before = fingerprints()
    for method in ("GET", "HEAD", "OPTIONS"):
        assert app.test_client().open(f"/unsubscribe/{raw}", method=method).status_code == 200
    page = app.test_client().get(f"/unsubscribe/{raw}")
    assert "Juniper &amp; Rye" in page.text
    assert ANNA not in page.text
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert fingerprints() == before


def test_a_mail_programs_post_stops_them_at_once_and_twice_is_once(app: Application, shop: Business) -> None:
    booking = sold.sell(shop)
    planning.keep_up(shop.id, booking.booking_id, at=time.now())
    raw = follow_ups.mint(shop.id, "Anna@couple.example", at=time.now())
    for _ in range(2):
        answer = app.test_client().post(f"/unsubscribe/{raw}", data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, "no more emails" in answer.text) == (200, True)
    assert stopped(shop) == [ANNA]
    follow_up = {row.recipient: row.status for row in plans.reminders(shop) if row.kind == "follow_up"}
    assert follow_up == {ANNA: "cancelled", "ben@couple.example": "planned"}
    assert len(plans.reminders(shop, "planned")) == 13
    assert "no more emails" in app.test_client().get(f"/unsubscribe/{raw}").text


@pytest.mark.parametrize("change", [lambda raw: raw[:-1], lambda raw: raw + "x", lambda raw: raw.swapcase()])
def test_a_link_that_is_none_stops_nothing(app: Application, shop: Business, change: object) -> None:
    assert callable(change)
    raw = change(follow_ups.mint(shop.id, ANNA, at=time.now()))
    for method in ("GET", "POST"):
        assert app.test_client().open(f"/unsubscribe/{raw}", method=method).status_code == 410
    assert stopped(shop) == []


def test_a_link_ends(app: Application, shop: Business) -> None:
    raw = follow_ups.mint(shop.id, ANNA, at=time.now() - follow_ups.LIVES - timedelta(seconds=1))
    assert app.test_client().post(f"/unsubscribe/{raw}").status_code == 410
    assert stopped(shop) == []
