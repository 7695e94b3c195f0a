"""A move that costs something: to Stripe and back, kept while it is paid, given up, too late, and Stripe away."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.bookings import tokens
from portal.bookings.states import LinkAction
from portal.db import database
from portal.kernel import time
from portal.lifecycle import move_lapse
from portal.lifecycle.hold import Held
from tests.messages.conftest import mail_folder
from tests.support import leaving, mailroom, shifting
from tests.support.mailroom import letters
from tests.support.sold import Sold
from tests.support.till import Till, refunds, rows, till
from tests.support.world import Business
from tests.web.couple.conftest import link_to
from tests.web.couple.test_move_pages import send, shown

__all__ = ["mail_folder", "till"]
SESSION = re.compile(r"cs_test_\w+")


@dataclass(frozen=True)
class Scene:
    """A couple whose moves cost 50.00, in its browser, and the day that it wants."""

    till: Till
    shop: Business
    held: Held
    client: FlaskClient
    old: date
    new: date

    @property
    def home(self) -> str:
        return f"/manage/{self.held.reference}"

    @property
    def day(self) -> date:
        return shifting.day(self.shop, self.held)

    def page(self, path: str = "") -> str:
        return self.client.get(f"{self.home}{path}").text

    def send(self, page: str, path: str, **fields: str) -> TestResponse:
        return send(self.client, page, f"{self.home}/{path}", **fields)

    def confirm(self) -> TestResponse:
        address = shown(self.client, self.home, self.new)
        page = self.client.get(address).text
        for words in (
            "Pay $50.00 and move the date",
            "Fee",
            "$2,050.00",
            "Due now",
            "Once the whole $2,050.00 is paid",
        ):
            assert words in page
        return send(self.client, page, address)


@pytest.fixture
def scene(till: Till, client: FlaskClient, shop: Business) -> Scene:
    held = leaving.sold(till, shop)
    shifting.terms(shop, held, free_moves="0", fees_cents="[5000]")
    client.get(link_to(shop, Sold(held.booking_id, held.reference, held.booking_id)))
    return Scene(till, shop, held, client, shifting.day(shop, held), shifting.later(shop))


def session_in(answer: TestResponse) -> str:
    assert answer.status_code == 303, answer.text
    found = SESSION.search(str(answer.location))
    assert found, answer.location
    return found[0]


def test_paid_in_time_the_date_moves(scene: Scene) -> None:
    session = session_in(scene.confirm())
    assert shifting.claimed(scene.shop) == {scene.old, scene.new}
    for path in ("", "/reschedule"):
        page = scene.page(path)
        assert "We keep" in page
        assert "Pay $50.00" in page
    assert session_in(scene.send(page, "reschedule/pay")) == session
    assert f'href="{scene.home}/pay"' not in scene.page()
    assert "$50.00" not in scene.page("/pay")
    scene.till.stripe.pay(session)
    waiting = scene.page(f"/paid?session={session}")
    assert "One moment, please" in waiting
    scene.till.deliver()
    page = scene.page(f"/paid?session={session}")
    assert "We received $50.00" in page
    assert "Your date is now" in page
    assert (scene.day, shifting.claimed(scene.shop)) == (scene.new, {scene.new})
    page = scene.page()
    assert "fee $50.00" in page
    assert "We keep" not in page
    assert "Fee for moving the date" in page


def test_given_up_everything_is_as_it_was(scene: Scene) -> None:
    session_in(scene.confirm())
    page = scene.page()
    answer = scene.send(page, "reschedule/keep")
    assert (answer.status_code, answer.location) == (303, scene.home)
    assert "Your date stays as it was" in scene.page()
    assert (scene.day, shifting.claimed(scene.shop)) == (scene.old, {scene.old})
    assert rows(scene.shop, "SELECT status FROM checkout WHERE purpose = 'move'") == [("expired",)]
    for path in ("keep", "pay"):
        again = scene.send(page, f"reschedule/{path}")
        assert (again.status_code, "waits for its payment any more" in again.text) == (409, True)


def test_a_payment_that_was_faster_than_giving_up_moves_the_date(scene: Scene) -> None:
    session = session_in(scene.confirm())
    page = scene.page()
    scene.till.stripe.pay(session)
    answer = scene.send(page, "reschedule/keep")
    scene.till.deliver()
    assert answer.status_code in {303, 409}
    assert scene.day == scene.new
    assert refunds(scene.shop) == []


def test_not_paid_in_time_the_page_says_so_and_nothing_changed(scene: Scene) -> None:
    session_in(scene.confirm())
    page = scene.page()
    late = time.now() + timedelta(hours=1)
    with database.writing(scene.shop.id):
        database.execute("UPDATE change_quote SET expires_at = %s WHERE status = 'confirmed'", time.now())
    assert move_lapse.lapse(scene.shop.id, scene.held.booking_id, at=late)
    answer = scene.send(page, "reschedule/pay")
    assert (answer.status_code, "waits for its payment any more" in answer.text) == (409, True)
    assert "stays as it was" in scene.page()
    assert (scene.day, shifting.claimed(scene.shop)) == (scene.old, {scene.old})


def test_stripe_away_keeps_the_day_and_offers_to_try_again(scene: Scene) -> None:
    scene.till.stripe.fail_next("POST", "/v1/checkout/sessions", status=503, times=9)
    answer = scene.confirm()
    assert (answer.status_code, "did not answer" in answer.text) == (503, True)
    assert answer.headers["Retry-After"]
    assert scene.new in shifting.claimed(scene.shop)
    scene.till.stripe.clear_faults()
    session = session_in(scene.send(answer.text, "reschedule/pay"))
    scene.till.stripe.pay(session)
    scene.till.deliver()
    assert scene.day == scene.new


def test_the_same_figures_confirmed_twice_lead_to_one_payment(scene: Scene) -> None:
    address = shown(scene.client, scene.home, scene.new)
    page = scene.client.get(address).text
    first, second = (session_in(send(scene.client, page, address)) for _ in range(2))
    assert first == second
    other = shifting.later(scene.shop, 9)
    answer = scene.send(page, "reschedule", event_on=str(other))
    assert (answer.status_code, "give" in answer.text) == (409, True)
    assert rows(scene.shop, "SELECT count(*) FROM checkout WHERE purpose = 'move'") == [(1,)]


def test_with_a_link_for_moving_alone_it_goes_as_far_as_the_move(scene: Scene) -> None:
    minted = tokens.mint(scene.shop.id, scene.held.booking_id, action=LinkAction.RESCHEDULE, at=time.now())
    narrow = replace(scene, client=scene.client.application.test_client())
    assert narrow.client.get(f"/m/{minted.raw}").location == f"{scene.home}/reschedule"
    session_in(narrow.confirm())
    page = narrow.page("/reschedule")
    assert f'href="{scene.home}"' not in page
    answer = narrow.send(page, "reschedule/keep")
    assert answer.location == f"{scene.home}/reschedule"
    page = narrow.page("/reschedule")
    assert "Your date stays as it was" in page
    session = session_in(narrow.confirm())
    scene.till.stripe.pay(session)
    scene.till.deliver()
    page = narrow.page(f"/paid?session={session}")
    assert "Your date is now" in page
    assert "Open your booking" not in page
    assert scene.day == scene.new
    assert narrow.client.get(f"{scene.home}/reschedule").status_code == 410


def test_a_move_that_was_not_paid_in_time_is_told(scene: Scene, mail_folder: Path) -> None:
    mailroom.drain(scene.shop.id)
    session_in(scene.confirm())
    with database.writing(scene.shop.id):
        database.execute("UPDATE change_quote SET expires_at = %s WHERE status = 'confirmed'", time.now())
    move_lapse.lapse(scene.shop.id, scene.held.booking_id, at=time.now() + timedelta(hours=1))
    mailroom.drain(scene.shop.id)
    told = [letter for letter in letters(mail_folder) if "stays as it was" in letter.subject]
    assert {letter.to for letter in told} == {"anna@couple.example", "ben@couple.example"}
    assert "No payment came in time" in told[0].text
    assert "No payment came in time" in told[0].html
