"""Holding a date: claims, booking, lines, stages and checkout in one transaction, or nothing.

Law: a form (its nonce) makes one booking. Sent again unchanged it finds its hold; sent again changed it swaps
everything in one step while nothing is paid, after the open session was ended at Stripe, so that no payment for the
old wish can come; once something is paid it leads to the booking. The network is asked between transactions only.
A date that was kept by courtesy stays kept when its form goes on to a payment that then does not come.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from peewee import IntegrityError

from portal.bookings import placing, service, tokens
from portal.bookings.models import Booking
from portal.bookings.placing import Placed, Wish
from portal.bookings.states import Actor, BookingStatus, LinkAction
from portal.db import database, outbox
from portal.kernel import failpoints
from portal.kernel.errors import Busy, Conflict, Unavailable
from portal.kernel.text import N_
from portal.lifecycle import courtesy_terms, hold_offer, hold_terms
from portal.lifecycle.hold_terms import Seen, Terms
from portal.payments import attempts, checkouts
from portal.payments import service as stages
from portal.payments.checkouts import CheckoutView, Known, Stage
from portal.payments.gateway import GatewayError
from portal.payments.policy import LEAST_LEFT, SESSION_LIFETIME
from portal.payments.states import LIVE_CHECKOUTS, CheckoutStatus

_ROUNDS = 4
# Each change gives the couple the time of a new session. Without an end to that a date could be kept for ever unpaid.
_CHANGEABLE = timedelta(hours=2)
_MONEY_CAME = {CheckoutStatus.PAID, CheckoutStatus.PROCESSING}


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """A form that was sent. ``offer`` is what its page showed (``hold_terms.fingerprint``); None leaves that unchecked.

    ``{reference}`` in the addresses is filled in. ``links`` are those that the browser holds already. ``seen`` is the
    package as the caller has just read it, which spares reading it again unless something was published meanwhile.
    """

    nonce: UUID
    wish: Wish
    success_url: str
    cancel_url: str
    offer: str | None = None
    links: tuple[UUID, ...] = ()
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A form's booking. Without a checkout there is nothing to pay here (any more, or yet): show the booking.

    ``token_id`` is a link for the browser that booked, or None when it has one. ``fresh`` is the checkout as it has
    just been written, if it has.
    """

    booking_id: UUID
    reference: str
    checkout_id: UUID | None
    token_id: UUID | None
    fresh: CheckoutView | None = field(default=None, compare=False)


class HoldEnded(Conflict):
    """The form's hold ran out or was given up; a new form can take the date again."""

    code = "hold_ended"


class _SessionsOpen(Exception):
    """A signal between two steps, never shown: the hold has a session that must be ended first."""

    def __init__(self, held: Placed) -> None:
        super().__init__(held.reference)
        self.held = held


def hold_date(tenant_id: UUID, request: HoldRequest, *, at: datetime) -> Held:
    """Hold the date that a form asks for. May ask Stripe to end a session first, so no transaction may be open.

    Raises Invalid with its fields, NotFound for a package that is not offered, DateTaken, Stale when the offer has
    changed since the form was shown, HoldEnded, Unavailable when an open session could not be ended, Busy.
    """
    for _ in range(_ROUNDS):
        try:
            held = _hold(tenant_id, request, at)
        except _SessionsOpen as blocked:
            if _has_money(tenant_id, blocked.held, at):
                return Held(blocked.held.id, blocked.held.reference, None, None)
        except IntegrityError as error:
            if database.constraint_of(error) not in {"booking_nonce_once", "booking_reference_once"}:
                raise
        else:
            failpoints.reach("hold.after_commit")
            return held
    raise Busy(N_("Somebody else is changing this right now. Please try again."))


def _hold(tenant_id: UUID, request: HoldRequest, at: datetime) -> Held:
    with database.writing(tenant_id):
        before = placing.placed(tenant_id, request.nonce)
        held = _place(tenant_id, request, at) if before is None else _find(tenant_id, request, before, at)
        failpoints.reach("hold.before_commit")
        return held


def _place(tenant_id: UUID, request: HoldRequest, at: datetime) -> Held:
    terms = hold_terms.check(tenant_id, request.wish, offer=request.offer, seen=request.seen, at=at)
    tenant, package = terms.agreement.tenant, terms.agreement.package
    kept_until = courtesy_terms.ends_at(terms, request.wish, at=at)
    if kept_until:
        courtesy_terms.refuse_second(tenant_id, request.wish, at=at)
    ends_at = kept_until or (at + SESSION_LIFETIME).replace(microsecond=0)  # Stripe counts in seconds
    booking = placing.place(request.wish, terms.agreement, nonce=request.nonce, hold_expires_at=ends_at, at=at)
    hold_offer.claim(terms, booking.id, request.links, is_new=True, at=at)
    kind = "courtesy_held" if kept_until else "held"
    service.note_birth(tenant_id, booking.id, at=at, actor=Actor.COUPLE, kind=kind)
    placing.write_lines(tenant_id, booking.id, terms.agreement.price)
    planned = stages.create_stages(tenant_id, booking.id, terms.plans, tenant.currency)
    checkout = None if kept_until else _prepare(request, booking, planned, terms, at, is_new=True)
    if kept_until:
        courtesy_terms.tell(tenant_id, booking.id, kept_until, at=at)
    links_end_at = tokens.ends_at(terms.event_on, package.days, tenant.timezone)
    link = tokens.mint_until(tenant_id, booking.id, action=LinkAction.BROWSER, expires_at=links_end_at, at=at)
    return Held(booking.id, booking.reference, checkout.id if checkout else None, link.token_id, checkout)


