"""Somebody pays with a link that the couple has shared: its own session, its name in the timeline, no address."""

import pytest
from flask.testing import FlaskClient

from portal.bookings.states import LinkAction
from portal.db import database
from portal.kernel.ids import uuid7
from portal.lifecycle.hold import Held
from portal.web.application import Application
from tests.support import leaving, paying
from tests.support.forms import csrf_of
from tests.support.sold import Sold
from tests.support.till import Till, ledger, rows, till
from tests.support.world import Business
from tests.web.couple.test_purposes import minted

__all__ = ["till"]


@pytest.fixture
def held(till: Till, shop: Business) -> Held:
    """A booking whose deposit was paid at Stripe."""
    return leaving.sold(till, shop)


def window(app: Application, shop: Business, held: Held, action: LinkAction, label: str = "") -> FlaskClient:
    client = app.test_client()
    client.get(minted(shop, Sold(held.booking_id, held.reference, uuid7()), action, label=label))
    return client


def asked_of_stripe(shop: Business, held: Held) -> dict[str, object]:
    """What the latest attempt has asked Stripe for."""
    return dict(paying.tries(shop, held)[-1].parameters)


def test_parents_pay_and_the_timeline_tells_whose_link_it_was(
    app: Application, till: Till, shop: Business, held: Held
) -> None:
    parents = window(app, shop, held, LinkAction.PAY, "Mum & Dad")
    (rest,) = paying.open_stages(shop, held)
    answer = paying.choose(parents, held.reference, rest)
    assert (answer.status_code, answer.location) == (303, paying.tries(shop, held)[0].url)
    assert "customer_email" not in asked_of_stripe(shop, held)
    assert "couple.example" not in str(asked_of_stripe(shop, held))
    (session,) = paying.sessions(shop, held)
    till.stripe.pay(session)
    back = f"/manage/{held.reference}/paid?session={session}"
    page = parents.get(back).text
    assert "One moment" in page
    assert parents.post(back, data={"csrf_token": csrf_of(parents)}).status_code == 303
    till.work(shop)
    page = parents.get(back).text
    assert "We received $1,000.00" in page
    assert "The couple gets a receipt by email." in page
    for words in ("Open your booking", "written to you", "Anna", "couple.example"):
        assert words not in page, words
    assert ledger(shop) == [("capture", 100_000), ("capture", 100_000)]
    couple = window(app, shop, held, LinkAction.MANAGE)
    assert "$1,000.00, with the link for Mum &amp; Dad" in couple.get(f"/manage/{held.reference}").text
    payers = rows(
        shop, "SELECT details ->> 'payer' AS payer FROM booking_event WHERE kind = 'payment' ORDER BY sequence"
    )
    assert payers == [(None,), ("Mum & Dad",)]
    assert "Everything is paid" in parents.get(f"/manage/{held.reference}/pay").text


def test_each_payer_has_a_session_of_its_own(app: Application, till: Till, shop: Business, held: Held) -> None:
    couple = window(app, shop, held, LinkAction.MANAGE)
    (rest,) = paying.open_stages(shop, held)
    theirs = paying.choose(couple, held.reference, rest).location
    assert asked_of_stripe(shop, held)["customer_email"] == "anna@couple.example"
    parents = window(app, shop, held, LinkAction.PAY, "Mum")
    ours = paying.choose(parents, held.reference, rest).location
    assert ours != theirs, "Stripe's page of the couple's session shows its address"
    assert "customer_email" not in asked_of_stripe(shop, held)
    assert paying.choose(parents, held.reference, rest).location == ours
    assert paying.choose(couple, held.reference, rest).location != ours
    assert [each.status for each in paying.tries(shop, held)] == ["expired", "expired", "open"]
    del till


def test_a_link_that_was_ended_meanwhile_pays_nothing(app: Application, shop: Business, held: Held) -> None:
    parents = window(app, shop, held, LinkAction.PAY, "Mum")
    (rest,) = paying.open_stages(shop, held)
    with database.writing(shop.id):
        database.execute("UPDATE booking_action_token SET revoked_at = now() WHERE action = 'pay'")
    sent = {"csrf_token": csrf_of(parents), "stage": str(rest)}
    assert parents.post(f"/manage/{held.reference}/pay", data=sent).status_code == 410
    assert paying.tries(shop, held) == []


def test_a_browser_that_holds_everything_pays_as_the_couple(
    app: Application, till: Till, shop: Business, held: Held
) -> None:
    both = window(app, shop, held, LinkAction.MANAGE)
    both.get(minted(shop, Sold(held.booking_id, held.reference, uuid7()), LinkAction.PAY, label="Mum"))
    (rest,) = paying.open_stages(shop, held)
    assert paying.choose(both, held.reference, rest).status_code == 303
    assert paying.tries(shop, held)[0].payer_label == ""
    del till
