"""Numbers: per tenant and year, by the tenant's own calendar, gapless, and read back."""

from datetime import date

import pytest

from portal.db import database
from portal.invoices import numbers, service
from portal.invoices.numbers import Parts
from portal.invoices.states import DocumentKind
from portal.tenants import invoicing
from tests.support.documents import at, bare_confirmed, issued
from tests.support.world import Business, open_shop

NUMBERS = {
    "BELLA-WEDDINGS_2026_001": Parts("BELLA-WEDDINGS", DocumentKind.INVOICE, 2026, 1),
    "BELLA-WEDDINGS_CN_2026_012": Parts("BELLA-WEDDINGS", DocumentKind.CREDIT_NOTE, 2026, 12),
    "BELLA-WEDDINGS_R_2026_999": Parts("BELLA-WEDDINGS", DocumentKind.RECEIPT, 2026, 999),
    "A_2027_1000": Parts("A", DocumentKind.INVOICE, 2027, 1000),
    "CN_2027_001": Parts("CN", DocumentKind.INVOICE, 2027, 1),
}


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_written_and_read(number: str) -> None:
    assert numbers.read(number) == NUMBERS[number]
    assert numbers.written(NUMBERS[number]) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A_2026_01",
        "A_2026_0001",
        "a_2026_001",
        "A_26_001",
        "A_2026_٠٠١",
        "../A_2026_001",
        "A_X_2026_001",
        "_2026_001",
    ],
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert numbers.read(text) is None


def issue(shop: Business, instant: str) -> tuple[str, date]:
    """Issue an invoice at an instant; its number and date."""
    booking_id = bare_confirmed(shop)
    service.keep_up(shop.id, booking_id, at=at(instant))
    (document,) = issued(shop, booking_id)
    return document.number.removeprefix(f"{shop.slug.upper()}_"), document.issued_on


def test_a_year_begins_at_the_tenants_own_midnight(connected: object) -> None:
    new_york, auckland = open_shop(), open_shop(timezone="Pacific/Auckland")
    assert issue(new_york, "2027-01-01T04:59:59+00:00") == ("2026_001", date(2026, 12, 31))
    assert issue(new_york, "2027-01-01T05:00:00+00:00") == ("2027_001", date(2027, 1, 1))
    assert issue(new_york, "2027-01-01T05:00:01+00:00") == ("2027_002", date(2027, 1, 1))
    assert issue(auckland, "2026-12-31T10:59:59+00:00") == ("2026_001", date(2026, 12, 31))
    assert issue(auckland, "2026-12-31T11:00:00+00:00") == ("2027_001", date(2027, 1, 1))


def test_a_latecomer_of_the_old_year_takes_the_next_number_of_the_old_year(shop: Business) -> None:
    assert issue(shop, "2026-12-31T17:00:00+00:00")[0] == "2026_001"
    assert issue(shop, "2027-01-01T05:00:00+00:00")[0] == "2027_001"
    assert issue(shop, "2027-01-01T04:59:59+00:00") == ("2026_002", date(2026, 12, 31))


def test_a_later_number_never_has_an_earlier_date(shop: Business) -> None:
    assert issue(shop, "2026-06-02T04:00:00+00:00") == ("2026_001", date(2026, 6, 2))
    assert issue(shop, "2026-06-02T03:59:59+00:00") == ("2026_002", date(2026, 6, 2))


def test_each_kind_and_each_tenant_counts_for_itself(shop: Business, rival: Business) -> None:
    booking_id = bare_confirmed(shop)
    service.keep_up(shop.id, booking_id, at=at("2026-06-02T12:00:00+00:00"))
    with database.writing(shop.id):
        database.execute("UPDATE booking SET couple = 'Ada & Mary' WHERE id = %s", booking_id)
    service.keep_up(shop.id, booking_id, at=at("2026-06-02T12:00:00+00:00"))
    prefix = shop.slug.upper()
    assert [each.number for each in issued(shop, booking_id)] == [
        f"{prefix}_2026_001",
        f"{prefix}_CN_2026_001",
        f"{prefix}_2026_002",
    ]
    assert issue(rival, "2026-06-02T12:00:00+00:00")[0] == "2026_001"


def test_another_prefix_goes_on_counting(shop: Business) -> None:
    assert issue(shop, "2026-06-02T12:00:00+00:00")[0] == "2026_001"
    invoicing.change(shop.id, prefix="juniper", at=at("2026-06-02T12:00:00+00:00"))
    assert issue(shop, "2026-06-02T12:00:00+00:00")[0] == "JUNIPER_2026_002"
