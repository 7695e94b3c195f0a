"""The booking form: what it shows, what it computes, and where sending it leads."""

from datetime import timedelta

from flask.testing import FlaskClient

from portal.bookings import queries
from portal.catalog import service as catalog
from portal.db import database
from portal.devtools.stripe_emulator import StripeEmulator
from portal.kernel import time
from portal.kernel.ids import is_reference
from portal.settings import Settings
from tests.support.couples import in_half_a_year
from tests.support.days import claims_of
from tests.support.statements import statements
from tests.support.world import Business, open_shop
from tests.web.storefront.forms import Page, filled, open_form, send


def bookings(shop: Business) -> int:
    with database.reading(shop.id):
        return int(database.value("SELECT count(*) FROM booking"))


def summary(page: Page) -> dict[str, str]:
    """The figures beside the form, by their labels."""
    box = page.soup.find(id="summary")
    assert box is not None
    labels, figures = box.select(".summary dt"), box.select(".summary dd:not(.note)")
    return {label.text.strip(): figure.text.strip() for label, figure in zip(labels, figures, strict=True)}


def test_the_form_shows_the_date_and_what_is_due_when(client: FlaskClient, shop: Business) -> None:
    day = in_half_a_year(shop)
    page = open_form(client, shop, f"?date={day}")
    assert page.status == 200
    assert page.fields()["date"] == day.isoformat()
    rest_on = day - timedelta(days=30)
    figures = summary(page)
    assert figures["Whole day"] == "$2,000.00"
    assert figures["Deposit, due now"] == "$1,000.00"
    assert figures[f"Due on {rest_on:%B} {rest_on.day}, {rest_on.year}"] == "$1,000.00"
    assert "The deposit is not given back." in page.text


def test_only_who_pays_at_once_is_told_where(client: FlaskClient, shop: Business) -> None:
    kind = open_shop(courtesy_days=7)
    for business, said in ((shop, "You pay on Stripe’s page."), (kind, "If you pay now, you do it on Stripe’s page.")):
        assert said in open_form(client, business, f"?date={in_half_a_year(business)}").text


def test_sending_the_form_holds_the_date_and_leads_to_stripe(
    client: FlaskClient, shop: Business, stripe: StripeEmulator
) -> None:
    page = send(client, shop, filled(client, shop))
    assert page.status == 303
    assert page.answer.location.startswith(stripe.base_url)
    assert list(claims_of(shop)) == [(shop.resource_id, in_half_a_year(shop))]
    assert bookings(shop) == 1
    (made,) = [request for request in stripe.requests if request.path == "/v1/checkout/sessions"]
    assert f"/t/{shop.slug}/booked/" in str(made)


def test_a_double_click_and_a_second_tab_find_the_same_hold(
    client: FlaskClient, shop: Business, stripe: StripeEmulator
) -> None:
    fields = filled(client, shop)
    second_tab = filled(client, shop)
    assert second_tab["nonce"] == fields["nonce"]
    places = {send(client, shop, each).answer.location for each in (fields, fields, second_tab)}
    assert len(places) == 1
    assert bookings(shop) == 1


def test_going_back_shows_what_was_sent_and_changing_it_swaps_the_hold(
    client: FlaskClient, shop: Business, stripe: StripeEmulator
) -> None:
    album = f"add_on_{shop.add_ons['Album']}"
    send(client, shop, filled(client, shop, **{album: "2"}))
    back = open_form(client, shop)
    assert "We hold" in back.text
    fields = back.fields()
    assert (fields["first_partner"], fields["date"], fields[album]) == (
        "Anna Smith",
        in_half_a_year(shop).isoformat(),
        "2",
    )
    later = in_half_a_year(shop, plus=7)
    page = send(client, shop, {**fields, "date": later.isoformat(), "terms": "1"})
    assert page.status == 303
    assert bookings(shop) == 1
    assert list(claims_of(shop)) == [(shop.resource_id, later)]


def test_another_package_of_the_business_takes_the_place_of_the_first(
    client: FlaskClient, shop: Business, stripe: StripeEmulator
) -> None:
    shop.package("half-day", cents=90_000)
    send(client, shop, filled(client, shop))
    other = open_form(client, shop, package="half-day")
    assert "(Whole day)" in other.text
    page = send(client, shop, {**other.fields(), "terms": "1"}, package="half-day")
    assert page.status == 303
    assert bookings(shop) == 1


