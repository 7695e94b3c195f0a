"""Bookings that were paid, made through hold and settle with a session such as Stripe would tell."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.db import database
from portal.kernel import time
from portal.kernel.ids import uuid7
from portal.lifecycle.settle import Settled, settle_session
from portal.payments import attempts
from portal.payments.gateway import Intent, Session
from tests.support import couples
from tests.support.world import Business


@dataclass(frozen=True)
class Sold:
    """A booking and the attempt that paid it."""

    booking_id: UUID
    reference: str
    checkout_id: UUID


def sell(shop: Business, *, at: datetime | None = None, **changes: Any) -> Sold:
    """A confirmed booking of Anna and Ben, what was due at booking paid by card."""
    at = at or time.now()
    held = couples.hold(shop, at=at, **changes)
    assert held.checkout_id
    pay(shop, held.checkout_id, at=at)
    return Sold(held.booking_id, held.reference, held.checkout_id)


def pay(shop: Business, checkout_id: UUID, *, at: datetime) -> Settled:
    """Stripe says that the attempt was paid."""
    with database.reading(shop.id):
        sold = attempts.load(shop.id, checkout_id)
    intent = Intent(
        id=f"pi_{uuid7().hex}",
        status="succeeded",
        amount_received=sold.amount_cents,
        currency=sold.currency,
        is_live=False,
        charge_id=f"ch_{uuid7().hex}",
        card_brand="visa",
        card_last4="4242",
        fee_cents=sold.application_fee_cents,
        fee_id=f"fee_{uuid7().hex}",
        captured_at=at,
    )
    session = Session(
        id=f"cs_test_{uuid7().hex}",
        status="complete",
        payment_status="paid",
        amount_total=sold.amount_cents,
        currency=sold.currency,
        is_live=False,
        url="",
        expires_at=sold.expires_at,
        metadata={"checkout": str(checkout_id), "tenant": str(shop.id)},
        intent=intent,
    )
    attempts.record_session(shop.id, checkout_id, session_id=session.id, url="https://stripe.example/pay", at=at)
    return settle_session(shop.id, checkout_id, session, at=at)
