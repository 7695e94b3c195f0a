"""Holding a date: one transaction that writes everything or nothing, and a form that makes one booking."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal import settings as settings_module
from portal.availability import service as availability
from portal.bookings import queries, service, tokens
from portal.bookings.states import Actor, BookingStatus, LinkAction
from portal.catalog import service as catalog
from portal.catalog.queries import package_by_slug
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import DateTaken, Invalid, NotFound, Stale
from portal.lifecycle.hold import HoldEnded, hold_date
from portal.lifecycle.hold_terms import Seen, fingerprint
from portal.payments import attempts
from portal.payments.states import CheckoutStatus
from portal.settings import Features, Settings
from portal.tenants import queries as tenants
from portal.tenants.service import change_tenant
from tests.support.couples import form, hold, in_half_a_year, wish
from tests.support.days import claims_of
from tests.support.world import Business, open_shop

TABLES = (
    "customer", "booking", "booking_line", "booking_event", "booking_action_token", "booking_payment_stage",
    "checkout", "checkout_stage", "date_claim", "outbox",
)  # fmt: skip


def counts(shop: Business) -> dict[str, int]:
    """How many rows a tenant has where a hold writes."""
    with database.reading(shop.id):
        return {table: database.value(f"SELECT count(*) FROM {table}") for table in TABLES}


def test_a_hold_claims_the_days_and_copies_what_was_agreed(connected: Settings) -> None:
    shop = open_shop(tax_mode="exclusive", commission_percent=Decimal("2.5"))
    package = shop.package("full-day", cents=185_000, days=2, buffer_days=1, rate_bp="887.5")
    album = shop.add_on("Book", cents=30_000, rate_bp="887.5")
    at = time.now()
    held = hold(shop, package_slug="full-day", quantities={album: 2}, at=at)
    with database.reading(shop.id):
        booking = queries.by_reference(shop.id, held.reference)
        lines = queries.lines(shop.id, booking.id)
        story = queries.timeline(shop.id, booking.id)
    assert (booking.status, booking.package_id, booking.couple) == ("held", package, "Anna Smith & Ben Jones")
    assert (booking.net_cents, booking.tax_cents, booking.total_cents) == (245_000, 21_744, 266_744)
    assert (booking.commission_bp, booking.commission_cents) == (250, 6_669)
    assert (booking.deposit_percent, booking.balance_due_days, booking.terms) == (50, 30, shop.tenant.terms)
    assert [(line.description, line.quantity, line.gross_cents) for line in lines] == [
        ("Full day", 1, 201_419),
        ("Book", 2, 65_325),
    ]
    assert [(entry.kind, entry.from_status, entry.to_status) for entry in story] == [("held", None, "held")]
    day = in_half_a_year(shop)
    assert claims_of(shop) == {(shop.resource_id, day + timedelta(days=n)): ("hold", held.booking_id) for n in range(3)}
    assert booking.hold_expires_at is not None
    assert timedelta(minutes=34) < booking.hold_expires_at - at <= timedelta(minutes=35)


def test_the_deposit_is_due_now_and_the_rest_before_the_event(shop: Business) -> None:
    held = hold(shop)
    with database.reading(shop.id):
        stages = database.rows(
            "SELECT type, amount_cents, due_on, status FROM booking_payment_stage ORDER BY stage_number"
        )
        sold = database.rows("SELECT amount_cents FROM checkout_stage")
    assert held.checkout_id is not None
    today = shop.tenant.today(time.now())
    assert [tuple(stage) for stage in stages] == [
        ("DEPOSIT", 100_000, today, "PENDING"),
        ("REMAINDER", 100_000, in_half_a_year(shop) - timedelta(days=30), "PENDING"),
    ]
    assert [row.amount_cents for row in sold] == [100_000]


def test_the_whole_price_is_due_now_when_they_want_or_must_pay_it(shop: Business) -> None:
    hold(shop, pays_in_full=True)
    soon = shop.tenant.today(time.now()) + timedelta(days=20)
    with pytest.raises(Invalid) as refused:
        hold(shop, event_on=soon)
    assert set(refused.value.fields) == {"pay"}
    hold(shop, event_on=soon, pays_in_full=True)
    with database.reading(shop.id):
        assert database.value("SELECT array_agg(DISTINCT type) FROM booking_payment_stage") == ["FULL"]


def test_no_deposit_is_taken_where_the_installation_takes_none(connected: Settings, shop: Business) -> None:
    settings_module.install(replace(connected, features=Features(deposits=False)))
    try:
        with pytest.raises(Invalid):
            hold(shop)
        held = hold(shop, pays_in_full=True)
    finally:
        settings_module.install(connected)
    with database.reading(shop.id):
        assert queries.by_reference(shop.id, held.reference).deposit_percent is None


def test_the_browser_that_booked_gets_a_link_once(shop: Business) -> None:
    request = form(shop)
    held = hold_date(shop.id, request, at=time.now())
    assert held.token_id is not None
    with database.reading(shop.id):
        link = tokens.link_to(shop.id, held.booking_id, [held.token_id], at=time.now())
    assert link
    assert (link.reference, link.action) == (held.reference, LinkAction.BROWSER)
    again = hold_date(shop.id, replace(request, links=(held.token_id,)), at=time.now())
    assert again == replace(held, token_id=None)


def test_the_same_form_again_finds_its_hold(shop: Business) -> None:
    request = form(shop)
    held = hold_date(shop.id, request, at=time.now())
    before = counts(shop)
    again = hold_date(shop.id, replace(request, links=(held.token_id or uuid4(),)), at=time.now())
    assert (again.booking_id, again.checkout_id) == (held.booking_id, held.checkout_id)
    assert counts(shop) == before


def test_another_couple_gets_date_taken_and_nothing_is_written(shop: Business) -> None:
    hold(shop)
    before = counts(shop)
    with pytest.raises(DateTaken):
        hold(shop, first_partner="Cleo")
    assert counts(shop) == before


def test_a_blacked_out_day_cannot_be_held(shop: Business) -> None:
    day = in_half_a_year(shop)
    availability.black_out(shop.id, resource_id=shop.resource_id, first_on=day, last_on=day, at=time.now())
    with pytest.raises(DateTaken):
        hold(shop)
    assert counts(shop)["booking"] == 0


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"days": -1}, {"date"}),
        ({"days": 366 * 3 + 1}, {"date"}),
        ({"days": 366 * 7000}, {"date"}),
        ({"guest_count": 0}, {"guest_count"}),
        ({"guest_count": 10**9}, {"guest_count"}),
        ({"quantities": {uuid4(): 1}}, {""}),
    ],
)
def test_what_cannot_be_sold_is_refused_at_its_field(shop: Business, changes: dict[str, Any], fields: set[str]) -> None:
    if isinstance(days := changes.pop("days", None), int):
        changes = {"event_on": shop.tenant.today(time.now()) + timedelta(days=days)}
    with pytest.raises(Invalid) as refused:
        hold(shop, **changes)
    assert set(refused.value.fields) == fields
    assert sum(counts(shop).values()) == 0


@pytest.mark.parametrize("quantity", [-1, 4, 10**12])
def test_an_add_on_can_be_taken_as_often_as_it_is_offered(shop: Business, quantity: int) -> None:
    album = shop.add_ons["Album"]
    with pytest.raises(Invalid) as refused:
        hold(shop, quantities={album: quantity})
    assert set(refused.value.fields) == {f"add_on_{album}"}
    hold(shop, quantities={album: 3})


def test_another_tenants_package_and_add_on_do_not_exist_here(shop: Business, rival: Business) -> None:
    rival.package("rival-day")
    with pytest.raises(NotFound):
        hold(shop, package_slug="rival-day")
    with pytest.raises(Invalid):
        hold(shop, quantities={rival.add_ons["Album"]: 1})
    assert sum(counts(shop).values()) == 0


def test_what_is_switched_off_cannot_be_held(shop: Business) -> None:
    catalog.change_add_on(shop.id, shop.add_ons["Album"], is_active=False)
    with pytest.raises(Invalid):
        hold(shop, quantities={shop.add_ons["Album"]: 1})
    catalog.change_package(shop.id, shop.packages["whole-day"], is_active=False)
    with pytest.raises(NotFound):
        hold(shop)


def test_a_business_that_was_suspended_sells_nothing(shop: Business) -> None:
    change_tenant(shop.id, is_active=False)
    with pytest.raises(NotFound):
        hold(shop)
    assert counts(shop)["booking"] == 0


def test_a_package_that_was_read_before_it_changed_is_read_again(shop: Business) -> None:
    with database.reading(shop.id):
        seen = Seen(tenants.get(shop.id).published_version, package_by_slug(shop.id, "whole-day"))
    catalog.change_package(shop.id, shop.packages["whole-day"], base_price_cents=250_000)
    held = hold_date(shop.id, replace(form(shop), seen=seen), at=time.now())
    with database.reading(shop.id):
        assert queries.by_reference(shop.id, held.reference).total_cents == 250_000


def test_a_price_that_changed_since_the_page_was_shown_is_not_sold(shop: Business) -> None:
    with database.reading(shop.id):
        offer = fingerprint(shop.tenant, package_by_slug(shop.id, "whole-day"))
    request = replace(form(shop), offer=offer)
    catalog.change_package(shop.id, shop.packages["whole-day"], base_price_cents=250_000)
    with pytest.raises(Stale):
        hold_date(shop.id, request, at=time.now())
    assert counts(shop)["booking"] == 0


def test_later_edits_of_the_catalogue_do_not_reach_a_hold(shop: Business) -> None:
    request = form(shop)
    held = hold_date(shop.id, request, at=time.now())
    catalog.change_package(shop.id, shop.packages["whole-day"], base_price_cents=999_900, is_active=False)
    again = hold_date(shop.id, request, at=time.now())
    assert again.booking_id == held.booking_id
    with database.reading(shop.id):
        assert queries.by_reference(shop.id, held.reference).total_cents == 200_000


def test_a_form_whose_hold_has_expired_says_so(shop: Business) -> None:
    request = form(shop)
    held = hold_date(shop.id, request, at=time.now())
    finish(shop, held.booking_id, BookingStatus.EXPIRED)
    with pytest.raises(HoldEnded):
        hold_date(shop.id, request, at=time.now())


def test_a_form_that_was_paid_leads_to_its_booking_whatever_it_says_now(shop: Business) -> None:
    request = form(shop)
    held = hold_date(shop.id, request, at=time.now())
    finish(shop, held.booking_id, BookingStatus.CONFIRMED)
    changed = replace(request, wish=wish(shop, event_on=in_half_a_year(shop, plus=1), venue="Elsewhere"))
    again = hold_date(shop.id, changed, at=time.now())
    assert (again.booking_id, again.checkout_id) == (held.booking_id, None)
    with database.reading(shop.id):
        assert queries.by_reference(shop.id, held.reference).venue == "The Old Mill"


def test_a_payment_on_its_way_leads_to_the_booking_too(shop: Business) -> None:
    request = form(shop)
    held = hold_date(shop.id, request, at=time.now())
    assert held.checkout_id is not None
    attempts.change_status(shop.id, held.checkout_id, to=CheckoutStatus.PROCESSING, at=time.now())
    assert hold_date(shop.id, replace(request, wish=wish(shop, venue="Elsewhere")), at=time.now()).checkout_id is None


def finish(shop: Business, booking_id: UUID, to: BookingStatus) -> None:
    service.transition(
        shop.id, booking_id, frm=BookingStatus.HELD, to=to, at=time.now(), actor=Actor.SYSTEM, kind=str(to)
    )
