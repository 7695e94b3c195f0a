"""Secret links to a booking: minted, opened, listed. Only a hash is stored; a raw token leaves ``mint`` once.

Opening a link changes nothing (mail scanners open them too). Links live until 90 days after the event; those that were
mailed for one change live 7 days and are used up by the verb that makes it, in its transaction (``use_up``).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from portal.bookings.models import BookingActionToken
from portal.bookings.states import OPENED_BY, LinkAction, Purpose
from portal.db import database, tenancy
from portal.db.insert import insert
from portal.kernel import tokens
from portal.kernel.errors import NotFound
from portal.kernel.ids import uuid7
from portal.kernel.text import N_
from portal.kernel.time import local_instant

LIVES_AFTER_EVENT = timedelta(days=90)
DIRECT_LIVES = timedelta(days=7)
USED_ONCE = (LinkAction.RESCHEDULE, LinkAction.CANCEL)
_SHOWN_OF_NAME = 1
State = Literal["valid", "used", "revoked", "expired"]


class Minted(NamedTuple):
    """A new link's secret, and the row that stands for it."""

    raw: str
    token_id: UUID


@dataclass(frozen=True, slots=True)
class Link:
    """What a secret link opens."""

    tenant_id: UUID
    token_id: UUID
    booking_id: UUID
    reference: str
    action: LinkAction
    recipient: str
    state: State


_COLUMNS = (
    "SELECT k.tenant_id, k.id AS token_id, k.booking_id, b.reference, k.action, k.recipient,"
    " CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN k.used_at IS NOT NULL THEN 'used'"
    " WHEN k.expires_at <= %s THEN 'expired' ELSE 'valid' END AS state"
    " FROM booking_action_token k JOIN booking b ON b.tenant_id = k.tenant_id AND b.id = k.booking_id"
)


def mint(
    tenant_id: UUID,
    booking_id: UUID,
    *,
    action: LinkAction,
    recipient: str = "",
    label: str = "",
    token_id: UUID | None = None,
    at: datetime,
) -> Minted:
    """A new link to a booking; the caller hands ``raw`` on and forgets it."""
    with database.writing(tenant_id):
        found = database.row(
            "SELECT b.event_on, b.days, t.timezone FROM booking b JOIN tenant t ON t.id = b.tenant_id"
            " WHERE b.tenant_id = %s AND b.id = %s",
            tenant_id,
            booking_id,
        )
        if found is None:
            raise NotFound(N_("We know no such booking."))
        end = ends_at(found.event_on, found.days, found.timezone)
        return mint_until(
            tenant_id, booking_id, action=action, recipient=recipient, label=label, token_id=token_id,
            expires_at=min(end, at + DIRECT_LIVES) if action in USED_ONCE else end, at=at,
        )  # fmt: skip


def ends_at(event_on: date, days: int, timezone: str) -> datetime:
    """When the links to a booking stop to work."""
    return local_instant(event_on + timedelta(days=days) + LIVES_AFTER_EVENT, time(0), timezone)


def mint_until(
    tenant_id: UUID,
    booking_id: UUID,
    *,
    action: LinkAction,
    recipient: str = "",
    label: str = "",
    token_id: UUID | None = None,
    expires_at: datetime,
    at: datetime,
) -> Minted:
    """As ``mint``, for a caller that knows when the link ends."""
    token = tokens.mint()
    token_id = token_id or uuid7()
    with database.writing(tenant_id):
        row = {
            "id": token_id,
            "tenant_id": tenant_id,
            "booking_id": booking_id,
            "action": action,
            "token_hash": token.digest,
            "recipient": recipient,
            "label": label,
            "created_at": at,
            "expires_at": expires_at,
        }
        insert(BookingActionToken, row)
    return Minted(token.raw, token_id)


def use_up(tenant_id: UUID, booking_id: UUID, action: LinkAction, *, at: datetime) -> int:
    """The change that these links were mailed for was made: they are used up, whichever of them has led to it.

    In the transaction that makes the change, so that no link outlives it. How many there were.
    """
    with database.writing(tenant_id):
        return database.execute(
            "UPDATE booking_action_token SET used_at = %s WHERE tenant_id = %s AND booking_id = %s AND action = %s"
            " AND used_at IS NULL AND revoked_at IS NULL",
            at,
            tenant_id,
            booking_id,
            action,
        )


