"""A new attempt to pay: its row with the exact parameters, written before Stripe is asked.

Runs inside the caller's transaction and locks the booking's row. A held booking's hold moves to the end of the
session, because the date is kept exactly as long as it can be paid; it never cuts a courtesy short.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from portal.bookings import quotes
from portal.bookings import service as bookings
from portal.bookings.models import Booking
from portal.bookings.states import BookingStatus
from portal.db import database
from portal.db.insert import insert
from portal.kernel.errors import Conflict
from portal.kernel.ids import uuid7
from portal.kernel.text import N_
from portal.payments import attempts, commissions, session_parameters
from portal.payments.attempts import CheckoutView
from portal.payments.models import Checkout, CheckoutStage
from portal.payments.policy import SESSION_LIFETIME
from portal.payments.session_parameters import Item, Sale
from portal.payments.states import CheckoutStatus, StageType
from portal.tenants.language import language

PURPOSE = "booking"
MOVE = "move"
_LABELS = {
    StageType.FULL: "Full payment",
    StageType.DEPOSIT: "Deposit",
    StageType.REMAINDER: "Remainder",
    StageType.INSTALLMENT: "Instalment",
    StageType.FEE: "Fee",
}


class Stage(NamedTuple):
    """A part of the price, and whether it still waits for its money."""

    id: UUID
    type: StageType
    amount_cents: int
    is_open: bool = True


class Known(NamedTuple):
    """What is being paid, who pays and how often it was tried, from a caller that holds the booking's row."""

    booking: Booking
    email: str
    locale: str
    stripe_account_id: str | None
    attempts: int
    stages: Sequence[Stage]  # every one that is not void
    commission_left_cents: int | None = None  # None: nothing was paid yet


class Outlook(NamedTuple):
    """What a booking will be once a change is done that is paid for first; ``rest_cents`` is open of it then."""

    event_on: date
    commission_cents: int
    total_cents: int
    rest_cents: Sequence[int]


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
    known: Known | None = None,
    outlook: Outlook | None = None,
    payer_label: str = "",
) -> CheckoutView:
    """Write down an attempt to pay these stages.

    ``labels`` are the words for a stage's type in the couple's language. The address of success gets Stripe's
    placeholder for the session if it has none. ``known`` spares reading what the caller has just written; ``outlook``
    goes with stages of a change; ``payer_label`` is whose shared link pays, who does not see the couple's address.
    Raises Conflict when a stage is not open any more.
    """
    with database.writing(tenant_id):
        known = known or _read(tenant_id, booking_id, purpose)
        booking, chosen = known.booking, _chosen(known.stages, stages)
        event_on = outlook.event_on if outlook else booking.event_on
        sale = Sale(
            tenant_id=tenant_id,
            checkout_id=uuid7(),
            reference=booking.reference,
            email="" if payer_label else known.email,
            locale=known.locale,
            currency=booking.currency,
            items=_items(booking.package_name, event_on, chosen, known.locale, {**_LABELS, **(labels or {})}),
            fee_cents=_fee(known, chosen, outlook) if known.stripe_account_id else 0,
            expires_at=at + SESSION_LIFETIME,
            success_url=success_url,
            cancel_url=cancel_url,
        )
        return _insert(
            booking,
            sale.checkout_id,
            attempt=known.attempts + 1,
            amounts={row.id: row.amount_cents for row in chosen},
            purpose=purpose,
            fee_cents=sale.fee_cents,
            account=known.stripe_account_id,
            parameters=session_parameters.build(sale),
            payer_label=payer_label,
            at=at,
        )


def renew(tenant_id: UUID, checkout_id: UUID, *, at: datetime) -> UUID | None:
    """A new attempt, with a new key and a longer hold, in the place of one that came to nothing.

    None when it may not be: the hold has ended, the stages are no longer for sale, or a later attempt exists.
    """
    with database.writing(tenant_id):
        booking = bookings.lock(tenant_id, attempts.load(tenant_id, checkout_id).booking_id)
        old = attempts.load(tenant_id, checkout_id)  # as whoever held the lock has left it
        amounts = attempts.sold_stages(tenant_id, checkout_id)
        if not _is_wanted(old, booking, at) or not _are_for_sale(tenant_id, old.booking_id, old.purpose, amounts):
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
            payer_label=old.payer_label,
            at=at,
        )
        return new_id


def _items(
    name: str, event_on: date, chosen: Sequence[Stage], locale: str, words: Mapping[StageType, str]
) -> list[Item]:
    day = language(locale).date_medium(event_on)
    return [Item(name, f"{words[row.type]} · {day}", row.amount_cents) for row in chosen]


def _is_wanted(old: CheckoutView, booking: Booking, at: datetime) -> bool:
    if old.status not in {CheckoutStatus.FAILED, CheckoutStatus.EXPIRED}:
        return False
    if attempts.newest(old.tenant_id, old.booking_id, old.purpose).id != old.id:
        return False
    if booking.status == BookingStatus.HELD:  # a courtesy is not lengthened by attempts that begin after its end
        return bool((booking.courtesy_until or booking.hold_expires_at) > at)
    if old.purpose == MOVE and not quotes.is_waiting(old.tenant_id, old.booking_id, at=at):
        return False
    return booking.status in {BookingStatus.CONFIRMED, BookingStatus.COMPLETED}


