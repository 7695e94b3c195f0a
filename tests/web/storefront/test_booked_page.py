"""Where Stripe returns to: told in full to the browser that booked, the same page for every reference to a stranger."""

import re
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from portal.availability import service as availability
from portal.bookings import service
from portal.bookings.states import Actor, BookingStatus
from portal.db import database
from portal.devtools.stripe_emulator import CARD_DELAYED, CARD_PAYS, StripeEmulator
from portal.kernel import time
from portal.kernel.ids import new_reference
from portal.lifecycle.release import release
from portal.lifecycle.settle import settle
from portal.payments import attempts
from portal.payments.attempts import CheckoutView
from portal.web.application import Application
from tests.support.couples import in_half_a_year
from tests.support.statements import statements
from tests.support.world import Business
from tests.web.storefront.forms import Page, filled, open_form, send


class Booked:
    """A couple at Stripe's page, with the browser they came from."""

    def __init__(self, client: FlaskClient, shop: Business, stripe: StripeEmulator) -> None:
        self.client, self.shop, self.stripe = client, shop, stripe
        assert send(client, shop, filled(client, shop)).status == 303
        with database.reading(shop.id):
            self.booking_id: UUID = database.value("SELECT id FROM booking")
            self.reference: str = database.value("SELECT reference FROM booking")

    @property
    def checkout(self) -> CheckoutView:
        with database.reading(self.shop.id):
            return attempts.of_booking(self.shop.id, self.booking_id)[0]

    @property
    def session_id(self) -> str:
        return str(self.checkout.stripe_checkout_session_id)

    def pay(self, card: str = CARD_PAYS) -> None:
        self.stripe.pay(self.session_id, card)

    def settle(self) -> None:
        settle(self.shop.id, self.checkout.id, at=time.now())

    def page(self, client: FlaskClient | None = None, *, session: str | None = None) -> Page:
        query = {"session": session} if session else {}
        return Page((client or self.client).get(self.shop.url(f"booked/{self.reference}"), query_string=query))

    def rings(self) -> int:
        with database.reading(self.shop.id):
            return int(database.value("SELECT count(*) FROM outbox WHERE kind = 'checkout.settle'"))


@pytest.fixture
def booked(client: FlaskClient, shop: Business, stripe: StripeEmulator) -> Booked:
    return Booked(client, shop, stripe)


def heading(page: Page) -> str:
    found = page.soup.find("h1")
    assert found is not None
    return found.text


def poll(page: Page) -> tuple[str, str] | None:
    """Where and how often the page asks again."""
    assert page.soup.find(id="standing") is not None
    form = page.soup.select_one("#standing form[hx-get]")
    return (str(form["hx-get"]), str(form["hx-trigger"])) if form else None


def test_coming_back_without_paying_offers_the_payment_again(booked: Booked) -> None:
    page = booked.page()
    assert page.status == 200
    assert heading(page) == "Not paid yet"
    assert poll(page) is None
    form = page.soup.find("form", action=booked.shop.url(f"held/{booked.reference}"))
    assert form is not None
    fields = {str(each["name"]): str(each["value"]) for each in form.find_all("input")}
    again = booked.client.post(str(form["action"]), data=fields)
    assert (again.status_code, again.location) == (303, booked.checkout.url)


def test_coming_back_from_the_payment_waits_and_asks_again(booked: Booked) -> None:
    booked.pay()
    page = booked.page(session=booked.session_id)
    assert heading(page) == "One moment, please"
    where, when = poll(page) or ("", "")
    assert when == "every 2s"
    assert "look=1" in where
    assert booked.rings() == 1
    fragment = Page(booked.client.get(where, headers={"HX-Request": "true"}))
    assert fragment.soup.find("html") is None
    assert "look=2" in (poll(fragment) or ("", ""))[0]
    booked.settle()
    done = Page(booked.client.get(where, headers={"HX-Request": "true"}))
    assert heading(done) == "The date is yours"
    assert poll(done) is None


def test_asking_again_ends(booked: Booked) -> None:
    booked.pay()
    url = booked.shop.url(f"booked/{booked.reference}?session={booked.session_id}&look=")
    for look, goes_on in {
        "44": True,
        "45": False,
        "999": False,
        "-1": True,
        "x": True,
        "９": True,
        "9" * 5000: True,
    }.items():
        page = Page(booked.client.get(url + look))
        assert page.status == 200
        assert (poll(page) is not None) is goes_on, look
    assert "longer than usual" in Page(booked.client.get(url + "45")).text


def test_the_doorbell_rings_once_in_some_seconds_and_a_head_request_rings_none(booked: Booked) -> None:
    booked.client.head(booked.shop.url(f"booked/{booked.reference}"))
    assert booked.rings() == 0
    for _ in range(4):
        booked.page()
    assert booked.rings() in {1, 2}


