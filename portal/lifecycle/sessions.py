"""Ending a booking's open sessions at Stripe, so that no money can come for it unseen. Never inside a transaction."""

import logging
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from portal.db import database
from portal.kernel.errors import Unavailable
from portal.kernel.text import N_
from portal.lifecycle.settle import settle
from portal.payments import attempts, checkouts
from portal.payments.attempts import CheckoutView
from portal.payments.gateway import GatewayError, NotAllowed
from portal.payments.states import LIVE_CHECKOUTS, CheckoutStatus

log = logging.getLogger("aisle.lifecycle")
_PAYABLE = {CheckoutStatus.CREATING, CheckoutStatus.OPEN}


def end_all(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> None:
    """End every attempt to pay for a booking; what was paid meanwhile is settled. Raises GatewayError."""
    with database.reading(tenant_id):
        live = [each for each in attempts.of_booking(tenant_id, booking_id) if each.status in LIVE_CHECKOUTS]
    for checkout in live:
        end(checkout, at=at)


def end(checkout: CheckoutView, *, at: datetime) -> None:
    """End one attempt, or find out what came of it."""
    try:
        is_ended = checkouts.expire(checkout.tenant_id, checkout.id, at=at)
    except NotAllowed as error:
        # The account has withdrawn its trust: nobody can pay there, and waiting would keep the date for ever.
        log.warning("checkout %s is given up: %s", checkout.id, error)
        attempts.change_status(checkout.tenant_id, checkout.id, to=CheckoutStatus.FAILED, at=at, last_error=error.code)
        return
    if not is_ended:
        settle(checkout.tenant_id, checkout.id, at=at)


def in_the_way(tenant_id: UUID, booking_id: UUID, stages: Collection[UUID] | None = None) -> list[CheckoutView]:
    """Attempts that somebody could still pay and that sell one of these stages; None: anything at all."""
    return [
        each
        for each in attempts.of_booking(tenant_id, booking_id)
        if each.status in _PAYABLE
        and (stages is None or not attempts.sold_stages(tenant_id, each.id).keys().isdisjoint(stages))
    ]


def clear(found: Collection[CheckoutView], *, at: datetime) -> None:
    """End such attempts at Stripe, so that nobody pays for what is changing; what was paid meanwhile is settled.

    No transaction may be open. Raises Unavailable while Stripe cannot be asked; nothing was changed then.
    """
    try:
        for checkout in found:
            end(checkout, at=at)
    except GatewayError as error:
        raise Unavailable(
            N_("The payment page did not answer, so nothing was changed. Please try again in a moment.")
        ) from error
