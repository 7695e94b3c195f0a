"""Payments that a couple's bank took back: rows in the ledger, and a question to a person. Nothing is decided here.

Asks Stripe outside of any transaction.
"""

from datetime import datetime
from uuid import UUID

from portal.bookings import service as bookings
from portal.db import database, outbox
from portal.payments import found, gateway, ledger
from portal.payments.gateway import ProviderDispute
from portal.payments.states import LedgerKind

_OVER = {"won", "lost", "warning_closed", "prevented"}


def is_open(dispute: ProviderDispute) -> bool:
    """Whether the bank has not decided yet."""
    return dispute.status not in _OVER


def sync(tenant_id: UUID, payment_id: UUID, *, at: datetime) -> None:
    """Take over what Stripe says about a payment's disputes. Raises GatewayError."""
    with database.reading(tenant_id):
        payment = found.payment(tenant_id, payment_id)
    told = gateway.current().disputes_of(payment.stripe_payment_intent_id, account=payment.stripe_account_id)
    with database.writing(tenant_id):
        bookings.lock(tenant_id, payment.booking_id)
        for dispute in told:
            _apply_one(payment, dispute, at)


def _apply_one(payment: database.Row, dispute: ProviderDispute, at: datetime) -> None:
    bookings.flag_for_review(payment.tenant_id, payment.booking_id, f"dispute: {dispute.id}", at)
    outbox.owe(
        "booking.disputed",
        payment.booking_id,
        payload={"dispute_id": dispute.id},
        dedupe_key=f"disputed {payment.tenant_id} {dispute.id}",
    )
    withdrawn = database.value(
        "SELECT -amount_cents FROM ledger_entry WHERE tenant_id = %s AND kind = 'dispute' AND provider_id = %s",
        payment.tenant_id,
        dispute.id,
    )
    if withdrawn is None:
        _enter(payment, dispute, LedgerKind.DISPUTE, -dispute.withdrawn_cents, at)
    elif dispute.withdrawn_cents == 0:
        _enter(payment, dispute, LedgerKind.DISPUTE_WON, withdrawn, at)


def _enter(payment: database.Row, dispute: ProviderDispute, kind: LedgerKind, amount_cents: int, at: datetime) -> None:
    ledger.enter(
        payment.tenant_id, payment.booking_id, kind=kind, amount_cents=amount_cents, currency=dispute.currency,
        provider_id=dispute.id, at=at, payment_id=payment.id,
    )  # fmt: skip
