"""Rows of ``checkout``: what an attempt to pay sold, and how far it got.

Every change of state is a conditional UPDATE. No network here; ``checkouts`` asks Stripe between these verbs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.db import database
from portal.kernel.errors import NotFound
from portal.kernel.text import N_
from portal.payments.states import LIVE_CHECKOUTS, CheckoutStatus, may_come_from

_COLUMNS = (
    "id, tenant_id, booking_id, purpose, attempt, status, amount_cents, currency, application_fee_cents,"
    " idempotency_key, parameters, stripe_account_id, stripe_checkout_session_id, url, payer_label, last_error,"
    " expires_at, created_at, changed_at"
)
_NAMES = tuple(_COLUMNS.split(", "))


@dataclass(frozen=True, slots=True)
class CheckoutView:
    """One attempt as it stands."""

    id: UUID
    tenant_id: UUID
    booking_id: UUID
    purpose: str
    attempt: int
    status: CheckoutStatus
    amount_cents: int
    currency: str
    application_fee_cents: int
    idempotency_key: str
    parameters: Mapping[str, Any]
    stripe_account_id: str | None
    stripe_checkout_session_id: str | None
    url: str
    payer_label: str  # whose shared link pays; empty: the couple itself
    last_error: str
    expires_at: datetime
    created_at: datetime
    changed_at: datetime


def load(tenant_id: UUID, checkout_id: UUID) -> CheckoutView:
    """One attempt; raises NotFound."""
    found = database.row(f"SELECT {_COLUMNS} FROM checkout WHERE tenant_id = %s AND id = %s", tenant_id, checkout_id)
    if found is None:
        raise NotFound(N_("We know no such payment."))
    return _view(found)


def of_booking(tenant_id: UUID, booking_id: UUID) -> list[CheckoutView]:
    """All attempts of a booking, the latest first."""
    found = database.rows(
        f"SELECT {_COLUMNS} FROM checkout WHERE tenant_id = %s AND booking_id = %s"
        " ORDER BY created_at DESC, attempt DESC",
        tenant_id,
        booking_id,
    )
    return [_view(row) for row in found]


def live(tenant_id: UUID, booking_id: UUID, purpose: str) -> list[CheckoutView]:
    """The attempts for a purpose that may still bring money, the latest first."""
    every = of_booking(tenant_id, booking_id)
    return [each for each in every if each.purpose == purpose and each.status in LIVE_CHECKOUTS]


def newest(tenant_id: UUID, booking_id: UUID, purpose: str) -> CheckoutView:
    """The latest attempt of a booking for a purpose; raises NotFound when there is none."""
    found = database.row(
        f"SELECT {_COLUMNS} FROM checkout WHERE tenant_id = %s AND booking_id = %s AND purpose = %s"
        " ORDER BY attempt DESC LIMIT 1",
        tenant_id,
        booking_id,
        purpose,
    )
    if found is None:
        raise NotFound(N_("We know no such payment."))
    return _view(found)


def latest_with(tenant_id: UUID, checkout_id: UUID, columns: str, *params: object) -> tuple[CheckoutView, database.Row]:
    """The latest attempt of the booking and purpose that an attempt is for, with ``columns`` of the booking ``b``."""
    found = database.row(
        f"SELECT {', '.join(f'c.{name}' for name in _NAMES)}, {columns} FROM checkout asked"
        " JOIN checkout c ON c.tenant_id = asked.tenant_id AND c.booking_id = asked.booking_id"
        "  AND c.purpose = asked.purpose"
        " JOIN booking b ON b.tenant_id = c.tenant_id AND b.id = c.booking_id"
        " WHERE asked.tenant_id = %s AND asked.id = %s ORDER BY c.attempt DESC LIMIT 1",
        *params,
        tenant_id,
        checkout_id,
    )
    if found is None:
        raise NotFound(N_("We know no such payment."))
    return _view(found[: len(_NAMES)]), found


def record_session(tenant_id: UUID, checkout_id: UUID, *, session_id: str, url: str, at: datetime) -> bool:
    """Remember what Stripe opened; whether this attempt knew no session yet.

    An attempt that was given up meanwhile stays so, and learns all the same which session it has to watch.
    """
    with database.writing(tenant_id):
        return (
            database.execute(
                "UPDATE checkout SET status = CASE status WHEN 'creating' THEN 'open' ELSE status END,"
                " stripe_checkout_session_id = %s, url = %s, last_error = '', changed_at = %s"
                " WHERE tenant_id = %s AND id = %s AND stripe_checkout_session_id IS NULL",
                session_id,
                url,
                at,
                tenant_id,
                checkout_id,
            )
            == 1
        )


def change_status(
    tenant_id: UUID,
    checkout_id: UUID,
    *,
    to: CheckoutStatus,
    at: datetime,
    last_error: str = "",
    only_from: CheckoutStatus | None = None,
) -> bool:
    """Move an attempt on; whether it was in a state that leads there, or in the one given."""
    with database.writing(tenant_id):
        return (
            database.execute(
                "UPDATE checkout SET status = %s, last_error = %s, changed_at = %s"
                " WHERE tenant_id = %s AND id = %s AND status = ANY(%s)",
                to,
                last_error,
                at,
                tenant_id,
                checkout_id,
                [only_from] if only_from else may_come_from(to),
            )
            == 1
        )


def note_look(tenant_id: UUID, checkout_id: UUID, *, at: datetime, last_error: str = "") -> None:
    """Say that Stripe was asked about an attempt that stays as it is, so that the next look takes others first."""
    with database.writing(tenant_id):
        database.execute(
            "UPDATE checkout SET changed_at = %s, last_error = coalesce(NULLIF(%s, ''), last_error)"
            " WHERE tenant_id = %s AND id = %s AND status IN ('creating', 'open', 'processing')",
            at,
            last_error,
            tenant_id,
            checkout_id,
        )


def sold_stages(tenant_id: UUID, checkout_id: UUID) -> dict[UUID, int]:
    """What an attempt sold: stages and their amounts at that time."""
    found = database.rows(
        "SELECT stage_id, amount_cents FROM checkout_stage WHERE tenant_id = %s AND checkout_id = %s ORDER BY id",
        tenant_id,
        checkout_id,
    )
    return {row.stage_id: row.amount_cents for row in found}


def stages_on_their_way(tenant_id: UUID, booking_id: UUID) -> set[UUID]:
    """Stages whose payment a bank is working on."""
    found = database.rows(
        "SELECT s.stage_id FROM checkout_stage s JOIN checkout c ON c.tenant_id = s.tenant_id AND c.id = s.checkout_id"
        " WHERE c.tenant_id = %s AND c.booking_id = %s AND c.status = 'processing'",
        tenant_id,
        booking_id,
    )
    return {row.stage_id for row in found}


def _view(row: database.Row) -> CheckoutView:
    values = dict(zip(_NAMES, row, strict=True))
    return CheckoutView(**{**values, "status": CheckoutStatus(values["status"])})
