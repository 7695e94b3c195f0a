"""A new attempt to pay: its row with the exact parameters, written before Stripe is asked.

Runs inside the caller's transaction and locks the booking's row. A held booking's hold moves to the end of the
session, because the date is kept exactly as long as it can be paid.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from portal.bookings import service as bookings
from portal.bookings.models import Booking
from portal.bookings.states import BookingStatus
from portal.db import database
from portal.db.insert import insert
from portal.kernel.errors import Conflict
from portal.kernel.ids import uuid7
from portal.kernel.text import N_
from portal.payments import attempts, session_parameters
from portal.payments.attempts import CheckoutView
from portal.payments.models import Checkout, CheckoutStage
from portal.payments.policy import SESSION_LIFETIME, split_commission
from portal.payments.session_parameters import Item, Sale
from portal.payments.states import CheckoutStatus, StageType
from portal.tenants.language import language

PURPOSE = "booking"
_LABELS = {
    StageType.FULL: "Full payment",
    StageType.DEPOSIT: "Deposit",
    StageType.REMAINDER: "Remainder",
    StageType.INSTALLMENT: "Instalment",
    StageType.FEE: "Fee",
}


def prepare(
    tenant_id: UUID,
    booking_id: UUID,
    *,
    stages: Sequence[UUID],
    at: datetime,
    success_url: str,
    cancel_url: str,
    purpose: str = PURPOSE,
    labels: Mapping[StageType, str] | None = None,
) -> UUID:
    """Write down an attempt to pay these stages; its id.

    ``labels`` are the words for a stage's type in the couple's language. The address of success gets Stripe's
    placeholder for the session if it has none. Raises Conflict when a stage is not open any more.
    """
    with database.writing(tenant_id):
        booking = bookings.lock(tenant_id, booking_id)
        party = _party(tenant_id, booking_id, purpose)
        chosen = _open_stages(tenant_id, booking_id, stages)
        sale = Sale(
            tenant_id=tenant_id,
            checkout_id=uuid7(),
            reference=booking.reference,
            email=party.email,
            locale=party.locale,
            currency=booking.currency,
            items=_items(booking, chosen, party.locale, {**_LABELS, **(labels or {})}),
            fee_cents=_fee(tenant_id, booking, stages) if party.stripe_account_id else 0,
            expires_at=at + SESSION_LIFETIME,
            success_url=success_url,
            cancel_url=cancel_url,
        )
        _insert(
            booking,
            sale.checkout_id,
            attempt=party.attempts + 1,
            amounts={row.id: row.amount_cents for row in chosen},
            purpose=purpose,
            fee_cents=sale.fee_cents,
            account=party.stripe_account_id,
            parameters=session_parameters.build(sale),
            at=at,
        )
        return sale.checkout_id


def renew(tenant_id: UUID, checkout_id: UUID, *, at: datetime) -> UUID | None:
    """A new attempt, with a new key and a longer hold, in the place of one that came to nothing.

    None when it may not be: the hold has ended, the stages are no longer for sale, or a later attempt exists.
    """
    with database.writing(tenant_id):
        old = attempts.load(tenant_id, checkout_id)
        booking = bookings.lock(tenant_id, old.booking_id)
        amounts = attempts.sold_stages(tenant_id, checkout_id)
        if not _is_wanted(old, booking, at) or not _are_for_sale(tenant_id, old.booking_id, amounts):
            return None
        new_id = uuid7()
        parameters = session_parameters.renewed(old.parameters, checkout_id=new_id, expires_at=at + SESSION_LIFETIME)
        if "email" in old.last_error:  # Stripe is stricter about addresses than we are; its page then asks for one
            parameters.pop("customer_email", None)
        _insert(
            booking,
            new_id,
            attempt=old.attempt + 1,
            amounts=amounts,
            purpose=old.purpose,
            fee_cents=old.application_fee_cents,
            account=old.stripe_account_id,
            parameters=parameters,
            at=at,
        )
        return new_id


def _items(booking: Booking, chosen: Sequence[database.Row], locale: str, words: Mapping[StageType, str]) -> list[Item]:
    day = language(locale).date_medium(booking.event_on)
    return [Item(booking.package_name, f"{words[StageType(row.type)]} · {day}", row.amount_cents) for row in chosen]


def _is_wanted(old: CheckoutView, booking: Booking, at: datetime) -> bool:
    if old.status not in {CheckoutStatus.FAILED, CheckoutStatus.EXPIRED}:
        return False
    if attempts.newest(old.tenant_id, old.booking_id, old.purpose).id != old.id:
        return False
    if booking.status == BookingStatus.HELD:
        return bool(booking.hold_expires_at > at)
    return booking.status in {BookingStatus.CONFIRMED, BookingStatus.COMPLETED}


def _are_for_sale(tenant_id: UUID, booking_id: UUID, amounts: Mapping[UUID, int]) -> bool:
    try:
        standing = _open_stages(tenant_id, booking_id, list(amounts))
    except Conflict:
        return False
    return all(amounts[row.id] == row.amount_cents for row in standing)


def _insert(
    booking: Booking,
    checkout_id: UUID,
    *,
    attempt: int,
    amounts: Mapping[UUID, int],
    purpose: str,
    fee_cents: int,
    account: str | None,
    parameters: dict[str, Any],
    at: datetime,
) -> None:
    tenant_id = booking.tenant_id
    expires_at = datetime.fromtimestamp(parameters["expires_at"], UTC)
    row = {
        "id": checkout_id, "tenant_id": tenant_id, "booking_id": booking.id, "purpose": purpose, "attempt": attempt,
        "status": CheckoutStatus.CREATING, "amount_cents": sum(amounts.values()), "currency": booking.currency,
        "application_fee_cents": fee_cents, "idempotency_key": f"checkout-{checkout_id}", "parameters": parameters,
        "stripe_account_id": account, "expires_at": expires_at, "created_at": at, "changed_at": at,
    }  # fmt: skip
    insert(Checkout, row)
    insert(
        CheckoutStage,
        *(
            {"tenant_id": tenant_id, "checkout_id": checkout_id, "stage_id": stage_id, "amount_cents": cents}
            for stage_id, cents in amounts.items()
        ),
    )
    if attempt > 1 or purpose != PURPOSE:  # what a booking is born with has not failed yet
        database.execute(
            "UPDATE booking_payment_stage SET status = 'PENDING'"
            " WHERE tenant_id = %s AND id = ANY(%s) AND status = 'FAILED'",
            tenant_id,
            list(amounts),
        )
    # The date is kept exactly as long as it can be paid for.
    if booking.status == BookingStatus.HELD and booking.hold_expires_at != expires_at:
        database.execute(
            "UPDATE booking SET hold_expires_at = %s WHERE tenant_id = %s AND id = %s",
            expires_at,
            tenant_id,
            booking.id,
        )


def _open_stages(tenant_id: UUID, booking_id: UUID, stages: Sequence[UUID]) -> list[database.Row]:
    found = database.rows(
        "SELECT id, type, amount_cents FROM booking_payment_stage"
        " WHERE tenant_id = %s AND booking_id = %s AND id = ANY(%s) AND status IN ('PENDING', 'FAILED')"
        " ORDER BY stage_number",
        tenant_id,
        booking_id,
        list(stages),
    )
    if not stages or len(found) != len(set(stages)):
        raise Conflict(N_("This is paid already, or no longer due."))
    return found


def _party(tenant_id: UUID, booking_id: UUID, purpose: str) -> database.Row:
    """Who pays whom, and how often it was tried for this purpose."""
    return database.row(
        "SELECT c.email, t.locale, t.stripe_account_id, (SELECT coalesce(max(attempt), 0) FROM checkout"
        "   WHERE tenant_id = b.tenant_id AND booking_id = b.id AND purpose = %s) AS attempts FROM booking b"
        " JOIN customer c ON c.tenant_id = b.tenant_id AND c.id = b.customer_id JOIN tenant t ON t.id = b.tenant_id"
        " WHERE b.tenant_id = %s AND b.id = %s",
        purpose,
        tenant_id,
        booking_id,
    )


def _fee(tenant_id: UUID, booking: Booking, stages: Sequence[UUID]) -> int:
    """The commission that falls on these stages; over all stages it adds up to the booking's commission."""
    every = database.rows(
        "SELECT id, amount_cents FROM booking_payment_stage"
        " WHERE tenant_id = %s AND booking_id = %s AND status <> 'VOID' ORDER BY stage_number",
        tenant_id,
        booking.id,
    )
    fees = split_commission(booking.commission_cents, [row.amount_cents for row in every])
    return sum(fee for row, fee in zip(every, fees, strict=True) if row.id in set(stages))
