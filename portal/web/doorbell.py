"""Waiting for word from Stripe: the worker's doorbell, and how often a page asks again by itself.

Pages ring and look at what is stored; they never fulfil a payment.
"""

import re
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from flask import request

from portal.db import database, outbox

_RING_SECONDS = 5
_LOOK = re.compile(r"[0-9]{1,4}", re.ASCII)


def ringing(tenant_id: UUID, checkout_id: UUID, *, at: datetime) -> Callable[[], None]:
    """Owe a look at Stripe; one in some seconds is enough, however many windows are open."""

    def ring() -> None:
        with database.writing(tenant_id):
            slot = int(at.timestamp()) // _RING_SECONDS
            outbox.owe("checkout.settle", checkout_id, dedupe_key=f"look:{checkout_id}:{slot}")

    return ring


def ring_after(tenant_id: UUID, checkout_id: UUID, *, at: datetime) -> None:
    """Ring once this page has been read; HEAD rings nothing."""
    if request.method == "GET":
        ring = ringing(tenant_id, checkout_id, at=at)
        database.after_reading(ring, reason="the worker's doorbell: ask Stripe again")


def next_look(most: int) -> int | None:
    """The number of the next look, as ``?look=`` counts them; None when it was looked often enough."""
    asked = request.args.get("look", "0")
    look = int(asked) + 1 if _LOOK.fullmatch(asked) else 1
    return look if look <= most else None
