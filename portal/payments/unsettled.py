"""What hangs in the air between us and Stripe, of all tenants: attempts to pay and refunds without an end."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from portal.db import database
from portal.db.tenancy import platform_scope

# Younger ones are being worked on.
_AGE = timedelta(minutes=2)
_REASON = "what hangs in the air belongs to all tenants"


class Attempt(NamedTuple):
    """An attempt to pay; ``is_wanted`` says whether the booking still waits for exactly this one."""

    tenant_id: UUID
    checkout_id: UUID
    is_wanted: bool


class OpenRefund(NamedTuple):
    """A refund without a result."""

    tenant_id: UUID
    payment_id: UUID


def attempts(at: datetime, *, limit: int) -> list[Attempt]:
    """Attempts to pay whose end is not known, those first that were looked at longest ago."""
    with database.reading(), platform_scope(reason=_REASON):
        found = database.rows(
            "SELECT c.tenant_id, c.id AS checkout_id, b.status IN ('held', 'confirmed', 'completed') AND NOT EXISTS"
            " (SELECT 1 FROM checkout later WHERE later.tenant_id = c.tenant_id AND later.booking_id = c.booking_id"
            "   AND later.purpose = c.purpose AND later.attempt > c.attempt) AS is_wanted"
            " FROM checkout c JOIN booking b ON b.tenant_id = c.tenant_id AND b.id = c.booking_id"
            " WHERE c.status IN ('creating', 'open', 'processing') AND c.changed_at < %s"
            " ORDER BY c.changed_at LIMIT %s",
            at - _AGE,
            limit,
        )
    return [Attempt(*row) for row in found]


def refunds(at: datetime, *, limit: int) -> list[OpenRefund]:
    """Payments with a refund that has no result yet, those first that were looked at longest ago."""
    with database.reading(), platform_scope(reason=_REASON):
        found = database.rows(
            "SELECT tenant_id, payment_id FROM refund_request WHERE status IN ('PENDING', 'PROCESSING')"
            " AND changed_at < %s GROUP BY tenant_id, payment_id ORDER BY min(changed_at) LIMIT %s",
            at - _AGE,
            limit,
        )
    return [OpenRefund(*row) for row in found]


def note_refund_look(tenant_id: UUID, payment_id: UUID, *, at: datetime) -> None:
    """Say that Stripe was asked, so that the next look takes others first."""
    with database.writing(tenant_id):
        database.execute(
            "UPDATE refund_request SET changed_at = %s WHERE tenant_id = %s AND payment_id = %s"
            " AND status IN ('PENDING', 'PROCESSING')",
            at,
            tenant_id,
            payment_id,
        )