def open_link(raw: str, *, at: datetime) -> Link:
    """What a raw token opens, usable or not; binds the open transaction to its tenant. Raises NotFound."""
    found = None
    if tokens.is_well_formed(raw):
        found = database.row("SELECT * FROM tenant_id_by_booking_token(%s)", tokens.digest(raw))
    if found is None:
        raise NotFound(N_("This link does not work. Please check that you copied all of it."))
    if database.current_scope().tenant_id is None:
        tenancy.bind(found.tenant_id)
    link = database.row(f"{_COLUMNS} WHERE k.tenant_id = %s AND k.id = %s", at, found.tenant_id, found.token_id)
    if link is None:  # the transaction is bound to another tenant
        raise NotFound(N_("This link does not work. Please check that you copied all of it."))
    return _link(link)


def link_to(
    tenant_id: UUID,
    booking_id: UUID,
    token_ids: Collection[UUID],
    *,
    at: datetime,
    purpose: Purpose = Purpose.MANAGE,
) -> Link | None:
    """The first of a browser's links that opens this booking, or its pages of one purpose, now."""
    if not token_ids:
        return None
    link = database.row(
        f"{_COLUMNS} WHERE k.tenant_id = %s AND k.booking_id = %s AND k.id = ANY (%s) AND k.action = ANY (%s)"
        " AND k.revoked_at IS NULL AND k.used_at IS NULL AND k.expires_at > %s ORDER BY k.created_at LIMIT 1",
        at,
        tenant_id,
        booking_id,
        list(token_ids),
        list(OPENED_BY[purpose]),
        at,
    )
    return None if link is None else _link(link)


def actions_held(tenant_id: UUID, reference: str, token_ids: Collection[UUID], *, at: datetime) -> set[LinkAction]:
    """What a browser's links to the booking of a reference are for, of those that work now."""
    found = database.rows(
        f"SELECT action FROM ({_COLUMNS} WHERE k.tenant_id = %s AND b.reference = %s AND k.id = ANY (%s)) held"
        " WHERE state = 'valid'",
        at,
        tenant_id,
        reference,
        list(token_ids),
    )
    return {LinkAction(row.action) for row in found}


def ended_link(tenant_id: UUID, reference: str, token_ids: Collection[UUID], *, at: datetime) -> Link | None:
    """The newest of a browser's links to the booking of a reference that does not work any more."""
    link = database.row(
        f"SELECT * FROM ({_COLUMNS} WHERE k.tenant_id = %s AND b.reference = %s AND k.id = ANY (%s)"
        " ORDER BY k.created_at DESC) held WHERE state <> 'valid' LIMIT 1",
        at,
        tenant_id,
        reference,
        list(token_ids),
    )
    return None if link is None else _link(link)


def links_by_ids(token_ids: Collection[UUID], at: datetime) -> list[Link]:
    """Those of a browser's links that are usable now, of whatever tenant."""
    if not token_ids:
        return []
    with tenancy.platform_scope(reason="a browser may hold links to several businesses"):
        found = database.rows(
            f"{_COLUMNS} WHERE k.id = ANY (%s)"
            " AND k.revoked_at IS NULL AND k.used_at IS NULL AND k.expires_at > %s ORDER BY k.created_at",
            at,
            list(token_ids),
            at,
        )
    return [_link(link) for link in found]


def masked(address: str) -> str:
    """An address that its owner recognises and nobody else learns: ``a•••@example.com``."""
    name, _, host = address.rpartition("@")
    return f"{name[:_SHOWN_OF_NAME]}•••@{host}"


def _link(row: database.Row) -> Link:
    return Link(
        tenant_id=row.tenant_id,
        token_id=row.token_id,
        booking_id=row.booking_id,
        reference=row.reference,
        action=LinkAction(row.action),
        recipient=row.recipient,
        state=row.state,
    )