def test_without_javascript_a_button_rings(booked: Booked) -> None:
    booked.pay()
    page = booked.page(session=booked.session_id)
    form = page.soup.find("form", action=re.compile("/booked/"))
    assert form is not None
    fields = {str(each["name"]): str(each["value"]) for each in form.find_all("input")}
    answer = booked.client.post(str(form["action"]), data=fields)
    assert answer.status_code == 303
    assert urlsplit(answer.location).query == f"session={booked.session_id}"
    assert booked.rings() >= 1


def test_a_paid_booking_is_told_in_full_to_the_browser_that_booked(booked: Booked) -> None:
    booked.pay()
    booked.settle()
    page = booked.page()
    assert heading(page) == "The date is yours"
    assert "$1,000.00" in page.text
    assert "a•••@couple.example" in page.text
    assert "anna@couple.example" not in page.text
    assert page.soup.find("a", href=f"/manage/{booked.reference}")


def test_a_stranger_gets_one_page_for_every_reference(app: Application, booked: Booked) -> None:
    booked.pay()
    booked.settle()
    stranger = app.test_client()
    pages = {}
    for reference in (booked.reference, new_reference(), "nonsense", "x" * 500):
        for query in ("", "?session=cs_test_invented", "?session=", "?session=a&session=b"):
            answer = stranger.get(booked.shop.url(f"booked/{reference}{query}"))
            pages[reference, query] = (answer.status_code, answer.get_data())
    assert len(set(pages.values())) == 1
    text = Page(stranger.get(booked.shop.url(f"booked/{booked.reference}"))).text
    assert "Whole day" not in text
    assert booked.reference not in text


def test_whoever_has_just_paid_hears_that_it_arrived_and_no_more(app: Application, booked: Booked) -> None:
    other_browser = app.test_client()
    booked.pay()
    assert heading(booked.page(other_browser, session=booked.session_id)) == "One moment, please"
    booked.settle()
    page = booked.page(other_browser, session=booked.session_id)
    assert heading(page) == "The date is yours"
    for told in ("Whole day", booked.reference, "couple.example", "$1,000.00"):
        assert told not in page.text


def test_another_business_knows_nothing_of_the_booking(booked: Booked, rival: Business) -> None:
    here = booked.client.get(rival.url(f"booked/{booked.reference}?session={booked.session_id}"))
    assert heading(Page(here)) == "Thank you"


def test_a_delayed_payment_keeps_the_date_and_says_so(booked: Booked) -> None:
    booked.pay(CARD_DELAYED)
    booked.settle()
    page = booked.page()
    assert heading(page) == "Your payment is on its way"
    assert (poll(page) or ("", ""))[1] == "every 20s"


def test_a_hold_that_ran_out_is_told(booked: Booked) -> None:
    release(booked.shop.id, booked.booking_id, at=time.now() + timedelta(minutes=36))
    page = booked.page()
    assert heading(page) == "The time to pay ran out"
    assert page.soup.find("a", href=re.compile("/book/whole-day"))


def test_a_late_payment_for_a_date_that_was_taken_offers_others(booked: Booked) -> None:
    booked.pay(CARD_DELAYED)
    booked.settle()
    service.transition(
        booked.shop.id, booked.booking_id, frm=BookingStatus.HELD, to=BookingStatus.EXPIRED, at=time.now(),
        actor=Actor.SYSTEM, kind="hold_ended",
    )  # fmt: skip
    day = in_half_a_year(booked.shop)
    availability.release_days(booked.shop.id, booking_id=booked.booking_id)
    availability.black_out(
        booked.shop.id, resource_id=booked.shop.resource_id, first_on=day, last_on=day, at=time.now()
    )
    booked.stripe.settle_delayed(booked.session_id)
    booked.settle()
    page = booked.page()
    assert heading(page) == "We are sorry: the date was gone"
    others = page.soup.find_all("a", href=re.compile(r"/book/whole-day\?date="))
    assert len(others) == 5


def test_money_that_does_not_fit_is_looked_at_by_a_person(booked: Booked) -> None:
    booked.stripe.pay(booked.session_id, CARD_PAYS, amount=1)
    booked.settle()
    assert heading(booked.page()) == "We are looking at your payment"


def test_the_page_costs_few_statements(booked: Booked) -> None:
    booked.page()
    with statements() as asked:  # the doorbell has been rung already
        booked.page()
    assert len(asked) == len(set(asked)) <= 6


def test_the_session_of_another_booking_proves_nothing(
    app: Application, booked: Booked, shop: Business, stripe: StripeEmulator
) -> None:
    other = app.test_client()
    day = in_half_a_year(shop, plus=1).isoformat()
    send(other, shop, filled(other, shop, date=day))
    assert open_form(other, shop).status == 200
    with database.reading(shop.id):
        sessions = {
            row.stripe_checkout_session_id for row in database.rows("SELECT stripe_checkout_session_id FROM checkout")
        }
    (foreign,) = sessions - {booked.session_id}
    assert heading(booked.page(other, session=foreign)) == "Thank you"
