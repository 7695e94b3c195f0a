"""Opening a Checkout Session: the one Stripe write made inside a request (design.md, section 4).

The attempt is committed first, then Stripe is asked once, 8 seconds at most, then the answer is recorded if the
attempt still waits for it. What is unknown is found out by repeating the same key with the same parameters.
Never called inside a transaction.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from time import monotonic
from uuid import UUID

from portal.db import database
from portal.kernel import failpoints
from portal.payments import attempts, gateway
from portal.payments.attempts import CheckoutView
from portal.payments.gateway import GatewayError, NotAllowed, NotOpen, Refused, Session, Throttled, TooNear
from portal.payments.preparing import Known, Stage, prepare, renew
from portal.payments.states import LIVE_CHECKOUTS, CheckoutStatus

__all__ = [
    "CheckoutView", "Known", "NotOpened", "Opened", "Stage", "WhyNot",
    "current", "expire_sessions", "open_session", "prepare",
]  # fmt: skip

log = logging.getLogger("aisle.payments")
# A second attempt is made only if the first was refused this quickly: the page has to answer within 10 seconds.
_SECONDS_FOR_ANOTHER = 1.5
# Creating: what another tab has made meanwhile, in the place of the attempt that was asked for.
_CAME_TO_NOTHING = frozenset({CheckoutStatus.FAILED, CheckoutStatus.EXPIRED, CheckoutStatus.CREATING})


class WhyNot(StrEnum):
    """Why there is no page of Stripe's to go to."""

    UNKNOWN = "unknown"  # Stripe did not answer; trying again is right
    BUSY = "busy"  # Stripe asks for patience, or another tab is at it
    REFUSED = "refused"
    PAID = "paid"
    PROCESSING = "processing"
    ENDED = "ended"  # the hold ran out, or something else is for sale now


@dataclass(frozen=True, slots=True)
class Opened:
    """Stripe's page for this attempt, and until when it and the hold last."""

    url: str
    held_until: datetime
    checkout_id: UUID


@dataclass(frozen=True, slots=True)
class NotOpened:
    """No page of Stripe's; the date stays held until then, if the booking is held at all."""

    reason: WhyNot
    held_until: datetime | None
    checkout_id: UUID


def current(tenant_id: UUID, booking_id: UUID) -> CheckoutView | None:
    """The latest attempt of a booking."""
    with database.reading(tenant_id):
        found = attempts.of_booking(tenant_id, booking_id)
    return found[0] if found else None


def open_session(
    tenant_id: UUID, checkout_id: UUID, *, at: datetime, known: CheckoutView | None = None
) -> Opened | NotOpened:
    """Lead to Stripe's page: open this attempt's session, reuse it if it is open, or make a new attempt.

    ``known`` is an attempt that the caller has just prepared, which spares reading it back.
    """
    started = monotonic()
    checkout = known
    if checkout is None:
        with database.reading(tenant_id):
            checkout, booking = _latest(tenant_id, checkout_id, at)
        if not booking.waits:
            return _answer(checkout, booking, WhyNot.ENDED, at)
    why = WhyNot.UNKNOWN
    try:
        session = _ask(checkout, at)
        if session is None:
            checkout = _load(tenant_id, checkout.id)
        else:
            with database.writing(tenant_id):  # another tab may have been faster, and the hold may have moved
                attempts.record_session(tenant_id, checkout.id, session_id=session.id, url=session.url, at=at)
                checkout, booking = _latest(tenant_id, checkout.id, at)
            if checkout.status is CheckoutStatus.OPEN:
                return _answer(checkout, booking, why, at)
        if checkout.status in _CAME_TO_NOTHING and _has_time(started):
            _follow(tenant_id, checkout, at)
    except Throttled:
        why = WhyNot.BUSY
    except GatewayError:
        why = WhyNot.UNKNOWN
    with database.reading(tenant_id):
        return _answer(*_latest(tenant_id, checkout.id, at), why, at)


def resolve(tenant_id: UUID, checkout_id: UUID, *, at: datetime) -> CheckoutView:
    """Ask Stripe about an attempt whose session is not known, with the same key and the same parameters.

    Raises Throttled or UnknownOutcome when it stays unknown; the attempt then stays as it is.
    """
    session = _ask(_load(tenant_id, checkout_id), at)
    if session is None:
        return _load(tenant_id, checkout_id)
    with database.writing(tenant_id):
        attempts.record_session(tenant_id, checkout_id, session_id=session.id, url=session.url, at=at)
        return attempts.load(tenant_id, checkout_id)