def test_the_price_follows_the_add_ons_without_javascript(client: FlaskClient, shop: Business) -> None:
    album = f"add_on_{shop.add_ons['Album']}"
    fields = filled(client, shop, **{album: "2", "intent": "summary", "email": "", "terms": None, "pay": "full"})
    page = send(client, shop, fields)
    assert page.status == 200
    assert summary(page) == {
        "Whole day": "$2,000.00",
        "Album × 2": "$600.00",
        "Total": "$2,600.00",
        "Due now": "$2,600.00",
    }
    assert page.errors == set()
    assert page.fields()["first_partner"] == "Anna Smith"
    assert bookings(shop) == 0


def test_htmx_gets_the_price_alone(client: FlaskClient, shop: Business) -> None:
    fields = filled(client, shop, **{f"add_on_{shop.add_ons['Album']}": "1", "intent": "summary"})
    headers = {"HX-Request": "true", "HX-Target": "summary"}
    page = Page(client.post(shop.url("book/whole-day"), data=fields, headers=headers))
    assert page.status == 200
    assert summary(page)["Total"] == "$2,300.00"
    assert page.soup.find("form") is None
    assert "HX-Request" in page.answer.headers["Vary"]


def test_htmx_gets_the_form_when_the_price_cannot_be_told(client: FlaskClient, shop: Business) -> None:
    album = f"add_on_{shop.add_ons['Album']}"
    fields = filled(client, shop, **{album: "99", "intent": "summary"})
    headers = {"HX-Request": "true", "HX-Target": "summary"}
    page = Page(client.post(shop.url("book/whole-day"), data=fields, headers=headers))
    assert (page.status, page.answer.headers["HX-Retarget"]) == (422, "#booking-form")
    assert page.errors == {album}
    assert page.soup.find("html") is None


def test_a_corrected_price_takes_its_message_away(client: FlaskClient, shop: Business) -> None:
    album = f"add_on_{shop.add_ons['Album']}"
    headers = {"HX-Request": "true", "HX-Target": "summary"}
    address = shop.url("book/whole-day")
    wrong = filled(client, shop, **{album: "99", "intent": "summary", "email": "not yet"})
    page = Page(client.post(address, data=wrong, headers=headers))
    assert page.errors == {album}
    again = Page(client.post(address, data={**page.fields(), album: "1", "intent": "summary"}, headers=headers))
    assert (again.status, again.answer.headers["HX-Retarget"], again.errors) == (200, "#booking-form", set())
    assert again.fields()["email"] == "not yet"


def test_a_new_price_leaves_the_other_messages_of_a_form_that_was_sent(client: FlaskClient, shop: Business) -> None:
    sent = send(client, shop, filled(client, shop, email="a@b"))
    album = f"add_on_{shop.add_ons['Album']}"
    headers = {"HX-Request": "true", "HX-Target": "summary"}
    fields = {**sent.fields(), album: "1", "intent": "summary"}
    page = Page(client.post(shop.url("book/whole-day"), data=fields, headers=headers))
    assert page.errors == {"email"}
    assert summary(page)["Total"] == "$2,300.00"


def test_a_date_that_changes_the_ways_of_paying_brings_the_whole_form(client: FlaskClient, shop: Business) -> None:
    soon = shop.tenant.today(time.now()) + timedelta(days=10)
    headers = {"HX-Request": "true", "HX-Target": "summary"}
    address = shop.url("book/whole-day")
    page = Page(client.post(address, data=filled(client, shop, date=str(soon), intent="summary"), headers=headers))
    assert (page.answer.headers["HX-Retarget"], page.errors) == ("#booking-form", set())
    assert page.fields()["pay"] == "full"
    far = {**page.fields(), "date": in_half_a_year(shop).isoformat(), "intent": "summary"}
    page = Page(client.post(address, data=far, headers=headers))
    assert len(page.soup.select('input[name="pay"]')) == 2


