"""The list of documents: what it finds, and that turning its pages shows each document once."""

from datetime import timedelta

import pytest

from portal.db import database
from portal.invoices import listing, service
from portal.invoices.listing import Cursor, Filters, Paid, Went
from portal.invoices.states import DocumentKind
from portal.kernel import time
from portal.kernel.errors import Invalid
from portal.lifecycle.finish import finish
from portal.payments import refunds
from portal.payments.states import RefundReason
from tests.support import leaving, sold
from tests.support.couples import in_half_a_year
from tests.support.documents import issued
from tests.support.till import Till, rows, till
from tests.support.world import Business

__all__ = ["till"]


def sell(shop: Business, count: int) -> list[str]:
    """Bookings with an invoice and a receipt each; their references."""
    made = [sold.sell(shop, event_on=in_half_a_year(shop, plus=plus)) for plus in range(count)]
    for each in made:
        service.keep_up(shop.id, each.booking_id, at=time.now())
    return [each.reference for each in made]


def numbers(shop: Business, filters: Filters) -> list[str]:
    with database.reading(shop.id):
        return [row.invoice_number for row in listing.listing(shop.id, filters).rows]


def test_pages_show_each_document_once_and_the_newest_first(shop: Business) -> None:
    sell(shop, 3)
    seen, after = [], None
    with database.reading(shop.id):
        while True:
            page = listing.listing(shop.id, Filters(), after=after, limit=2)
            seen += [row.id for row in page.rows]
            after = page.next
            if after is None:
                break
            assert Cursor.parse(str(after)) == after
    assert (len(seen), page.count) == (6, 6)
    assert seen == sorted(seen, reverse=True)


def test_it_finds_by_number_name_booking_kind_and_day(shop: Business) -> None:
    first, _ = sell(shop, 2)
    everything = numbers(shop, Filters())
    assert len(everything) == 4
    assert set(numbers(shop, Filters(search=first.lower()))) < set(everything)
    assert len(numbers(shop, Filters(search=first))) == 2
    assert numbers(shop, Filters(search="no-such-couple")) == []
    assert len(numbers(shop, Filters(search="anna"))) == 4
    assert numbers(shop, Filters(search=everything[0])) == [everything[0]]
    assert len(numbers(shop, Filters(kind=DocumentKind.RECEIPT))) == 2
    today = shop.tenant.today(time.now())
    assert len(numbers(shop, Filters(first_on=today, last_on=today))) == 4
    assert numbers(shop, Filters(first_on=today + timedelta(days=1))) == []
    assert numbers(shop, Filters(last_on=today - timedelta(days=1))) == []


def test_it_finds_by_what_became_of_a_document(shop: Business) -> None:
    sell(shop, 1)
    with database.reading(shop.id):
        first, second = listing.listing(shop.id, Filters()).rows
    service.mark_sent(shop.id, first.id, at=time.now())
    service.mark_viewed(shop.id, second.id, at=time.now())
    assert numbers(shop, Filters(went=Went.SENT)) == [first.invoice_number]
    assert numbers(shop, Filters(went=Went.UNSENT)) == [second.invoice_number]
    assert numbers(shop, Filters(went=Went.VIEWED)) == [second.invoice_number]
    assert numbers(shop, Filters(went=Went.FAILED)) == []


def by_payment(shop: Business) -> tuple[list[str], list[str]]:
    return numbers(shop, Filters(paid=Paid.UNPAID)), numbers(shop, Filters(paid=Paid.PAID))


def test_it_finds_invoices_that_stand_by_what_the_ledger_says_is_there(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    service.keep_up(shop.id, held.booking_id, at=time.now())
    number = issued(shop, held.booking_id)[0].number
    assert by_payment(shop) == ([number], [])
    leaving.pay_the_rest(till, shop, held)
    assert by_payment(shop) == ([], [number])
    service.keep_up(shop.id, held.booking_id, at=time.now())
    assert by_payment(shop) == ([], [number])
    ((payment_id,), *_) = rows(shop, "SELECT id FROM payment WHERE booking_id = %s", held.booking_id)
    refunds.request(shop.id, payment_id, reason=RefundReason.OWNER, at=time.now(), amount_cents=1)
    assert by_payment(shop) == ([], [number])
    till.work(shop)
    till.deliver()
    assert by_payment(shop) == ([number], [])


def test_an_invoice_that_was_taken_back_is_neither_paid_nor_unpaid(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    service.keep_up(shop.id, held.booking_id, at=time.now())
    leaving.terms(shop, held, kept='"nothing"', tiers='[{"days": 0, "percent": 100}]')
    leaving.cancelling(shop, held)
    assert finish(shop.id, held.booking_id, at=time.now() + leaving.WINDOW)
    service.keep_up(shop.id, held.booking_id, at=time.now())
    assert by_payment(shop) == ([], [])


def test_a_cancellation_that_keeps_what_was_paid_leaves_a_paid_invoice(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    service.keep_up(shop.id, held.booking_id, at=time.now())
    leaving.cancelling(shop, held)
    assert finish(shop.id, held.booking_id, at=time.now() + leaving.WINDOW)
    service.keep_up(shop.id, held.booking_id, at=time.now())
    assert by_payment(shop) == ([], [issued(shop, held.booking_id)[0].number])


@pytest.mark.parametrize("text", ["", "2026-11-20", "2026-11-20_x", "soon_018f0000000070008000000000000000"])
def test_a_position_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Cursor.parse(text)
