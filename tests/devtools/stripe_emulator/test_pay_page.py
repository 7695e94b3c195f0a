"""The hosted pay page over plain HTTP, as a browser without JavaScript sees it."""

import pytest
import stripe
from bs4 import BeautifulSoup

from portal.devtools.stripe_emulator import CARD_DECLINED, CARD_DELAYED, StripeEmulator
from tests.devtools.stripe_emulator.kit import card_form, fetch, line, session_params


@pytest.fixture
def session(emulator: StripeEmulator, client: stripe.StripeClient) -> stripe.checkout.Session:
    return client.v1.checkout.sessions.create(session_params(emulator))


def _url(session: stripe.checkout.Session) -> str:
    assert session.url is not None
    return session.url


def test_the_page_shows_merchant_lines_amount_and_that_it_is_a_test(
    emulator: StripeEmulator, client: stripe.StripeClient
) -> None:
    emulator.add_account("acct_bella", name="Bella <Weddings>")
    lines = [line("Deposit & <b>more</b>", 62_500), line("Album", 9_900, quantity=2)]
    made = client.v1.checkout.sessions.create(
        session_params(emulator, line_items=lines), {"stripe_account": "acct_bella"}
    )
    page = fetch(_url(made))
    text = BeautifulSoup(page.text, "html.parser").get_text(" ", strip=True)
    for expected in ("Test mode", "Bella <Weddings>", "Deposit & <b>more</b>", "× 2", "$198.00", "$823.00"):
        assert expected in text
    assert "ada@example.com" in text


def test_the_business_may_be_named_by_the_session(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    made = client.v1.checkout.sessions.create(
        session_params(emulator, branding_settings={"display_name": "Hawthorn Barn"})
    )
    assert "Pay Hawthorn Barn" in fetch(_url(made)).text


def test_nothing_on_the_page_is_inline_or_from_elsewhere(session: stripe.checkout.Session) -> None:
    page = fetch(_url(session))
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'; style-src 'self';" in policy
    assert "form-action 'self' https://shop.example;" in policy
    soup = BeautifulSoup(page.text, "html.parser")
    assert not soup.find_all(["script", "style"])
    assert not soup.select("[style]")
    assert not [tag for tag in soup.select("*") for name in tag.attrs if name.startswith("on")]


def test_a_good_card_pays_and_leads_back_with_the_sessions_id(
    client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    answer = fetch(_url(session), card_form("4242 4242 4242 4242"))
    assert (answer.status, answer.location) == (303, f"https://shop.example/booked?session={session.id}")
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_a_second_click_charges_nothing_more(client: stripe.StripeClient, session: stripe.checkout.Session) -> None:
    fetch(_url(session), card_form())
    assert fetch(_url(session), card_form()).status == 303
    assert len(client.v1.charges.list().data) == 1
    again = fetch(_url(session)).text
    assert "You will not be charged again" in again
    assert f"https://shop.example/booked?session={session.id}" in again


def test_a_declined_card_says_so_and_may_be_tried_again(
    client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    declined = fetch(_url(session), card_form(CARD_DECLINED))
    assert declined.status == 402
    alert = BeautifulSoup(declined.text, "html.parser").select_one("[role=alert]")
    assert alert is not None
    assert "Your card was declined." in alert.get_text()
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert fetch(_url(session), card_form()).status == 303


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", ""),
        ("number", "4242 4242 4242 4243"),
        ("number", "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢"),
        ("expiry", "13 / 40"),
        ("expiry", "12 / 20"),
        ("expiry", "soon"),
        ("cvc", "12"),
    ],
)
def test_a_field_that_is_wrong_is_named_and_the_rest_is_kept(
    client: stripe.StripeClient, session: stripe.checkout.Session, field: str, value: str
) -> None:
    answer = fetch(_url(session), card_form(**{field: value}))
    assert answer.status == 422
    soup = BeautifulSoup(answer.text, "html.parser")
    wrong = soup.select("[aria-invalid=true]")
    assert [tag["name"] for tag in wrong] == [field]
    assert soup.find(id=str(wrong[0]["aria-describedby"])) is not None
    name = soup.find(id="name")
    assert name is not None
    assert name["value"] == "Ada Byron"
    assert client.v1.charges.list().data == []


def test_a_card_stripe_does_not_know_in_test_mode_is_declined(session: stripe.checkout.Session) -> None:
    assert "used a non test card" in fetch(_url(session), card_form("4000 0000 0000 0101")).text


def test_the_email_is_asked_for_when_it_is_not_known(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    params = session_params(emulator)
    del params["customer_email"]
    made = client.v1.checkout.sessions.create(params)
    assert fetch(_url(made), card_form()).status == 422
    assert fetch(_url(made), card_form(CARD_DECLINED, email="typo@example.com")).status == 402
    assert fetch(_url(made), card_form(email="ada@example.com")).status == 303
    paid = client.v1.checkout.sessions.retrieve(made.id)
    assert paid.customer_details is not None
    assert (paid.customer_details.email, paid.customer_details.name) == ("ada@example.com", "Ada Byron")


def test_a_delayed_payment_leads_back_too(client: stripe.StripeClient, session: stripe.checkout.Session) -> None:
    assert fetch(_url(session), card_form(CARD_DELAYED)).status == 303
    shown = client.v1.checkout.sessions.retrieve(session.id)
    assert (shown.status, shown.payment_status) == ("complete", "unpaid")
    assert "Thank you" in fetch(_url(session)).text


def test_the_cancel_link_leads_back_and_changes_nothing(
    client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    link = BeautifulSoup(fetch(_url(session)).text, "html.parser").select_one("[data-testid=cancel]")
    assert link is not None
    assert link["href"] == "https://shop.example/back"
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_an_expired_session_cannot_be_paid(
    emulator: StripeEmulator, client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    emulator.shift_clock(3600)
    assert "This checkout has expired" in fetch(_url(session)).text
    answer = fetch(_url(session), card_form())
    assert answer.status == 422
    assert "This checkout has expired" in answer.text
    assert client.v1.charges.list().data == []


def test_a_free_session_needs_no_card(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    made = client.v1.checkout.sessions.create(session_params(emulator, line_items=[line("Gift", 0)]))
    assert 'name="number"' not in fetch(_url(made)).text
    assert fetch(_url(made), {"name": ""}).status == 303


def test_an_invented_address_is_a_friendly_404(emulator: StripeEmulator) -> None:
    page = fetch(f"{emulator.base_url}/c/pay/cs_test_invented")
    assert page.status == 404
    assert "nothing to pay here" in page.text


@pytest.mark.parametrize(
    ("currency", "cents", "shown"),
    [("eur", 125_050, "€1,250.50"), ("gbp", 99_00, "£99.00"), ("jpy", 5_000, "¥5,000"), ("sek", 50_000, "SEK 500.00")],
)
def test_amounts_are_written_as_their_currency_is(
    emulator: StripeEmulator, client: stripe.StripeClient, currency: str, cents: int, shown: str
) -> None:
    made = client.v1.checkout.sessions.create(
        session_params(emulator, line_items=[line("Deposit", cents, currency=currency)])
    )
    assert f"Pay {shown}" in fetch(_url(made)).text
