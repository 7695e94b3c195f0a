"""A refund that a bank sends back: its receipt is taken back by another one, once, and nothing else changes."""

import json

import pytest
from peewee import IntegrityError

from portal.db import database
from portal.invoices import page, queries, service
from portal.invoices.states import Called, DocumentKind, Reason
from portal.kernel import time
from portal.lifecycle.hold import Held
from portal.payments import refunds
from portal.payments.states import RefundReason
from portal.promises import invoices as documents
from portal.promises import money
from portal.web.application import Application
from tasks import relay
from tests.support import world
from tests.support.couples import in_half_a_year
from tests.support.documents import issued, told
from tests.support.leaving import sold
from tests.support.people import logged_in, person
from tests.support.till import Till, rows, till
from tests.support.world import Business

__all__ = ["till"]
BEFORE = [("invoice", 200_000), ("receipt", 100_000)]


def give_back(till: Till, shop: Business, held: Held, cents: int) -> str:
    """A part of the payment goes back; Stripe's id of the refund."""
    ((payment_id,),) = rows(shop, "SELECT id FROM payment WHERE booking_id = %s", held.booking_id)
    refunds.request(shop.id, payment_id, reason=RefundReason.OWNER, at=time.now(), amount_cents=cents)
    till.work(shop)
    made = till.stripe.world.store.execute("SELECT body FROM object WHERE kind = 'refund' ORDER BY seq DESC")
    return str(json.loads(next(iter(made))["body"])["id"])


def send_back(till: Till, shop: Business, refund: str) -> None:
    """The bank sends a refund back, and Stripe tells of it."""
    till.stripe.settle_refund(refund, is_success=False)
    till.deliver()


def follow(shop: Business) -> None:
    """A worker carries out what became of refunds; done again, it leads to nothing."""
    for kind in ("refund.completed", "refund.failed"):
        owed = rows(shop, "SELECT id, subject_id FROM outbox WHERE kind = %s AND status = 'due' ORDER BY id", kind)
        for effect_id, request_id in owed:
            assert relay.answer(effect_id)
            assert service.keep_up_with_refund(shop.id, request_id, at=time.now()) == []


def listed(shop: Business, held: Held) -> list[queries.InvoiceRow]:
    with database.reading(shop.id):
        return queries.of_booking(shop.id, held.booking_id)


@pytest.fixture
def held(till: Till, shop: Business) -> Held:
    """A sold booking with its invoice and the receipt of its deposit."""
    found = sold(till, shop)
    service.keep_up(shop.id, found.booking_id, at=time.now())
    return found


def test_its_receipt_is_taken_back_by_another(till: Till, shop: Business, held: Held) -> None:
    refund = give_back(till, shop, held, 30_000)
    follow(shop)
    assert told(issued(shop, held.booking_id)) == [*BEFORE, ("receipt", -30_000)]
    before = issued(shop, held.booking_id)
    send_back(till, shop, refund)
    follow(shop)
    *earlier, receipt, counter = issued(shop, held.booking_id)
    assert [*earlier, receipt] == before
    assert (counter.kind, counter.reason, counter.called) == (
        DocumentKind.RECEIPT, Reason.RETURNED, Called.RETURNED_REFUND
    )  # fmt: skip
    assert (counter.total_cents, counter.paid_cents) == (30_000, 30_000)
    assert counter.refers_to
    assert counter.refers_to.number == receipt.number
    assert counter.payments[0].transaction_id == refund
    rows_ = listed(shop, held)
    assert [(each.called, each.signed_cents) for each in rows_] == [
        ("invoice", 200_000), ("receipt", 100_000), ("refund", -30_000), ("returned_refund", 30_000)
    ]  # fmt: skip
    assert rows_[-1].refers_to_id == rows_[-2].id
    assert [each.called for each in rows_] == [each.called for each in issued(shop, held.booking_id)]
    rendered = rows(shop, "SELECT count(*) FROM outbox WHERE kind = 'invoice.render'")
    assert rendered == [(4,)]


def test_a_refund_that_came_back_before_its_receipt_has_neither(till: Till, shop: Business, held: Held) -> None:
    send_back(till, shop, give_back(till, shop, held, 30_000))
    follow(shop)
    assert told(issued(shop, held.booking_id)) == BEFORE


def test_one_that_never_left_has_neither(till: Till, shop: Business, held: Held) -> None:
    till.stripe.set_refund_status("pending")
    refund = give_back(till, shop, held, 30_000)
    send_back(till, shop, refund)
    follow(shop)
    assert rows(shop, "SELECT status FROM refund_request") == [("FAILED",)]
    assert told(issued(shop, held.booking_id)) == BEFORE