def _ask(checkout: CheckoutView, at: datetime) -> Session | None:
    """Stripe's session for an attempt that still waits for one; None when it waits no more, or was refused."""
    if checkout.status is not CheckoutStatus.CREATING:
        return None
    try:
        session = gateway.current().create_session(
            checkout.parameters, key=checkout.idempotency_key, account=checkout.stripe_account_id
        )
    except Refused as error:
        _tell(checkout, error)
        attempts.change_status(
            checkout.tenant_id,
            checkout.id,
            to=CheckoutStatus.FAILED,
            only_from=CheckoutStatus.CREATING,
            at=at,
            last_error=error.code,
        )
        return None
    except GatewayError as error:
        _tell(checkout, error)
        attempts.note_look(checkout.tenant_id, checkout.id, at=at, last_error=error.code)
        raise
    failpoints.reach("checkout.after_create")
    return session


def _tell(checkout: CheckoutView, error: GatewayError) -> None:
    """A business that cannot be paid loses every couple, and none of them can tell it why."""
    if isinstance(error, Refused | NotAllowed) and not isinstance(error, TooNear):
        account = checkout.stripe_account_id or "the platform's account"
        log.error("Stripe opens no page for checkout %s on %s: %s", checkout.id, account, error.code)


def _load(tenant_id: UUID, checkout_id: UUID) -> CheckoutView:
    with database.reading(tenant_id):
        return attempts.load(tenant_id, checkout_id)


def expire_sessions(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> list[UUID]:
    """End every open session of a booking at Stripe.

    Returns the attempts that could not be ended because money came or is on its way: settle those. Raises
    GatewayError while Stripe cannot be asked; nothing is assumed then.
    """
    with database.reading(tenant_id):
        live = [each for each in attempts.of_booking(tenant_id, booking_id) if each.status in LIVE_CHECKOUTS]
    return [each.id for each in live if not expire(tenant_id, each.id, at=at)]


def expire(tenant_id: UUID, checkout_id: UUID, *, at: datetime) -> bool:
    """End one attempt at Stripe; whether no money can come from it any more. Raises GatewayError."""
    checkout = resolve(tenant_id, checkout_id, at=at)
    if checkout.status in {CheckoutStatus.FAILED, CheckoutStatus.EXPIRED}:
        return True
    if checkout.status is not CheckoutStatus.OPEN or checkout.stripe_checkout_session_id is None:
        return False
    stripe = gateway.current()
    try:
        stripe.expire_session(checkout.stripe_checkout_session_id, account=checkout.stripe_account_id)
    except NotOpen:
        session = stripe.fetch_session(checkout.stripe_checkout_session_id, account=checkout.stripe_account_id)
        if session.status != "expired":
            return False
    attempts.change_status(tenant_id, checkout_id, to=CheckoutStatus.EXPIRED, only_from=CheckoutStatus.OPEN, at=at)
    return True


def _follow(tenant_id: UUID, over: CheckoutView, at: datetime) -> CheckoutView:
    """The attempt after one that came to nothing: a new one, or the one that another tab has made."""
    new_id = renew(tenant_id, over.id, at=at)
    if new_id is None:
        with database.reading(tenant_id):
            new_id = attempts.newest(tenant_id, over.booking_id, over.purpose).id
    return resolve(tenant_id, new_id, at=at)


def _has_time(started: float) -> bool:
    return monotonic() - started < _SECONDS_FOR_ANOTHER


def _latest(tenant_id: UUID, checkout_id: UUID, at: datetime) -> tuple[CheckoutView, database.Row]:
    """The latest attempt for what this one was made for; whether its booking still waits, and until when it is held."""
    return attempts.latest_with(
        tenant_id,
        checkout_id,
        "b.status IN ('confirmed', 'completed') OR b.status = 'held' AND b.hold_expires_at > %s AS waits,"
        " CASE WHEN b.status = 'held' THEN b.hold_expires_at END AS held_until",
        at,
    )


def _answer(checkout: CheckoutView, booking: database.Row, why: WhyNot, at: datetime) -> Opened | NotOpened:
    if checkout.status is CheckoutStatus.OPEN and booking.waits and checkout.expires_at > at:
        return Opened(checkout.url, checkout.expires_at, checkout.id)
    reasons = {
        CheckoutStatus.CREATING: why,
        CheckoutStatus.OPEN: WhyNot.ENDED,
        CheckoutStatus.PAID: WhyNot.PAID,
        CheckoutStatus.PROCESSING: WhyNot.PROCESSING,
        CheckoutStatus.FAILED: WhyNot.REFUSED if booking.waits else WhyNot.ENDED,
        CheckoutStatus.EXPIRED: WhyNot.ENDED,
    }
    return NotOpened(reasons[checkout.status], booking.held_until, checkout.id)