def _find(tenant_id: UUID, request: HoldRequest, before: Placed, at: datetime) -> Held:
    """The booking that this form has made, as it is or as it is wanted now."""
    checkout_id = _again(tenant_id, request, before, at)
    if tokens.link_to(tenant_id, before.id, request.links, at=at):
        return Held(before.id, before.reference, checkout_id, None)
    link = tokens.mint(tenant_id, before.id, action=LinkAction.BROWSER, at=at)
    return Held(before.id, before.reference, checkout_id, link.token_id)


def _again(tenant_id: UUID, request: HoldRequest, before: Placed, at: datetime) -> UUID | None:
    """What becomes of a form that has made a booking already: its checkout, or None when the booking is to be shown."""
    if before.status in {BookingStatus.EXPIRED, BookingStatus.CANCELLED}:
        raise HoldEnded(
            N_("The time to pay for %(day)s had run out, so it was no longer held. Please send the form once more."),
            day=before.wish.event_on,
        )
    tries = attempts.of_booking(tenant_id, before.id)
    if before.status is not BookingStatus.HELD or any(each.status in _MONEY_CAME for each in tries):
        return None
    if _asks_for_the_same(request.wish, before.wish) and before.hold_expires_at > at:
        if request.wish.is_courtesy:
            return None
        if not before.wish.is_courtesy or (tries and _can_be_paid(tries[0], at)):
            return tries[0].id
    if at > (before.courtesy_until or before.created_at + _CHANGEABLE):
        raise Conflict(
            N_(
                "%(day)s has been held for you for a long time without a payment. It stays yours until %(until)s:"
                " please pay what you chose before, or send a new form after that."
            ),
            day=before.wish.event_on,
            until=before.hold_expires_at,
        )
    terms = hold_terms.check(tenant_id, request.wish, offer=request.offer, at=at)
    if any(each.status in LIVE_CHECKOUTS for each in tries):
        hold_offer.refuse_if_taken(terms, before.id, request.links, at=at)
        raise _SessionsOpen(before)
    return _swap(tenant_id, request, before, terms, at)


def _asks_for_the_same(wish: Wish, before: Wish) -> bool:
    """Whether a form changes nothing. Paying for what is kept is no change: it stays kept until it is paid."""
    return before == wish or (before.is_courtesy and before == replace(wish, is_courtesy=True))


def _can_be_paid(checkout: CheckoutView, at: datetime) -> bool:
    return checkout.status in LIVE_CHECKOUTS and checkout.expires_at > at + LEAST_LEFT


def _swap(tenant_id: UUID, request: HoldRequest, before: Placed, terms: Terms, at: datetime) -> UUID | None:
    agreement = terms.agreement
    kept_until = courtesy_terms.ends_at(terms, request.wish, before=before, at=at)
    if kept_until:
        courtesy_terms.refuse_second(tenant_id, request.wish, but=before.id, at=at)
    placing.replace(before, request.wish, agreement, courtesy_until=kept_until, at=at)
    hold_offer.claim(terms, before.id, request.links, is_new=False, at=at)
    placing.write_lines(tenant_id, before.id, agreement.price)
    service.note_event(
        tenant_id,
        before.id,
        at=at,
        actor=Actor.COUPLE,
        kind="hold_changed",
        details={
            "event_on": [before.wish.event_on.isoformat(), request.wish.event_on.isoformat()],
            "total_cents": [before.total_cents, agreement.price.total_cents],
        },
    )
    planned = stages.replace_stages(tenant_id, before.id, terms.plans, agreement.tenant.currency)
    if kept_until and request.wish.is_courtesy:
        courtesy_terms.tell(tenant_id, before.id, kept_until, at=at)
        return None
    return _prepare(request, before, planned, terms, at, is_new=False).id


def _prepare(
    request: HoldRequest, booking: Placed, planned: Sequence[UUID], terms: Terms, at: datetime, *, is_new: bool
) -> CheckoutView:
    """The attempt to pay what is due now; it also moves the hold's end to that of the session."""
    tenant = terms.agreement.tenant
    return checkouts.prepare(
        tenant.id,
        booking.id,
        stages=[planned[0]],
        at=at,
        success_url=request.success_url.replace("{reference}", booking.reference),
        cancel_url=request.cancel_url.replace("{reference}", booking.reference),
        labels=hold_terms.labels(tenant),
        known=_known(booking, planned, terms) if is_new else None,
    )


def _known(booking: Placed, planned: Sequence[UUID], terms: Terms) -> Known:
    """What has just been written, so that it need not be read back."""
    agreement = terms.agreement
    return Known(
        booking=Booking(
            id=booking.id,
            tenant_id=agreement.tenant.id,
            reference=booking.reference,
            status=booking.status,
            event_on=terms.event_on,
            package_name=agreement.package.name,
            currency=agreement.tenant.currency,
            commission_cents=agreement.commission.cents,
            hold_expires_at=booking.hold_expires_at,
        ),
        email=booking.wish.email,
        locale=agreement.tenant.locale,
        stripe_account_id=agreement.tenant.stripe_account_id,
        attempts=0,
        stages=[Stage(key, plan.type, plan.amount_cents) for key, plan in zip(planned, terms.plans, strict=True)],
    )


def _has_money(tenant_id: UUID, held: Placed, at: datetime) -> bool:
    """End the open sessions of a hold; whether one of them was paid meanwhile, which is then settled soon."""
    try:
        paid = checkouts.expire_sessions(tenant_id, held.id, at=at)
    except GatewayError as error:
        raise Unavailable(
            N_(
                "The payment page did not answer, so nothing was changed: %(day)s is still held for you until"
                " %(until)s. Please try again."
            ),
            day=held.wish.event_on,
            until=held.hold_expires_at,
        ) from error
    if paid:
        with database.writing(tenant_id):
            for checkout_id in paid:
                outbox.owe("checkout.settle", checkout_id)
    return bool(paid)