def test_a_retry_has_receipts_of_its_own(till: Till, shop: Business, held: Held) -> None:
    refund = give_back(till, shop, held, 30_000)
    follow(shop)
    send_back(till, shop, refund)
    ((request_id,),) = rows(shop, "SELECT id FROM refund_request")
    refunds.retry(shop.id, request_id, at=time.now())
    till.work(shop)
    follow(shop)
    assert sorted(told(issued(shop, held.booking_id))[2:]) == [
        ("receipt", -30_000), ("receipt", -30_000), ("receipt", 30_000)
    ]  # fmt: skip
    numbers = [each.number for each in issued(shop, held.booking_id) if each.kind is DocumentKind.RECEIPT]
    assert [int(each.rsplit("_", 1)[1]) for each in numbers] == [1, 2, 3, 4]


def test_two_refunds_that_come_back_at_once_are_told_apart_and_all_promises_hold(own_database: str, till: Till) -> None:
    shop = world.open_shop()
    booked = [sold(till, shop, event_on=in_half_a_year(shop, plus=days)) for days in (1, 2)]
    for each in booked:
        service.keep_up(shop.id, each.booking_id, at=time.now())
    one, other = (give_back(till, shop, booked[0], cents) for cents in (10_000, 20_000))
    third = give_back(till, shop, booked[1], 10_000)
    follow(shop)
    for refund in (one, other, third):
        till.stripe.settle_refund(refund, is_success=False)
    till.deliver(times=2, seed=7)
    follow(shop)
    pairs = (
        "SELECT c.total_cents, r.total_cents AS first, c.refund_request_id = r.refund_request_id AS is_one"
        " FROM invoice c JOIN invoice r ON r.id = c.refers_to_id WHERE c.kind = 'receipt' ORDER BY c.total_cents"
    )
    found = rows(shop, pairs)
    assert found == [(10_000, 10_000, True), (10_000, 10_000, True), (20_000, 20_000, True)]
    assert rows(shop, "SELECT array_agg(sequence ORDER BY sequence) FROM invoice WHERE kind = 'receipt'") == [
        (list(range(1, 9)),)
    ]
    assert (documents.documents(time.now()), money.sums(time.now())) == ([], [])


def test_the_database_keeps_a_third_receipt_and_one_that_takes_back_a_payment_away(
    till: Till, shop: Business, held: Held
) -> None:
    refund = give_back(till, shop, held, 30_000)
    follow(shop)
    send_back(till, shop, refund)
    follow(shop)
    for changes in ("refers_to_id = refers_to_id", "refers_to_id = NULL"):
        with pytest.raises(IntegrityError, match="invoice_receipt_of_refund_once"):
            copy(shop, "refers_to_id IS NOT NULL AND kind = 'receipt'", changes)
    with pytest.raises(IntegrityError, match="invoice_receipt_takes_back_a_refund"):
        copy(shop, "payment_id IS NOT NULL", "refers_to_id = invoice.id")


def copy(shop: Business, where: str, changes: str) -> None:
    """Another receipt like one that is there, as a service would write it that has forgotten the law."""
    column, value = changes.split(" = ")
    wanted = (
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'invoice' AND is_generated = 'NEVER'"
    )
    names = [name for (name,) in rows(shop, wanted)]
    fresh = {"id": "gen_random_uuid()", "sequence": "99", "invoice_number": "'COPY_R_2026_099'", column: value}
    with database.writing(shop.id):
        database.execute(
            f"INSERT INTO invoice ({', '.join(names)}) SELECT {', '.join(fresh.get(name, name) for name in names)}"
            f" FROM invoice WHERE {where}"
        )


def test_it_says_so_on_paper_and_on_pages(till: Till, shop: Business, held: Held, app: Application) -> None:
    refund = give_back(till, shop, held, 30_000)
    follow(shop)
    send_back(till, shop, refund)
    follow(shop)
    receipt, counter = issued(shop, held.booking_id)[-2:]
    printed = page.html(counter, stylesheets=())
    for words in ("Receipt for a returned refund", "For receipt", receipt.number, "The bank sent the refund back",
                  "Amount received"):  # fmt: skip
        assert words in printed
    assert "For invoice" in page.html(receipt, stylesheets=())
    owner = logged_in(app, person(shop.id))
    for address in ("invoices", f"bookings/{held.reference}/invoices"):
        shown = owner.get(f"/dashboard/{shop.slug}/{address}").text
        lines = [line for line in shown.split("<tr>") if "refund" in line]
        assert sorted(("returned" in line, "-$300.00" in line) for line in lines) == [(False, True), (True, False)]
