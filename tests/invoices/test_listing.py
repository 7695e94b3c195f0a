"""The list of documents: what it finds, and that turning its pages shows each document once."""

from datetime import timedelta

import pytest

from portal.db import database
from portal.invoices import listing, service
from portal.invoices.listing import Cursor, Filters, Went
from portal.invoices.states import DocumentKind
from portal.kernel import time
from portal.kernel.errors import Invalid
from tests.support import sold
from tests.support.couples import in_half_a_year
from tests.support.world import Business


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


@pytest.mark.parametrize("text", ["", "2026-11-20", "2026-11-20_x", "soon_018f0000000070008000000000000000"])
def test_a_position_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Cursor.parse(text)
