"""Other add-ons: what is shown is what is done, more falls due with the rest, and what is paid too much goes back."""

from datetime import time as clock
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from portal.bookings import queries
from portal.catalog import service as catalog
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Invalid
from portal.kernel.time import local_instant
from portal.lifecycle import add_ons, quote
from portal.lifecycle.add_ons import Done
from portal.lifecycle.details import NotChangeable
from portal.lifecycle.quote import Requoted
from portal.tenants import service as tenants
from tests.support import couples, leaving, sold, world
from tests.support.proving import broken_promises
from tests.support.till import Till, checkout, ledger, rows, till
from tests.support.world import Business

__all__ = ["till"]
STAGES = "SELECT type, amount_cents, status FROM booking_payment_stage ORDER BY stage_number"


def album(shop: Business) -> UUID:
    return shop.add_ons["Album"]


def choose(shop: Business, held: Any, count: int, **changes: Any) -> Done | Requoted:
    """See what so many albums cost, and say yes."""
    at = changes.get("at", time.now())
    shown = add_ons.see(shop.id, held.booking_id, {album(shop): count}, at=at)
    return add_ons.confirm(shop.id, held.booking_id, shown.id, at=at)


def totals(shop: Business, held: Any) -> tuple[int, int]:
    """The price, and what its lines add up to."""
    with database.reading(shop.id):
        found = queries.by_id(shop.id, held.booking_id)
        lines = queries.lines(shop.id, held.booking_id)
    return found.total_cents, sum(line.gross_cents for line in lines)


def test_more_falls_due_with_the_rest_and_nothing_is_charged_now(shop: Business) -> None:
    booking = sold.sell(shop)
    shown = add_ons.see(shop.id, booking.booking_id, {album(shop): 2}, at=time.now())
    assert shown.amount_cents == 60_000
    assert shown.result["add_ons"] == {"Album": [0, 2]}
    assert totals(shop, booking) == (200_000, 200_000), "nothing is done by looking"
    done = add_ons.confirm(shop.id, booking.booking_id, shown.id, at=time.now())
    assert done == Done(260_000, 0)
    assert totals(shop, booking) == (260_000, 260_000)
    assert rows(shop, STAGES) == [
        ("DEPOSIT", 100_000, "COMPLETED"), ("REMAINDER", 100_000, "VOID"), ("REMAINDER", 160_000, "PENDING"),
    ]  # fmt: skip
    assert rows(shop, "SELECT status FROM change_quote WHERE id = %s", shown.id) == [("done",)]


def test_where_all_is_paid_more_becomes_an_instalment(shop: Business) -> None:
    booking = sold.sell(shop, pays_in_full=True)
    choose(shop, booking, 1)
    (_, (kind, cents, due_on, event_on)) = rows(
        shop, "SELECT s.type, s.amount_cents, s.due_on, b.event_on FROM booking_payment_stage s"
        " JOIN booking b ON b.id = s.booking_id ORDER BY stage_number"
    )  # fmt: skip
    assert (kind, cents, event_on - due_on) == ("INSTALLMENT", 30_000, timedelta(days=30))


def test_less_comes_off_what_is_open(shop: Business) -> None:
    booking = sold.sell(shop, quantities={album(shop): 2})
    assert choose(shop, booking, 1) == Done(230_000, 0)
    assert rows(shop, STAGES)[-1] == ("REMAINDER", 100_000, "PENDING")


def test_what_is_paid_too_much_goes_back(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop, pays_in_full=True, quantities={album(shop): 2})
    assert choose(shop, held, 0) == Done(200_000, 60_000)
    till.work(shop)
    till.deliver()
    assert sorted(ledger(shop)) == [("capture", 260_000), ("refund", -60_000)]
    assert totals(shop, held) == (200_000, 200_000)
    with database.reading(shop.id):
        assert database.value("SELECT reason FROM refund_request") == "change"
    assert choose(shop, held, 1) == Done(230_000, 0)


