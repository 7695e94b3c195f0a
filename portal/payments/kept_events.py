"""Events in the inbox on their way from ``pending`` to an end, and whose they are.

Runs as the platform, because an event tells a tenant's id only in words that we do not trust: our own rows, found
by Stripe's ids, say whose it is.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.db import database, outbox
from portal.db.tenancy import platform_scope
from portal.kernel.errors import Conflict
from portal.kernel.text import N_
from portal.payments.states import EventStatus

_REASON = "events belong to the platform"
_ERROR_LENGTH = 500
# The effect that handles a provider's events.
HANDLED_BY = {"stripe": "webhook.handle", "postmark": "mail.heard"}


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """One event as it was kept."""

    id: UUID
    account: str
    event_id: str
    type: str
    object_type: str
    object_id: str
    status: EventStatus
    last_error: str
    created_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose checkout or payment an id of Stripe's belongs to."""

    tenant_id: UUID
    booking_id: UUID
    checkout_id: UUID
    account: str | None
    session_id: str | None
    payment_id: UUID | None = None


_COLUMNS = "id, account, event_id, type, object_type, object_id, status, last_error, created_at, received_at"


def load(row_id: UUID) -> KeptEvent | None:
    """An event that still has to be handled, or None."""
    with database.reading(), platform_scope(reason=_REASON):
        found = database.row(
            f"SELECT {_COLUMNS} FROM webhook_event WHERE id = %s AND status IN ('pending', 'failed')", row_id
        )
    return _view(found) if found else None


def end(row_id: UUID, status: EventStatus, *, at: datetime, error: str = "") -> None:
    """Stamp how an event went; what has ended stays as it is."""
    with database.writing(), platform_scope(reason=_REASON):
        database.execute(
            "UPDATE webhook_event SET status = %s, last_error = %s, processed_at = %s"
            " WHERE id = %s AND status IN ('pending', 'failed')",
            status,
            error[:_ERROR_LENGTH],
            at if status in {EventStatus.PROCESSED, EventStatus.IGNORED} else None,
            row_id,
        )


def unfinished(*, limit: int = 100) -> list[KeptEvent]:
    """Events that are not handled, the latest first."""
    with database.reading(), platform_scope(reason=_REASON):
        found = database.rows(
            f"SELECT {_COLUMNS} FROM webhook_event WHERE status IN ('pending', 'failed', 'dead')"
            " ORDER BY received_at DESC LIMIT %s",
            limit,
        )
    return [_view(row) for row in found]


def retry(row_id: UUID) -> None:
    """Have a failed or dead event handled once more. Raises Conflict when it is neither."""
    with database.writing(), platform_scope(reason=_REASON):
        provider = database.value(
            "UPDATE webhook_event SET status = 'pending' WHERE id = %s AND status IN ('failed', 'dead')"
            " RETURNING provider",
            row_id,
        )
        if provider is None:
            raise Conflict(N_("This event is not waiting for a retry."))
        outbox.owe(HANDLED_BY[provider], row_id)


def owner_of_session(session_id: str) -> Owner | None:
    """Whose checkout opened this session."""
    return _owner("c.stripe_checkout_session_id = %s", session_id)


def owner_of_checkout(checkout_id: str) -> Owner | None:
    """Whose checkout has this id of ours."""
    try:
        return _owner("c.id = %s", UUID(checkout_id))
    except ValueError:
        return None


def owner_of_intent(intent_id: str) -> Owner | None:
    """Whose captured payment this intent is."""
    return _owner("p.stripe_payment_intent_id = %s", intent_id)


def _owner(condition: str, value: object) -> Owner | None:
    join = "JOIN" if condition.startswith("p.") else "LEFT JOIN"
    with database.reading(), platform_scope(reason="whose an event is, our own rows say"):
        found = database.row(
            "SELECT c.tenant_id, c.booking_id, c.id AS checkout_id, c.stripe_account_id AS account,"
            " c.stripe_checkout_session_id AS session_id, p.id AS payment_id FROM checkout c"
            f" {join} payment p ON p.tenant_id = c.tenant_id AND p.booking_id = c.booking_id AND p.checkout_id = c.id"
            f" WHERE {condition} LIMIT 1",
            value,
        )
    return Owner(**found._asdict()) if found else None


def _view(row: database.Row) -> KeptEvent:
    return KeptEvent(**{**row._asdict(), "status": EventStatus(row.status)})