def _are_for_sale(tenant_id: UUID, booking_id: UUID, purpose: str, amounts: Mapping[UUID, int]) -> bool:
    try:
        standing = _chosen(_stages(tenant_id, booking_id, purpose), list(amounts))
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
    payer_label: str,
    at: datetime,
) -> CheckoutView:
    tenant_id = booking.tenant_id
    expires_at = datetime.fromtimestamp(parameters["expires_at"], UTC)
    checkout = CheckoutView(
        id=checkout_id, tenant_id=tenant_id, booking_id=booking.id, purpose=purpose, attempt=attempt,
        status=CheckoutStatus.CREATING, amount_cents=sum(amounts.values()), currency=booking.currency,
        application_fee_cents=fee_cents, idempotency_key=f"checkout-{checkout_id}", parameters=parameters,
        stripe_account_id=account, stripe_checkout_session_id=None, url="", payer_label=payer_label, last_error="",
        expires_at=expires_at, created_at=at, changed_at=at,
    )  # fmt: skip
    insert(Checkout, {field.name: getattr(checkout, field.name) for field in fields(checkout)})
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
    # The date is kept exactly as long as it can be paid for; a courtesy that was promised for longer stays.
    is_kept_longer = booking.is_courtesy and booking.hold_expires_at > expires_at
    if booking.status == BookingStatus.HELD and booking.hold_expires_at != expires_at and not is_kept_longer:
        database.execute(
            "UPDATE booking SET hold_expires_at = %s WHERE tenant_id = %s AND id = %s",
            expires_at,
            tenant_id,
            booking.id,
        )
    if purpose == MOVE:
        quotes.prolong(tenant_id, booking.id, until=expires_at)
    return checkout


def _chosen(every: Sequence[Stage], wanted: Sequence[UUID]) -> list[Stage]:
    found = [stage for stage in every if stage.is_open and stage.id in set(wanted)]
    if not wanted or len(found) != len(set(wanted)):
        raise Conflict(N_("This is paid already, or no longer due."))
    return found


def _read(tenant_id: UUID, booking_id: UUID, purpose: str) -> Known:
    """Who pays whom for what, and how often it was tried for this purpose; the booking is locked first."""
    booking = bookings.lock(tenant_id, booking_id)
    party = database.row(
        "SELECT c.email, t.locale, t.stripe_account_id, (SELECT coalesce(max(attempt), 0) FROM checkout"
        "   WHERE tenant_id = b.tenant_id AND booking_id = b.id AND purpose = %s) AS attempts FROM booking b"
        " JOIN customer c ON c.tenant_id = b.tenant_id AND c.id = b.customer_id JOIN tenant t ON t.id = b.tenant_id"
        " WHERE b.tenant_id = %s AND b.id = %s",
        purpose,
        tenant_id,
        booking_id,
    )
    assert party is not None  # noqa: S101  the booking was found
    return Known(
        booking,
        party.email,
        party.locale,
        party.stripe_account_id,
        party.attempts,
        _stages(tenant_id, booking_id, purpose),
        commissions.left(
            tenant_id, booking_id, commission_cents=booking.commission_cents, total_cents=booking.total_cents
        ),
    )


def _stages(tenant_id: UUID, booking_id: UUID, purpose: str) -> list[Stage]:
    """What can be sold for a purpose: only a change's own checkout sells what is owed once it is done."""
    found = database.rows(
        "SELECT id, type, amount_cents, status IN ('PENDING', 'FAILED') AS is_open FROM booking_payment_stage"
        " WHERE tenant_id = %s AND booking_id = %s AND status <> 'VOID' AND (quote_id IS NULL) <> %s"
        " ORDER BY stage_number",
        tenant_id,
        booking_id,
        purpose == MOVE,
    )
    return [Stage(key, StageType(kind), cents, is_open) for key, kind, cents, is_open in found]


def _fee(known: Known, chosen: Sequence[Stage], outlook: Outlook | None) -> int:
    """The commission that falls on these stages; over all stages it adds up to the booking's commission."""
    booking, wanted = known.booking, {stage.id for stage in chosen}
    if outlook:
        left = commissions.left(
            booking.tenant_id,
            booking.id,
            commission_cents=outlook.commission_cents,
            total_cents=outlook.total_cents,
        )
        amounts = [*(stage.amount_cents for stage in chosen), *outlook.rest_cents]
        return commissions.of_stages(left, amounts, [place < len(chosen) for place in range(len(amounts))])
    left = booking.commission_cents if known.commission_left_cents is None else known.commission_left_cents
    waiting = [stage for stage in known.stages if stage.is_open]
    return commissions.of_stages(
        left, [stage.amount_cents for stage in waiting], [stage.id in wanted for stage in waiting]
    )
