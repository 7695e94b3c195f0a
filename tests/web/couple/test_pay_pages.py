"""The couple pays in its browser, without JavaScript: choose, Stripe's page, back again, and what is too late."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from portal.db import database
from portal.devtools.stripe_emulator import CARD_DELAYED
from portal.kernel import time
from portal.kernel.ids import uuid7
from portal.lifecycle.hold import Held
from portal.web.application import Application
from tests.support import couples, leaving, paying, world
from tests.support.forms import csrf_of
from tests.support.sold import Sold
from tests.support.statements import statements
from tests.support.till import Till, ledger, stages, till
from tests.support.world import Business
from tests.web.couple.conftest import link_to

__all__ = ["till"]
SESSIONS = "/v1/checkout/sessions"


@pytest.fixture
def held(till: Till, shop: Business) -> Held:
    """A booking whose deposit was paid at Stripe."""
    return leaving.sold(till, shop)


@pytest.fixture
def home(client: FlaskClient, shop: Business, held: Held) -> str:
    """The couple's page, opened by its link."""
    return entered(client, shop, held)


def entered(client: FlaskClient, shop: Business, held: Held) -> str:
    client.get(link_to(shop, as_sold(held)))
    return f"/manage/{held.reference}"


def as_sold(held: Held) -> Sold:
    assert held.checkout_id
    return Sold(held.booking_id, held.reference, held.checkout_id)


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_from_the_booking_to_stripe_and_back(
    till: Till, client: FlaskClient, home: str, shop: Business, held: Held
) -> None:
    assert f'href="{home}/pay"' in client.get(home).text
    page = client.get(f"{home}/pay").text
    assert "Remainder $1,000.00" in text_of(page)
    assert 'type="checkbox"' not in page
    (rest,) = paying.open_stages(shop, held)
    answer = paying.choose(client, held.reference, rest)
    assert (answer.status_code, answer.location) == (303, paying.tries(shop, held)[0].url)
    (session,) = paying.sessions(shop, held)
    till.stripe.pay(session)
    back = f"{home}/paid?session={session}"
    page = client.get(back).text
    assert "One moment" in page
    assert client.post(back, data={"csrf_token": csrf_of(client)}).status_code == 303
    till.work(shop)
    page = client.get(back).text
    assert "We received $1,000.00" in page
    assert "Everything is paid now" in page
    assert "Everything is paid" in client.get(home).text
    assert f'href="{home}/pay"' not in client.get(home).text
    assert "Everything is paid" in client.get(f"{home}/pay").text
    assert ledger(shop) == [("capture", 100_000), ("capture", 100_000)]
    assert paying.captured_at_stripe(till) == [100_000, 100_000]


def test_what_is_due_is_ticked_and_overdue_is_said_plainly(
    client: FlaskClient, home: str, shop: Business, held: Held
) -> None:
    today = shop.tenant.today(time.now())
    first, second = paying.in_instalments(shop, held, 40_000, 60_000)
    with database.writing(shop.id):
        late = "UPDATE booking_payment_stage SET due_on = %s WHERE id = %s"
        database.execute(late, today - timedelta(days=3), second)
    page = client.get(f"{home}/pay").text
    ticked = re.findall(r'value="([0-9a-f-]{36})"\s*checked', page)
    assert ticked == [str(second)]
    assert "Overdue since" in text_of(page)
    assert "Overdue since" in text_of(client.get(home).text)
    assert "Total of what is ticked $600.00" in text_of(page)
    added = paying.choose(client, held.reference, first, second, intent="sum")
    assert (added.status_code, "Total of what is ticked $1,000.00" in text_of(added.text)) == (200, True)
    fragment = client.get(f"{home}/pay?stage={first}", headers={"HX-Request": "true", "HX-Target": "pay-total"}).text
    assert text_of(fragment) == "Total of what is ticked $400.00"
    assert paying.tries(shop, held) == []


def test_nothing_ticked_is_told_at_the_choice(client: FlaskClient, home: str, shop: Business, held: Held) -> None:
    paying.in_instalments(shop, held, 40_000, 60_000)
    answer = paying.choose(client, held.reference)
    assert answer.status_code == 422
    assert 'id="f-stage-error"' in answer.text
    assert "checked" not in answer.text


@pytest.mark.parametrize("nonsense", ["", "x", "0", "%", "9" * 500])
def test_nonsense_is_told_how_things_stand(
    client: FlaskClient, home: str, shop: Business, held: Held, nonsense: str
) -> None:
    answer = paying.choose(client, held.reference, nonsense, str(uuid7()))
    assert answer.status_code == 409
    assert "paid or changed meanwhile" in answer.text
    assert client.get(f"{home}/pay?stage={nonsense}&stage={nonsense}").status_code == 200
    assert paying.tries(shop, held) == []


