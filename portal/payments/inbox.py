"""The inbox of Stripe's events: authentic ones are kept once, as hints, and answered at once.

Law: what is not authentic stores nothing. What is authentic but of the wrong mode, of an unknown account or of a type
that we do not listen to is answered and counted, and touches nothing else. A kept event is durable before the answer,
and its handling is owed in the same transaction. Reconcile brings missed events in through the same door.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from portal import settings
from portal.db import counters, database, outbox
from portal.db.tenancy import platform_scope
from portal.kernel import failpoints
from portal.kernel.errors import Invalid
from portal.kernel.ids import uuid7
from portal.kernel.text import N_
from portal.payments import accounts, gateway, stripe_shapes
from portal.payments.gateway import Event
from portal.payments.models import WebhookEvent
from portal.payments.signatures import is_authentic

PROVIDER = "stripe"
LONGEST_BODY = 1_000_000
# What we listen to; set up the endpoints for these (README).
TYPES = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "charge.refunded",
    "charge.refund.updated",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
)


class Receipt(StrEnum):
    """What became of an authentic event."""

    STORED = "stored"
    KNOWN = "known"
    WRONG_MODE = "wrong_mode"
    UNKNOWN_ACCOUNT = "unknown_account"
    UNKNOWN_TYPE = "unknown_type"


def receive(body: bytes, signature: str, *, at: datetime) -> Receipt:
    """Take in what was posted to the webhook address. Raises Invalid when it is not an authentic event."""
    if len(body) > LONGEST_BODY or not is_authentic(body, signature, settings.current().stripe_webhook_secrets, at=at):
        raise Invalid(N_("This is not an event of ours."))
    receipt = take_in([_parsed(body)], at=at)[0]
    failpoints.reach("webhook.after_store")
    return receipt


def take_in(events: Iterable[Event], *, at: datetime) -> list[Receipt]:
    """Keep events that are known to be authentic, each once."""
    with database.writing(), platform_scope(reason="events belong to the platform"):
        return [_take_in(event, at) for event in events]


def _take_in(event: Event, at: datetime) -> Receipt:
    receipt = _objection(event) or _store(event, at)
    if receipt not in {Receipt.STORED, Receipt.KNOWN}:
        counters.count(f"webhook.{receipt}", at=at)
    return receipt


def _objection(event: Event) -> Receipt | None:
    if event.is_live != gateway.current().is_live:
        return Receipt.WRONG_MODE
    if event.account and not accounts.is_known(event.account):
        return Receipt.UNKNOWN_ACCOUNT
    return None if event.type in TYPES else Receipt.UNKNOWN_TYPE


def _store(event: Event, at: datetime) -> Receipt:
    row_id = uuid7()
    stored = (
        WebhookEvent.insert(
            id=row_id, provider=PROVIDER, account=event.account, event_id=event.id, type=event.type,
            object_type=event.object_type, object_id=event.object_id, created_at=event.created_at, received_at=at,
        )
        .on_conflict_ignore()
        .as_rowcount()
        .execute()
    )  # fmt: skip
    if not stored:
        return Receipt.KNOWN
    outbox.owe("webhook.handle", row_id, payload={"named": dict(event.named)}, dedupe_key=f"webhook.handle:{row_id}")
    return Receipt.STORED


def _parsed(body: bytes) -> Event:
    try:
        return stripe_shapes.event(json.loads(body.decode()))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError, RecursionError) as error:
        raise Invalid(N_("This is not an event of ours.")) from error