def test_an_open_session_for_what_changes_is_ended_first(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    session = leaving.open_session_for_the_rest(till, shop, held)
    choose(shop, held, 1)
    ended = [each for each in till.events() if each["type"] == "checkout.session.expired"]
    assert [each["data"]["object"]["id"] for each in ended] == [session]
    assert checkout(shop, held).status == "expired"


def test_money_that_came_meanwhile_is_kept_and_the_figures_are_shown_anew(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    leaving.open_session_for_the_rest(till, shop, held)
    shown = add_ons.see(shop.id, held.booking_id, {album(shop): 1}, at=time.now())
    till.pay(shop, held)
    answer = add_ons.confirm(shop.id, held.booking_id, shown.id, at=time.now())
    assert isinstance(answer, Requoted)
    assert answer.why is quote.WhyNot.CHANGED
    assert totals(shop, held) == (200_000, 200_000)
    assert isinstance(add_ons.confirm(shop.id, held.booking_id, answer.quote.id, at=time.now()), Done)
    assert rows(shop, STAGES)[-1] == ("INSTALLMENT", 30_000, "PENDING")


def test_figures_serve_once_in_time_and_while_they_hold(shop: Business) -> None:
    booking, at = sold.sell(shop), time.now()
    shown = add_ons.see(shop.id, booking.booking_id, {album(shop): 1}, at=at)
    late = add_ons.confirm(shop.id, booking.booking_id, shown.id, at=at + timedelta(minutes=16))
    assert isinstance(late, Requoted)
    assert late.why is quote.WhyNot.EXPIRED
    catalog.change_add_on(shop.id, album(shop), price_cents=35_000)
    dearer = add_ons.confirm(shop.id, booking.booking_id, shown.id, at=at)
    assert isinstance(dearer, Requoted)
    assert dearer.quote.amount_cents == 35_000
    assert isinstance(add_ons.confirm(shop.id, booking.booking_id, dearer.quote.id, at=at), Done)
    with pytest.raises(NotChangeable, match="already"):
        add_ons.confirm(shop.id, booking.booking_id, dearer.quote.id, at=at)
    assert totals(shop, booking)[0] == 235_000


def test_figures_of_another_booking_or_of_a_cancellation_do_nothing(shop: Business) -> None:
    first = sold.sell(shop)
    second = sold.sell(shop, event_on=couples.in_half_a_year(shop, plus=1))
    shown = add_ons.see(shop.id, second.booking_id, {album(shop): 1}, at=time.now())
    for other in (shown, leaving.see(shop, first)):
        with pytest.raises(NotChangeable):
            add_ons.confirm(shop.id, first.booking_id, other.id, at=time.now())
    assert totals(shop, first)[0] == 200_000


def test_the_business_sets_until_when(shop: Business) -> None:
    booking = sold.sell(shop)
    event_on = couples.in_half_a_year(shop)
    last = local_instant(event_on - timedelta(days=14), clock(23, 59), "America/New_York")
    add_ons.see(shop.id, booking.booking_id, {album(shop): 1}, at=last)
    with pytest.raises(NotChangeable, match="could be changed until"):
        add_ons.see(shop.id, booking.booking_id, {album(shop): 1}, at=last + timedelta(minutes=2))
    tenants.change_tenant(shop.id, details_cutoff_days=0)
    add_ons.see(shop.id, booking.booking_id, {album(shop): 1}, at=last + timedelta(minutes=2))


def test_past_the_day_of_the_terms_add_ons_only_become_more(shop: Business) -> None:
    booking = sold.sell(shop, quantities={album(shop): 2})
    leaving.terms(shop, booking, add_ons_days="200")
    with pytest.raises(Invalid) as caught:
        choose(shop, booking, 1)
    assert list(caught.value.fields) == [f"add_on_{album(shop)}"]
    assert choose(shop, booking, 3) == Done(290_000, 0)


@pytest.mark.parametrize("count", [4, -1])
def test_more_than_are_offered_are_refused(shop: Business, count: int) -> None:
    booking = sold.sell(shop)
    with pytest.raises(Invalid) as caught:
        choose(shop, booking, count)
    assert list(caught.value.fields) == [f"add_on_{album(shop)}"]


def test_an_add_on_of_another_business_is_none(shop: Business, rival: Business) -> None:
    booking = sold.sell(shop)
    with pytest.raises(Invalid):
        add_ons.see(shop.id, booking.booking_id, {album(rival): 1}, at=time.now())


def test_nothing_changed_is_said_and_nothing_is_offered(shop: Business) -> None:
    booking = sold.sell(shop, quantities={album(shop): 1})
    with pytest.raises(Invalid, match="as they are"):
        choose(shop, booking, 1)
    assert leaving.quotes(shop) == []


def test_what_is_being_cancelled_is_not_changed(shop: Business) -> None:
    booking = sold.sell(shop)
    shown = add_ons.see(shop.id, booking.booking_id, {album(shop): 1}, at=time.now())
    leaving.cancelling(shop, booking)
    with pytest.raises(NotChangeable, match="being cancelled"):
        add_ons.confirm(shop.id, booking.booking_id, shown.id, at=time.now())


def test_the_promises_hold(own_database: str, till: Till) -> None:
    shop = world.open_shop()
    held = leaving.sold(till, shop, pays_in_full=True, quantities={album(shop): 3})
    for count in (1, 2, 0, 3):
        choose(shop, held, count)
        till.work(shop)
        till.deliver()
        assert broken_promises() == []
