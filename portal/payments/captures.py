"""Money that came: the payment's row, its rows in the ledger, and the stages that it pays.

Recording is one thing, allocating another: money that differs from what was sold, or that nobody owes, is recorded
to the cent and pays no stage. The caller has locked the booking's row.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from portal.bookings import service as bookings
from portal.bookings.states import Actor
from portal.db import database
from portal.kernel.ids import uuid7
from portal.payments import ledger
from portal.payments.attempts import CheckoutView
from portal.payments.gateway import Intent
from portal.payments.models import Payment, PaymentAllocation
from portal.payments.states import LedgerKind


def record(tenant_id: UUID, checkout: CheckoutView, intent: Intent, *, at: datetime) -> UUID | None:
    """Write down a captured payment with its fee; its id, or None when it stands there already."""
    with database.writing(tenant_id):
        if database.value("SELECT 1 FROM payment WHERE stripe_payment_intent_id = %s", intent.id):
            return None
        captured_at = intent.captured_at or at
        payment_id = uuid7()
        Payment.insert(
            id=payment_id, tenant_id=tenant_id, booking_id=checkout.booking_id, checkout_id=checkout.id,
            stripe_account_id=checkout.stripe_account_id, stripe_payment_intent_id=intent.id,
            stripe_charge_id=intent.charge_id, amount_cents=intent.amount_received, currency=intent.currency,
            card_brand=intent.card_brand, card_last4=intent.card_last4, captured_at=captured_at,
        ).execute()  # fmt: skip
        entries = {
            LedgerKind.CAPTURE: (intent.amount_received, intent.id),
            LedgerKind.FEE: (intent.fee_cents, intent.fee_id or intent.id),
        }
        for kind, (amount_cents, provider_id) in entries.items():
            ledger.enter(
                tenant_id, checkout.booking_id, kind=kind, amount_cents=amount_cents, currency=intent.currency,
                provider_id=provider_id, at=captured_at, payment_id=payment_id,
            )  # fmt: skip
        bookings.note_event(
            tenant_id,
            checkout.booking_id,
            at=at,
            actor=Actor.STRIPE,
            kind="payment",
            details={
                "amount_cents": intent.amount_received,
                "currency": intent.currency,
                "payment": str(payment_id),
                **({"payer": checkout.payer_label} if checkout.payer_label else {}),
            },
        )
        return payment_id


def are_open(tenant_id: UUID, amounts: Mapping[UUID, int]) -> bool:
    """Whether these stages still wait for exactly these amounts."""
    waiting = database.value(
        "SELECT count(*) FROM booking_payment_stage s"
        " JOIN unnest(%s::uuid[], %s::bigint[]) AS sold (id, cents) ON sold.id = s.id AND sold.cents = s.amount_cents"
        " WHERE s.tenant_id = %s AND s.status IN ('PENDING', 'FAILED')",
        list(amounts),
        list(amounts.values()),
        tenant_id,
    )
    return int(waiting) == len(amounts)


def is_paid(tenant_id: UUID, stages: Iterable[UUID]) -> bool:
    """Whether other money has paid one of these stages."""
    return bool(
        database.value(
            "SELECT 1 FROM booking_payment_stage WHERE tenant_id = %s AND id = ANY(%s)"
            " AND status IN ('COMPLETED', 'REFUNDED') LIMIT 1",
            tenant_id,
            list(stages),
        )
    )


def allocate(tenant_id: UUID, payment_id: UUID, amounts: Mapping[UUID, int]) -> None:
    """Let a payment pay these stages, which are open."""
    with database.writing(tenant_id):
        for before, after in (("FAILED", "PENDING"), ("PENDING", "COMPLETED")):
            database.execute(
                "UPDATE booking_payment_stage SET status = %s WHERE tenant_id = %s AND id = ANY(%s) AND status = %s",
                after,
                tenant_id,
                list(amounts),
                before,
            )
        PaymentAllocation.insert_many(
            [
                {
                    "id": uuid7(),
                    "tenant_id": tenant_id,
                    "payment_id": payment_id,
                    "stage_id": id_,
                    "amount_cents": cents,
                }
                for id_, cents in amounts.items()
            ]
        ).execute()


class Came(NamedTuple):
    """Money that an attempt brought: how much, and whether it pays stages or goes back."""

    amount_cents: int
    pays: bool
    is_returned: bool


def of_checkout(tenant_id: UUID, checkout_id: UUID) -> Came | None:
    """What an attempt brought, if anything was written down yet."""
    row = database.row(
        "SELECT p.amount_cents, EXISTS (SELECT 1 FROM payment_allocation a WHERE a.tenant_id = p.tenant_id"
        "  AND a.payment_id = p.id) AS pays, EXISTS (SELECT 1 FROM refund_request r WHERE r.tenant_id = p.tenant_id"
        "  AND r.payment_id = p.id) AS is_returned FROM payment p WHERE p.tenant_id = %s AND p.checkout_id = %s"
        " ORDER BY p.captured_at, p.id LIMIT 1",
        tenant_id,
        checkout_id,
    )
    return None if row is None else Came(*row)


def fail_stages(tenant_id: UUID, amounts: Mapping[UUID, int]) -> None:
    """Mark stages as tried in vain."""
    with database.writing(tenant_id):
        database.execute(
            "UPDATE booking_payment_stage SET status = 'FAILED'"
            " WHERE tenant_id = %s AND id = ANY(%s) AND status = 'PENDING'",
            tenant_id,
            list(amounts),
        )
