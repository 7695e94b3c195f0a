"""Fulfilling a payment: the one function that webhooks, the return page's doorbell and reconcile lead to.

Law: the session is fetched from Stripe first, then everything it means is written in one transaction that holds the
booking's row; doing it again changes nothing. A booking is confirmed only by money that equals what was sold in
amount, currency, account and mode. Money that came is always recorded to the cent, whatever becomes of it.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from portal.availability import service as dates
from portal.bookings import service as bookings
from portal.bookings.models import Booking
from portal.bookings.states import Actor, BookingStatus
from portal.db import database, outbox
from portal.kernel import failpoints
from portal.lifecycle import fulfil, move_steps, returns
from portal.payments import attempts, captures, checkouts, gateway
from portal.payments.attempts import CheckoutView
from portal.payments.gateway import Session
from portal.payments.policy import differences
from portal.payments.preparing import MOVE
from portal.payments.states import LIVE_CHECKOUTS, CheckoutStatus

log = logging.getLogger("aisle.payments")
# An intent that nothing will come of. Every other one is on its way: with a bank (processing), or as a voucher that is
# yet to be paid (requires_action). https://docs.stripe.com/payments/paymentintents/lifecycle
_CAME_TO_NOTHING = frozenset({"requires_payment_method", "canceled"})
_STANDING = {BookingStatus.CONFIRMED, BookingStatus.COMPLETED}


class Outcome(StrEnum):
    """What an attempt to pay has come to."""

    OPEN = "open"  # nothing has happened yet
    PROCESSING = "processing"
    CONFIRMED = "confirmed"  # this payment confirmed the booking, or paid a stage of one that was
    RETURNED = "returned"  # nobody owes it: it goes back
    IN_REVIEW = "in_review"  # it differs from what was sold
    EXPIRED = "expired"
    FAILED = "failed"
    KNOWN = "known"  # all was written down before


@dataclass(frozen=True, slots=True)
class Settled:
    """The outcome, and the booking it is about."""

    outcome: Outcome
    booking_id: UUID


def settle(tenant_id: UUID, checkout_id: UUID, *, at: datetime) -> Settled:
    """Find out at Stripe what became of an attempt and do what follows. Raises GatewayError while it is unknown."""
    checkout = checkouts.resolve(tenant_id, checkout_id, at=at)
    session_id = checkout.stripe_checkout_session_id
    if session_id is None or checkout.status is CheckoutStatus.PAID:
        return Settled(Outcome.KNOWN, checkout.booking_id)
    session = gateway.current().fetch_session(session_id, account=checkout.stripe_account_id)
    return settle_session(tenant_id, checkout_id, session, at=at)


def settle_session(tenant_id: UUID, checkout_id: UUID, session: Session, *, at: datetime) -> Settled:
    """Do what follows from a session of this attempt as Stripe has just told it."""
    with database.writing(tenant_id):
        booking = bookings.lock(tenant_id, attempts.load(tenant_id, checkout_id).booking_id)
        outcome = _apply(booking, attempts.load(tenant_id, checkout_id), session, at)
        failpoints.reach("settle.before_commit")
    failpoints.reach("settle.after_commit")
    return Settled(outcome, booking.id)


def _apply(booking: Booking, checkout: CheckoutView, session: Session, at: datetime) -> Outcome:
    tenant_id, intent = checkout.tenant_id, session.intent
    if session.id != checkout.stripe_checkout_session_id:
        is_paid = intent is not None and intent.status == "succeeded"
        return _take(booking, checkout, session, at) if is_paid else Outcome.KNOWN
    if session.status == "open":
        attempts.note_look(tenant_id, checkout.id, at=at)
        return Outcome.OPEN
    if session.status == "expired":
        moved = attempts.change_status(tenant_id, checkout.id, to=CheckoutStatus.EXPIRED, at=at)
        return Outcome.EXPIRED if moved else Outcome.KNOWN
    if intent is not None and intent.status == "succeeded":
        return _take(booking, checkout, session, at)
    if intent is None or intent.status in _CAME_TO_NOTHING:
        return _fail(booking, checkout, at)
    if not attempts.change_status(tenant_id, checkout.id, to=CheckoutStatus.PROCESSING, at=at):
        attempts.note_look(tenant_id, checkout.id, at=at)
    return Outcome.PROCESSING


def _take(booking: Booking, checkout: CheckoutView, session: Session, at: datetime) -> Outcome:
    """Money came: write it down, then see what it pays."""
    tenant_id = checkout.tenant_id
    assert session.intent is not None  # noqa: S101  the caller has looked
    payment_id = captures.record(tenant_id, checkout, session.intent, at=at)
    if session.id == checkout.stripe_checkout_session_id:
        attempts.change_status(tenant_id, checkout.id, to=CheckoutStatus.PAID, at=at)
    if payment_id is None:
        return Outcome.KNOWN
    wrong = differences(checkout, session, is_live=gateway.current().is_live)
    if wrong:
        log.error("payment %s differs from checkout %s in %s", payment_id, checkout.id, ", ".join(wrong))
        bookings.flag_for_review(tenant_id, booking.id, f"payment_mismatch: {', '.join(wrong)}", at)
        return Outcome.IN_REVIEW
    reason = fulfil.fulfil(booking, checkout, payment_id, at=at)
    if reason is None:
        return Outcome.CONFIRMED
    returns.give_back(tenant_id, booking.id, payment_id, reason, at=at)
    return Outcome.RETURNED


def _fail(booking: Booking, checkout: CheckoutView, at: datetime) -> Outcome:
    """A delayed payment has failed: the stage is owed again; a date that waited for it alone is free again.

    One that is kept by courtesy stays kept for as long as was promised.
    """
    tenant_id = checkout.tenant_id
    if not attempts.change_status(tenant_id, checkout.id, to=CheckoutStatus.FAILED, at=at, last_error="payment_failed"):
        return Outcome.KNOWN
    amounts = attempts.sold_stages(tenant_id, checkout.id)
    captures.fail_stages(tenant_id, amounts)
    if checkout.purpose == MOVE:
        move_steps.failed(booking, checkout, at=at)
        return Outcome.FAILED
    others = [each for each in attempts.of_booking(tenant_id, booking.id) if each.status in LIVE_CHECKOUTS]
    is_kept = booking.status == BookingStatus.HELD and booking.is_courtesy and booking.hold_expires_at > at
    if booking.status == BookingStatus.HELD and not others and not is_kept:
        bookings.transition(
            tenant_id,
            booking.id,
            frm=BookingStatus.HELD,
            to=BookingStatus.EXPIRED,
            at=at,
            actor=Actor.STRIPE,
            kind="payment_failed",
        )
        dates.release_days(tenant_id, booking_id=booking.id)
    elif (booking.status in _STANDING or is_kept) and captures.are_open(tenant_id, amounts):
        bookings.note_event(tenant_id, booking.id, at=at, actor=Actor.STRIPE, kind="payment_failed")
    else:
        return Outcome.FAILED
    outbox.owe("booking.payment_failed", booking.id, dedupe_key=f"booking.payment_failed:{checkout.id}")
    return Outcome.FAILED
