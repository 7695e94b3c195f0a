"""Rows of ``change_quote``: the figures of a change as somebody saw them, and what became of them.

Each step is a conditional UPDATE. What may be confirmed is decided in ``lifecycle.quote``; here it is written down.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg2.extras import Json

from portal.bookings.models import ChangeQuote
from portal.bookings.states import QUOTE_TRANSITIONS, Actor, ChangeKind, QuoteStatus
from portal.db import database
from portal.db.insert import insert
from portal.kernel.errors import Conflict, Stale
from portal.kernel.text import N_

_COLUMNS = (
    "id, booking_id, kind, status, actor, offered_by, booking_version, wish, basis, result, amount_cents, currency,"
    " offered_at, expires_at, confirmed_at"
)


@dataclass(frozen=True, slots=True)
class Quote:
    """A change as it was shown. ``amount_cents`` is the couple's: to pay > 0, back < 0.

    ``expires_at`` is until when it can be confirmed; of a move that waits for its money, until when it waits.
    """

    id: UUID
    booking_id: UUID
    kind: ChangeKind
    status: QuoteStatus
    actor: Actor
    offered_by: UUID | None
    booking_version: int
    wish: Mapping[str, Any]
    basis: Mapping[str, Any]
    result: Mapping[str, Any]
    amount_cents: int
    currency: str
    offered_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None = None


def write(tenant_id: UUID, quote: Quote) -> None:
    """Keep a new quote."""
    with database.writing(tenant_id):
        row = {name: getattr(quote, name) for name in Quote.__slots__}
        insert(ChangeQuote, {**row, "tenant_id": tenant_id})


def load(tenant_id: UUID, booking_id: UUID, quote_id: UUID) -> Quote | None:
    """A quote of this booking, whatever became of it."""
    return _one("id = %s", tenant_id, booking_id, quote_id)


def confirmed(tenant_id: UUID, booking_id: UUID) -> Quote | None:
    """The change that a booking is going through, if there is one."""
    return _one("status = %s", tenant_id, booking_id, QuoteStatus.CONFIRMED)


def waiting_move(tenant_id: UUID, booking_id: UUID) -> Quote | None:
    """The move that waits for its money, if there is one."""
    quote = confirmed(tenant_id, booking_id)
    return quote if quote and quote.kind is ChangeKind.MOVE else None


def is_waiting(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> bool:
    """Whether a move waits for its money and still has time for it."""
    quote = waiting_move(tenant_id, booking_id)
    return quote is not None and quote.expires_at > at


def prolong(tenant_id: UUID, booking_id: UUID, *, until: datetime) -> None:
    """Let a move that waits for its money wait until then."""
    with database.writing(tenant_id):
        database.execute(
            "UPDATE change_quote SET expires_at = %s"
            " WHERE tenant_id = %s AND booking_id = %s AND kind = 'move' AND status = 'confirmed'",
            until,
            tenant_id,
            booking_id,
        )


def cancelled_by(tenant_id: UUID, booking_id: UUID) -> Quote | None:
    """The cancellation that has ended a booking, if one has."""
    return _one("kind = 'cancel' AND status = %s", tenant_id, booking_id, QuoteStatus.DONE)


def confirm(tenant_id: UUID, quote: Quote, *, wish: Mapping[str, Any], at: datetime) -> None:
    """Somebody said yes to an offer: the booking's other offers lapse. Raises Stale when it is none any more, and
    Conflict while the booking goes through another change.
    """
    with database.writing(tenant_id):
        if confirmed(tenant_id, quote.booking_id):
            raise Conflict(N_("This booking is being changed already. Nothing was done twice."))
        is_ours = database.execute(
            "UPDATE change_quote SET status = 'confirmed', confirmed_at = %s, wish = %s"
            " WHERE tenant_id = %s AND id = %s AND status = 'offered'",
            at,
            Json(dict(wish)),
            tenant_id,
            quote.id,
        )
        if not is_ours:
            raise Stale(N_("This booking has changed meanwhile. Please reload the page."))
        database.execute(
            "UPDATE change_quote SET status = 'lapsed', ended_at = %s"
            " WHERE tenant_id = %s AND booking_id = %s AND status = 'offered'",
            at,
            tenant_id,
            quote.booking_id,
        )


def end(tenant_id: UUID, quote_id: UUID, *, to: QuoteStatus, at: datetime) -> bool:
    """A quote has come to its end; whether it was in a state that leads there."""
    before = [status.value for status, after in QUOTE_TRANSITIONS.items() if to in after]
    with database.writing(tenant_id):
        return (
            database.execute(
                "UPDATE change_quote SET status = %s, ended_at = %s"
                " WHERE tenant_id = %s AND id = %s AND status = ANY (%s)",
                to,
                at,
                tenant_id,
                quote_id,
                before,
            )
            == 1
        )


def _one(condition: str, tenant_id: UUID, booking_id: UUID, key: object) -> Quote | None:
    row = database.row(
        f"SELECT {_COLUMNS} FROM change_quote WHERE tenant_id = %s AND booking_id = %s AND {condition}",
        tenant_id,
        booking_id,
        key,
    )
    if row is None:
        return None
    values = row._asdict()
    values.update(kind=ChangeKind(row.kind), status=QuoteStatus(row.status), actor=Actor(row.actor))
    return Quote(**values)
