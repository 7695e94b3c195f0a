"""What happens to a booking leads to the documents it should have, once, and to no others."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal import settings
from portal.bookings.states import Actor
from portal.db import database
from portal.invoices import service
from portal.invoices.states import DocumentKind, Reason
from portal.kernel import time
from portal.kernel.errors import Conflict, NotFound
from portal.lifecycle.finish import finish
from portal.lifecycle.hold import Held
from portal.payments import refunds
from portal.payments.states import RefundReason
from portal.tenants import invoicing
from tests.support import leaving
from tests.support.documents import issued, told
from tests.support.leaving import sold
from tests.support.till import Till, end_hold, rows, till
from tests.support.world import Business

__all__ = ["till"]


def keep_up(shop: Business, held: Held) -> list[tuple[str, int]]:
    """Bring the documents up, twice, because it may run again; all of them."""
    service.keep_up(shop.id, held.booking_id, at=time.now())
    assert service.keep_up(shop.id, held.booking_id, at=time.now()) == []
    return told(issued(shop, held.booking_id))


def cancelled(shop: Business, held: Held, **changes: Any) -> None:
    """The couple gives up, and the time to undo is over."""
    leaving.cancelling(shop, held, **changes)
    assert finish(shop.id, held.booking_id, at=time.now() + leaving.WINDOW)


def write(shop: Business, held: Held, statement: str) -> None:
    with database.writing(shop.id):
        database.execute(statement, held.booking_id)


def test_a_confirmed_booking_gets_an_invoice_and_a_receipt(till: Till, shop: Business) -> None:
    held = sold(till, shop, quantities={shop.add_ons["Album"]: 2})
    assert keep_up(shop, held) == [("invoice", 260_000), ("receipt", 130_000)]
    invoice, receipt = issued(shop, held.booking_id)
    assert [(each.description, each.quantity, each.unit_cents, each.gross_cents) for each in invoice.lines] == [
        ("Whole day", 1, 200_000, 200_000),
        ("Album", 2, 30_000, 60_000),
    ]
    assert invoice.customer.name == "Anna Smith & Ben Jones"
    (payment,) = invoice.payments
    assert (payment.amount_cents, payment.card_last4) == (130_000, "4242")
    assert payment.transaction_id.startswith("pi_")
    assert invoice.balance_cents == 130_000
    assert [due.amount_cents for due in invoice.dues] == [130_000]
    assert receipt.service.name == "Deposit for Whole day"
    assert receipt.refers_to
    assert receipt.refers_to.number == invoice.number
    assert rows(shop, "SELECT kind FROM outbox WHERE kind = 'invoice.render'") == [("invoice.render",)] * 2


def test_each_payment_gets_a_receipt_and_the_invoice_stays(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    keep_up(shop, held)
    leaving.pay_the_rest(till, shop, held)
    assert keep_up(shop, held) == [("invoice", 200_000), ("receipt", 100_000), ("receipt", 100_000)]


def test_another_price_is_a_credit_note_and_a_new_invoice(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    keep_up(shop, held)
    write(shop, held, "UPDATE booking_line SET unit_cents = 210000, net_cents = 210000, gross_cents = 210000"
                      " WHERE booking_id = %s")  # fmt: skip
    write(shop, held, "UPDATE booking SET net_cents = 210000, total_cents = 210000 WHERE id = %s")
    first, *_ = issued(shop, held.booking_id)
    keep_up(shop, held)
    note, anew = issued(shop, held.booking_id)[2:]
    assert (note.kind, note.reason, note.total_cents) == (DocumentKind.CREDIT_NOTE, Reason.CHANGED, 200_000)
    assert note.refers_to
    assert note.refers_to.number == first.number
    assert (anew.kind, anew.total_cents, anew.balance_cents) == (DocumentKind.INVOICE, 210_000, 110_000)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE booking SET event_on = event_on + 7 WHERE id = %s",
        "UPDATE booking SET couple = 'Anna & Ben Smith' WHERE id = %s",
    ],
)
def test_another_date_or_customer_as_well(till: Till, shop: Business, change: str) -> None:
    held = sold(till, shop)
    keep_up(shop, held)
    write(shop, held, change)
    assert keep_up(shop, held)[2:] == [("credit_note", -200_000), ("invoice", 200_000)]
    first, _, note, anew = issued(shop, held.booking_id)
    assert (note.customer, note.service) == (first.customer, first.service)
    assert (anew.customer, anew.service) != (first.customer, first.service)


def test_another_venue_changes_nothing(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    before = keep_up(shop, held)
    write(shop, held, "UPDATE booking SET venue = 'The New Mill' WHERE id = %s")
    assert keep_up(shop, held) == before


def test_a_cancellation_credits_what_is_not_kept_and_the_refund_gets_a_receipt(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    keep_up(shop, held)
    cancelled(shop, held, actor=Actor.OWNER, refund_cents=70_000, reason="We are moving away.")
    assert keep_up(shop, held)[2:] == [("credit_note", -170_000)]
    till.work(shop)
    till.deliver()
    assert keep_up(shop, held)[3:] == [("receipt", -70_000)]
    note = issued(shop, held.booking_id)[2]
    assert note.reason is Reason.CANCELLED


def test_a_cancellation_that_gives_all_back_credits_all(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    keep_up(shop, held)
    leaving.terms(shop, held, kept='"nothing"', tiers='[{"days": 0, "percent": 100}]')
    cancelled(shop, held)
    assert keep_up(shop, held)[2:] == [("credit_note", -200_000)]
    first, _, note = issued(shop, held.booking_id)
    assert note.lines == first.lines


def test_more_that_goes_back_later_is_credited_later(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    keep_up(shop, held)
    cancelled(shop, held)
    assert keep_up(shop, held)[2:] == [("credit_note", -100_000)]
    ((payment_id,),) = rows(shop, "SELECT id FROM payment WHERE booking_id = %s", held.booking_id)
    refunds.request(shop.id, payment_id, reason=RefundReason.OWNER, at=time.now(), amount_cents=25_000)
    assert keep_up(shop, held)[3:] == [("credit_note", -25_000)]


def test_a_cancellation_that_can_be_undone_changes_nothing_yet(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    before = keep_up(shop, held)
    leaving.cancelling(shop, held)
    assert keep_up(shop, held) == before


def test_money_for_a_booking_that_never_was_gets_receipts_alone(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    end_hold(shop, held)
    sold(till, shop)
    till.pay(shop, held)
    till.deliver()
    till.work(shop)
    till.deliver()
    assert keep_up(shop, held) == [("receipt", 100_000), ("receipt", -100_000)]


def test_on_full_payment_means_then(till: Till, shop: Business) -> None:
    invoicing.change(shop.id, issue_when="paid", at=time.now())
    held = sold(till, shop)
    assert keep_up(shop, held) == [("receipt", 100_000)]
    leaving.pay_the_rest(till, shop, held)
    assert keep_up(shop, held) == [("receipt", 100_000), ("invoice", 200_000), ("receipt", 100_000)]


def test_by_hand_means_by_hand_and_corrections_follow_by_themselves(till: Till, shop: Business) -> None:
    invoicing.change(shop.id, issue_when="by_hand", at=time.now())
    held = sold(till, shop)
    assert keep_up(shop, held) == [("receipt", 100_000)]
    with database.reading(shop.id):
        draft = service.preview(shop.id, held.booking_id, at=time.now())
    assert draft
    assert (draft.number, draft.total_cents) == ("", 200_000)
    service.issue(shop.id, held.booking_id, at=time.now())
    with pytest.raises(Conflict):
        service.issue(shop.id, held.booking_id, at=time.now())
    write(shop, held, "UPDATE booking SET event_on = event_on + 7 WHERE id = %s")
    assert keep_up(shop, held)[1:] == [("invoice", 200_000), ("credit_note", -200_000), ("invoice", 200_000)]


def test_without_the_feature_nothing_is_issued_and_what_exists_can_be_read(
    till: Till, shop: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = sold(till, shop)
    before = keep_up(shop, held)
    off = replace(settings.current(), features=replace(settings.current().features, invoices=False))
    monkeypatch.setattr(settings, "_current", [off])
    write(shop, held, "UPDATE booking SET event_on = event_on + 7 WHERE id = %s")
    assert keep_up(shop, held) == before
    with pytest.raises(Conflict, match="switched off"):
        service.issue(shop.id, held.booking_id, at=time.now())


def test_what_happened_to_a_document_is_noted_once_and_for_its_own_tenant(
    till: Till, shop: Business, rival: Business
) -> None:
    held = sold(till, shop)
    keep_up(shop, held)
    ((invoice_id,),) = rows(shop, "SELECT id FROM invoice WHERE kind = 'invoice'")
    at = time.now()
    for moment in (at, at + timedelta(days=1)):
        service.mark_sent(shop.id, invoice_id, at=moment)
        service.mark_viewed(shop.id, invoice_id, at=moment)
    assert rows(shop, "SELECT sent_at, viewed_at FROM invoice WHERE id = %s", invoice_id) == [(at, at)]
    with pytest.raises(NotFound):
        service.mark_sent(rival.id, invoice_id, at=at)
    with pytest.raises(NotFound):
        service.render_again(rival.id, invoice_id)


def test_the_seller_is_who_it_was(till: Till, shop: Business) -> None:
    at = time.now()
    invoicing.change(shop.id, legal_name="Juniper LLC", address="1 Rye Road\nYonkers", tax_number="12-345", at=at)
    held = sold(till, shop)
    keep_up(shop, held)
    invoicing.change(shop.id, legal_name="Somebody else", at=at)
    assert {each.seller.name for each in issued(shop, held.booking_id)} == {"Juniper LLC"}