def test_a_cancelled_booking_says_how_it_stands(client: FlaskClient, home: str, shop: Business, held: Held) -> None:
    (rest,) = paying.open_stages(shop, held)
    page = client.get(f"{home}/pay").text
    leaving.cancelling(shop, held)
    assert f'href="{home}/pay"' not in client.get(home).text
    seen = client.get(f"{home}/pay")
    assert (seen.status_code, "is being cancelled" in seen.text) == (200, True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    answer = client.post(f"{home}/pay", data={"csrf_token": token[1], "stage": str(rest)})
    assert answer.status_code == 409
    assert "is being cancelled, so there is nothing to pay" in answer.text
    assert paying.tries(shop, held) == []


def test_a_stripe_that_is_down_loses_nothing(
    till: Till, client: FlaskClient, home: str, shop: Business, held: Held
) -> None:
    (rest,) = paying.open_stages(shop, held)
    till.stripe.drop_answers("POST", SESSIONS)
    answer = paying.choose(client, held.reference, rest)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Nothing was charged" in answer.text
    assert f'name="stage" value="{rest}"' in answer.text
    again = paying.choose(client, held.reference, rest)
    assert again.status_code == 303
    assert len(paying.tries(shop, held)) == 1


def test_paid_twice_in_two_windows_the_page_says_that_it_goes_back(
    till: Till, client: FlaskClient, home: str, shop: Business, held: Held
) -> None:
    spare = leaving.open_session_for_the_rest(till, shop, held)
    other = leaving.open_session_for_the_rest(till, shop, held)
    till.stripe.pay(spare)
    till.deliver()
    till.stripe.pay(other)
    till.deliver()
    assert "We received $1,000.00" in client.get(f"{home}/paid?session={spare}").text
    assert "goes back to you" in client.get(f"{home}/paid?session={other}").text
    assert stages(shop)[1][2] == "COMPLETED"


def test_a_payment_that_takes_days_is_shown_as_on_its_way_and_not_asked_for_again(
    till: Till, client: FlaskClient, home: str, shop: Business, held: Held
) -> None:
    first, second = paying.in_instalments(shop, held, 40_000, 60_000)
    paying.choose(client, held.reference, first)
    (session,) = paying.sessions(shop, held)
    till.stripe.pay(session, CARD_DELAYED)
    till.deliver()
    assert "on its way" in client.get(f"{home}/paid?session={session}").text
    page = client.get(f"{home}/pay").text
    assert "$400.00 is on its way" in page
    assert str(second) in page
    assert str(first) not in page
    assert "on its way" in client.get(home).text
    assert paying.choose(client, held.reference, first).status_code == 409
    till.stripe.settle_delayed(session, is_success=False)
    till.deliver()
    assert "Not paid yet" in client.get(f"{home}/paid?session={session}").text
    assert str(first) in client.get(f"{home}/pay").text


@pytest.fixture
def strangers(app: Application, rival: Business) -> list[FlaskClient]:
    """A browser without a link, and one with a link to another business's booking."""
    theirs = app.test_client()
    other = couples.hold(rival)
    theirs.get(link_to(rival, as_sold(other)))
    return [app.test_client(), theirs]


def test_a_stranger_sees_nothing_and_starts_nothing(
    home: str, shop: Business, held: Held, strangers: list[FlaskClient]
) -> None:
    (rest,) = paying.open_stages(shop, held)
    for client in strangers:
        for address in (f"{home}/pay", f"{home}/paid?session=cs_test_1"):
            assert client.get(address).status_code == 404
            assert client.post(address, data={"csrf_token": csrf_of(client), "stage": str(rest)}).status_code == 404
    assert paying.tries(shop, held) == []


def test_a_session_of_another_booking_tells_nothing(
    till: Till, client: FlaskClient, home: str, shop: Business, held: Held
) -> None:
    other = leaving.sold(till, shop, event_on=couples.in_half_a_year(shop, plus=9))
    session = leaving.open_session_for_the_rest(till, shop, other)
    for wrong in (session, "", "x", "cs_test_nothing"):
        assert client.get(f"{home}/paid?session={wrong}").location == home
    assert client.get(f"{home}/paid").location == home


def test_looking_changes_nothing_and_takes_few_statements(
    client: FlaskClient, home: str, shop: Business, held: Held
) -> None:
    paying.ask(shop, held)
    (session,) = paying.sessions(shop, held)
    for address in (f"{home}/pay", f"{home}/paid?session={session}"):
        with statements() as said:
            assert client.head(address).status_code == 200
        assert len(said) <= 6, said
    with database.reading(shop.id):
        assert database.value("SELECT count(*) FROM outbox WHERE kind = 'checkout.settle'") == 0


def test_the_mail_leads_on_to_the_payment(client: FlaskClient, shop: Business, held: Held) -> None:
    answer = client.get(f"{link_to(shop, as_sold(held))}?to=pay")
    assert answer.location == f"/manage/{held.reference}/pay"
    elsewhere = client.get(f"{link_to(shop, as_sold(held))}?to=https://evil.example")
    assert elsewhere.location == f"/manage/{held.reference}"


def test_a_hold_is_led_to_its_own_payment(till: Till, client: FlaskClient) -> None:
    shop = world.open_shop()
    held = till.hold(shop)
    home = entered(client, shop, held)
    assert "held and not paid yet" in client.get(f"{home}/pay").text
