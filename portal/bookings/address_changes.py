"""Rows of ``email_change``: an address that the couple wants written to, and the links that were mailed to it.

Law: an address counts once somebody who reads its mail has said so. Until then nothing is sent there but that link,
and the link opens nothing but the question.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portal.bookings.models import BookingActionToken, EmailChange
from portal.bookings.states import LinkAction, WhichAddress
from portal.bookings.tokens import Minted
from portal.db import database
from portal.db.insert import insert
from portal.kernel import tokens
from portal.kernel.ids import uuid7

LIFETIME = timedelta(days=7)
_COLUMNS = "id, booking_id, which, old_address, new_address, requested_at, expires_at, confirmed_at, ended_at"


@dataclass(frozen=True, slots=True)
class AddressChange:
    """One row. Without an old address a second one is added, without a new one it is taken away."""

    id: UUID
    booking_id: UUID
    which: WhichAddress
    old_address: str | None
    new_address: str | None
    requested_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None

    def is_waiting(self, at: datetime) -> bool:
        """Whether it can still be confirmed."""
        return self.confirmed_at is None and self.ended_at is None and at < self.expires_at


def write(
    tenant_id: UUID,
    booking_id: UUID,
    which: WhichAddress,
    *,
    old: str | None,
    new: str | None,
    at: datetime,
    confirmed_at: datetime | None = None,
) -> AddressChange:
    """Keep a new one in the place of whichever waits for the same."""
    end_waiting(tenant_id, booking_id, at=at, which=which)
    change = AddressChange(
        id=uuid7(),
        booking_id=booking_id,
        which=which,
        old_address=old,
        new_address=new,
        requested_at=at,
        expires_at=at + LIFETIME,
        confirmed_at=confirmed_at,
        ended_at=None,
    )
    insert(EmailChange, {**asdict(change), "tenant_id": tenant_id})
    return change


def end_waiting(tenant_id: UUID, booking_id: UUID, *, at: datetime, which: WhichAddress | None = None) -> int:
    """Whatever waits is given up, or that for one of the addresses; how many those were."""
    return database.execute(
        "UPDATE email_change SET ended_at = %s WHERE tenant_id = %s AND booking_id = %s"
        " AND confirmed_at IS NULL AND ended_at IS NULL AND (%s::text IS NULL OR which = %s)",
        at,
        tenant_id,
        booking_id,
        which,
        which,
    )


def confirm(tenant_id: UUID, change_id: UUID, *, old: str | None, at: datetime) -> None:
    """It counts from now on; ``old`` is what it really takes the place of."""
    database.execute(
        "UPDATE email_change SET confirmed_at = %s, old_address = %s WHERE tenant_id = %s AND id = %s",
        at,
        old,
        tenant_id,
        change_id,
    )


def load(tenant_id: UUID, booking_id: UUID, change_id: UUID) -> AddressChange | None:
    """One of a booking's."""
    return _one("booking_id = %s AND id = %s", tenant_id, booking_id, change_id)


def waiting(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> list[AddressChange]:
    """Those of a booking that can still be confirmed."""
    found = database.rows(
        f"SELECT {_COLUMNS} FROM email_change WHERE tenant_id = %s AND booking_id = %s AND confirmed_at IS NULL"
        " AND ended_at IS NULL AND expires_at > %s ORDER BY which",
        tenant_id,
        booking_id,
        at,
    )
    return [_change(row) for row in found]


def now_instead_of(tenant_id: UUID, booking_id: UUID, address: str) -> str | None:
    """What took the place of an address that is not on file any more; None when nothing did."""
    change = _one("booking_id = %s AND lower(old_address) = lower(%s) AND confirmed_at IS NOT NULL",
                  tenant_id, booking_id, address)  # fmt: skip
    return change.new_address if change else None


def mint_link(tenant_id: UUID, change: AddressChange, *, at: datetime) -> Minted:
    """A link that asks the new address; the caller hands ``raw`` on and forgets it."""
    token, token_id = tokens.mint(), uuid7()
    with database.writing(tenant_id):
        row = {
            "id": token_id,
            "tenant_id": tenant_id,
            "booking_id": change.booking_id,
            "action": LinkAction.EMAIL,
            "token_hash": token.digest,
            "recipient": change.new_address,
            "email_change_id": change.id,
            "created_at": at,
            "expires_at": change.expires_at,
        }
        insert(BookingActionToken, row)
    return Minted(token.raw, token_id)


def asked_by(tenant_id: UUID, token_id: UUID) -> AddressChange | None:
    """What the link asks that a browser holds."""
    return _one(
        "id = (SELECT email_change_id FROM booking_action_token WHERE tenant_id = email_change.tenant_id AND id = %s"
        " AND used_at IS NULL AND revoked_at IS NULL)",
        tenant_id,
        token_id,
    )


def spend(tenant_id: UUID, token_id: UUID, *, at: datetime) -> None:
    """This link is used up."""
    database.execute(
        "UPDATE booking_action_token SET used_at = %s WHERE tenant_id = %s AND id = %s AND used_at IS NULL",
        at,
        tenant_id,
        token_id,
    )


def end_links(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> int:
    """Every link to a booking ends, of whatever kind and whoever holds it; how many those were."""
    return database.execute(
        "UPDATE booking_action_token SET revoked_at = %s"
        " WHERE tenant_id = %s AND booking_id = %s AND revoked_at IS NULL AND used_at IS NULL",
        at,
        tenant_id,
        booking_id,
    )


def _one(condition: str, tenant_id: UUID, *keys: object) -> AddressChange | None:
    row = database.row(
        f"SELECT {_COLUMNS} FROM email_change WHERE tenant_id = %s AND {condition} ORDER BY requested_at DESC LIMIT 1",
        tenant_id,
        *keys,
    )
    return row and _change(row)


def _change(row: database.Row) -> AddressChange:
    key, booking_id, which, *rest = row
    return AddressChange(key, booking_id, WhichAddress(which), *rest)