def test_tax_that_is_added_stands_on_a_line_of_its_own(client: FlaskClient, connected: Settings) -> None:
    shop = open_shop(tax_mode="exclusive", tax_label="Sales tax")
    shop.package("taxed", cents=185_000, rate_bp="887.5")
    figures = summary(open_form(client, shop, package="taxed"))
    assert figures["Taxed"] == "$1,850.00"
    assert figures["Sales tax (8.875%)"] == "$164.19"
    assert figures["Total"] == "$2,014.19"


def test_tax_that_is_included_is_a_note(client: FlaskClient, connected: Settings) -> None:
    shop = open_shop(tax_mode="inclusive", tax_label="VAT", currency="GBP", locale="en_GB", timezone="Europe/London")
    shop.package("taxed", cents=600_000, rate_bp="2000")
    page = open_form(client, shop, package="taxed")
    assert summary(page)["Total"] == "£6,000.00"
    assert "£1,000.00 VAT included" in page.text


def test_a_business_without_deposits_offers_full_payment_alone(client: FlaskClient, connected: Settings) -> None:
    shop = open_shop(deposit_percent=None)
    page = open_form(client, shop)
    assert page.fields()["pay"] == "full"
    assert "Pay the deposit" not in page.text


def test_close_to_the_day_the_whole_price_is_due(client: FlaskClient, shop: Business) -> None:
    soon = shop.tenant.today(time.now()) + timedelta(days=10)
    page = open_form(client, shop, f"?date={soon}")
    assert page.fields()["pay"] == "full"
    assert summary(page)["Due now"] == "$2,000.00"


def test_a_package_that_is_not_offered_is_a_friendly_404(client: FlaskClient, shop: Business, rival: Business) -> None:
    rival.package("rival-day")
    fields = filled(client, shop)
    for name in ("rival-day", "no-such", "../x"):
        assert open_form(client, shop, package=name).status == 404
        assert send(client, shop, fields, package=name).status == 404
    catalog.change_package(shop.id, shop.packages["whole-day"], is_active=False)
    assert open_form(client, shop).status == 404
    assert send(client, shop, fields).status == 404


def test_a_paid_form_leads_to_its_booking(client: FlaskClient, shop: Business, stripe: StripeEmulator) -> None:
    fields = filled(client, shop)
    first = send(client, shop, fields)
    stripe.pay(first.answer.location.rsplit("/", 1)[1].split("#")[0].split("?")[0])
    again = send(client, shop, {**fields, "date": in_half_a_year(shop, plus=1).isoformat()})
    assert again.status == 303
    reference = again.answer.location.rsplit("/", 1)[1]
    assert again.answer.location == shop.url(f"booked/{reference}")
    assert is_reference(reference)
    assert list(claims_of(shop)) == [(shop.resource_id, in_half_a_year(shop))]


def test_a_fresh_form_begins_once_the_first_is_over(
    client: FlaskClient, shop: Business, stripe: StripeEmulator
) -> None:
    fields = filled(client, shop)
    send(client, shop, fields)
    with database.writing(shop.id):
        database.execute("UPDATE booking SET status = 'expired'")
    assert open_form(client, shop).fields()["nonce"] != fields["nonce"]
    stale = send(client, shop, fields)
    assert stale.status == 409
    assert "run out" in stale.alert
    assert stale.fields()["nonce"] != fields["nonce"]
    assert stale.fields()["first_partner"] == "Anna Smith"


def test_the_form_costs_few_statements(client: FlaskClient, shop: Business, stripe: StripeEmulator) -> None:
    send(client, shop, filled(client, shop))
    with statements() as asked:
        open_form(client, shop, f"?date={in_half_a_year(shop, plus=3)}")
    assert len(asked) == len(set(asked)) <= 6


def test_the_link_in_the_cookie_opens_the_booking(client: FlaskClient, shop: Business, stripe: StripeEmulator) -> None:
    send(client, shop, filled(client, shop))
    with database.reading(shop.id):
        reference = database.value("SELECT reference FROM booking")
        booking = queries.by_reference(shop.id, reference)
    page = Page(client.get(shop.url(f"booked/{reference}")))
    assert booking.package_name in page.text
    assert reference in page.text
