"""Couples who pay what is still open: their stages, their browser, and the business's figures beside Stripe's."""

from datetime import date
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.db import database
from portal.kernel import time
from portal.kernel.ids import uuid7
from portal.lifecycle import pay
from portal.lifecycle.hold import Held
from portal.lifecycle.pay import Payment
from portal.payments import attempts
from portal.payments.attempts import CheckoutView
from portal.payments.checkouts import NotOpened, Opened
from tests.support.forms import csrf_in
from tests.support.till import Till, rows
from tests.support.world import Business


def open_stages(shop: Business, held: Held) -> list[UUID]:
    """What is still to be paid, in its order."""
    wanted = (
        "SELECT id FROM booking_payment_stage WHERE booking_id = %s AND status IN ('PENDING', 'FAILED')"
        " ORDER BY stage_number"
    )
    return [stage for (stage,) in rows(shop, wanted, held.booking_id)]


def in_instalments(shop: Business, held: Held, *cents: int) -> list[UUID]:
    """The rest of a booking in several parts that add up to it, all due on the same day; their ids."""
    (first,) = open_stages(shop, held)
    with database.writing(shop.id):
        database.execute(
            "UPDATE booking_payment_stage SET type = 'INSTALLMENT', amount_cents = %s WHERE id = %s", cents[0], first
        )
        for number, amount in enumerate(cents[1:], start=3):
            database.execute(
                "INSERT INTO booking_payment_stage SELECT %s, tenant_id, booking_id, %s, type, %s, currency, due_on,"
                " status FROM booking_payment_stage WHERE id = %s",
                uuid7(),
                number,
                amount,
                first,
            )
    return open_stages(shop, held)


def due_on(shop: Business, held: Held, day: date) -> None:
    """Everything that is open was due on that day."""
    with database.writing(shop.id):
        database.execute(
            "UPDATE booking_payment_stage SET due_on = %s WHERE booking_id = %s AND status = 'PENDING'",
            day,
            held.booking_id,
        )


def ask(shop: Business, held: Held, *stages: UUID, **changes: Any) -> Opened | NotOpened:
    """The couple asks for Stripe's page."""
    base = f"http://localhost/manage/{held.reference}"
    wish = Payment(frozenset(stages or open_stages(shop, held)), f"{base}/paid", f"{base}/pay", {})
    return pay.pay(shop.id, held.booking_id, wish, **{"at": time.now(), **changes})


def tries(shop: Business, held: Held) -> list[CheckoutView]:
    """The attempts to pay stages, the first one first."""
    with database.reading(shop.id):
        found = attempts.of_booking(shop.id, held.booking_id)
    return [each for each in reversed(found) if each.purpose == pay.PURPOSE]


def sessions(shop: Business, held: Held) -> list[str]:
    """Stripe's sessions of those attempts."""
    return [each.stripe_checkout_session_id or "" for each in tries(shop, held)]


def choose(client: FlaskClient, reference: str, *stages: object, **fields: str) -> TestResponse:
    """The form, sent."""
    address = f"/manage/{reference}/pay"
    data = {
        "csrf_token": csrf_in(client.get(f"/manage/{reference}/pay").text),
        "stage": [str(stage) for stage in stages],
        **fields,
    }
    return client.post(address, data=data)


def captured_at_stripe(till: Till) -> list[int]:
    """What Stripe took and did not give back, by its own account."""
    succeeded = [event["data"]["object"] for event in till.events() if event["type"] == "payment_intent.succeeded"]
    given_back: dict[str, int] = {}
    for event in till.events():
        if event["type"] == "charge.refunded":
            charge = event["data"]["object"]
            given_back[charge["payment_intent"]] = charge["amount_refunded"]
    kept = [intent["amount_received"] - given_back.get(intent["id"], 0) for intent in succeeded]
    return sorted(cents for cents in kept if cents)
