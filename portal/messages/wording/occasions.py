"""What an email is about, supplied where a booking has no such thing: a move, a refund, a reminder's day.

For rehearsals alone. Everything is made up of the booking's own figures as far as they go.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from portal.availability.waitlist_states import WaitStatus
from portal.bookings.address_changes import AddressChange
from portal.bookings.queries import BookingView, TimelineEntry
from portal.bookings.quotes import Quote
from portal.bookings.states import Actor, BookingStatus, ChangeKind, QuoteStatus, WhichAddress
from portal.kernel.ids import uuid7
from portal.lifecycle.overview import Refund
from portal.lifecycle.waiting_list import EntryView
from portal.messages.enclosures import Enclosed
from portal.messages.facts import Facts
from portal.messages.reminders import Reminder
from portal.messages.schedule import COURSES, Slot
from portal.messages.states import MessageKind
from portal.messages.wording import samples
from portal.messages.wording.cases import Case
from portal.payments.states import RefundReason, RefundStatus

_SHARE = 10  # of the price, where an amount is needed that the booking does not have
_MOVED_BY = timedelta(days=21)
_OLD, _NEW = "before@example.com", "after@example.com"


@dataclass(frozen=True, slots=True)
class _Scene:
    """Which email, what is known, and when."""

    case: Case
    known: Facts
    at: datetime


_Supply = Callable[[_Scene], Facts]


def facts(case: Case, known: Facts, *, at: datetime) -> Facts:
    """The facts with what the email of this case is about."""
    supply = _SUPPLY.get(case.kind)
    return supply(_Scene(case, known, at)) if supply else known


def entry(booking: BookingView, *, at: datetime) -> EntryView:
    """A couple that waits for the booking's day."""
    return EntryView(
        id=uuid7(),
        status=WaitStatus.OFFERED,
        event_on=booking.event_on,
        days=booking.days,
        buffer_days=booking.buffer_days,
        name=booking.couple,
        email=booking.email,
        created_at=at,
        offer_ends_at=at + timedelta(hours=48),
        package_name=booking.package_name,
        package_slug=booking.package_slug,
        is_sold=True,
        reference=None,
        ahead=0,
        courtesy_until=None,
    )


def _about_the_day(scene: _Scene) -> Facts:
    course = COURSES[scene.case.kind]
    return replace(scene.known, today=scene.known.booking.event_on + course.sign * timedelta(days=course.days))


def _about_a_balance(scene: _Scene) -> Facts:
    known = scene.known
    if not known.overview.open_stages:
        owed = samples.remainder(known.booking, known.booking.total_cents // _SHARE)
        known = replace(known, overview=replace(known.overview, stages=[*known.overview.stages, owed]))
    due_on, course = known.overview.open_stages[0].due_on, COURSES[scene.case.kind]
    slot = Slot(scene.case.kind, "", scene.at, due_on)
    today = due_on + course.sign * timedelta(days=course.days)
    return replace(known, reminder=Reminder(slot, ""), today=today)


def _paid(scene: _Scene) -> Facts:
    payments = scene.known.overview.payments
    payment = payments[-1] if payments else samples.payment(scene.known.booking.total_cents // _SHARE, scene.at)
    return replace(scene.known, payment=payment)


def _sent_back(scene: _Scene) -> Facts:
    known = _paid(scene)
    assert known.payment is not None  # noqa: S101  supplied a line above
    refund = Refund(
        id=uuid7(),
        payment_id=known.payment.id,
        amount_cents=known.payment.amount_cents,
        status=RefundStatus.PENDING,
        reason=RefundReason.DUPLICATE if scene.case.key.endswith("_twice") else RefundReason.NOT_OWED,
        failure="",
        note="",
        retry_of_id=None,
        requested_at=scene.at,
        changed_at=scene.at,
    )
    week = timedelta(days=7)
    free = [known.booking.event_on + step * week for step in (-1, 1, 2)]
    return replace(known, refund=refund, free_days=free)


def _cancelled(scene: _Scene) -> Facts:
    is_final = scene.case.kind is MessageKind.CANCELLED
    booking = replace(
        scene.known.booking,
        status=BookingStatus.CANCELLED if is_final else BookingStatus.CANCELLING,
        cancel_actor=Actor.OWNER if scene.case.key.endswith("_by_business") else Actor.COUPLE,
        cancel_requested_at=scene.at,
        cancel_undo_until=scene.at + timedelta(minutes=max(scene.known.tenant.undo_minutes, 1)),
        cancel_refund_cents=scene.known.overview.received_cents // 2,
    )
    return replace(scene.known, booking=booking)


def _rebooked(scene: _Scene) -> Facts:
    cents = scene.known.booking.total_cents // _SHARE
    booking = replace(scene.known.booking, status=BookingStatus.CANCELLED, rebooked_cents=cents)
    return replace(scene.known, booking=booking)


def _kept(scene: _Scene) -> Facts:
    is_over = scene.case.kind is MessageKind.COURTESY_ENDED
    days = 1 if scene.case.kind is MessageKind.COURTESY_ENDS else max(scene.known.tenant.courtesy_days, 2)
    booking = replace(
        scene.known.booking,
        status=BookingStatus.EXPIRED if is_over else BookingStatus.HELD,
        is_courtesy=True,
        hold_expires_at=scene.at + timedelta(days=days),
        challenged_at=scene.at if scene.case.kind is MessageKind.CHALLENGED else None,
    )
    return replace(scene.known, booking=booking, overview=samples.unpaid(scene.known.overview, scene.known.today))


def _moved(scene: _Scene) -> Facts:
    here, there = scene.known.booking.event_on, scene.known.booking.event_on + _MOVED_BY
    quote = _quote(scene, (there, here) if scene.case.kind is MessageKind.MOVED else (here, there))
    why = {"move_lapsed_declined": "payment_failed", "move_lapsed_overtaken": "overtaken"}.get(scene.case.key, "")
    end = TimelineEntry(scene.at, "move_lapsed", Actor.SYSTEM, None, None, None, {"why": why, "quote": str(quote.id)})
    account = replace(scene.known.overview, timeline=[*scene.known.overview.timeline, end])
    return replace(scene.known, quote=quote, overview=account)


def _quote(scene: _Scene, event_on: tuple[date, date]) -> Quote:
    return Quote(
        id=uuid7(),
        booking_id=scene.known.booking.id,
        kind=ChangeKind.MOVE,
        status=QuoteStatus.DONE,
        actor=Actor.OWNER if scene.case.key.endswith("_by_business") else Actor.COUPLE,
        offered_by=None,
        booking_version=scene.known.booking.version,
        wish={},
        basis={},
        result={"event_on": [day.isoformat() for day in event_on], "days": [scene.known.booking.days] * 2},
        amount_cents=0,
        currency=scene.known.booking.currency,
        offered_at=scene.at,
        expires_at=scene.at,
    )


def _address(scene: _Scene) -> Facts:
    change = AddressChange(
        id=uuid7(),
        booking_id=scene.known.booking.id,
        which=WhichAddress.SECOND,
        old_address=None if scene.case.key.endswith("_added") else _OLD,
        new_address=None if scene.case.key.endswith("_removed") else _NEW,
        requested_at=scene.at,
        expires_at=scene.at + timedelta(days=7),
        confirmed_at=None,
        ended_at=None,
    )
    return replace(scene.known, address_change=change)


def _documents(scene: _Scene) -> Facts:
    cents = scene.known.overview.received_cents or scene.known.booking.total_cents
    language = scene.known.language
    document = Enclosed(uuid7(), language.gettext("Invoice"), "2027-001", cents, None)
    return replace(scene.known, documents=[document])


_K = MessageKind
_SUPPLY: dict[MessageKind, _Supply] = {
    **dict.fromkeys((_K.EVENT_SOON, _K.EVENT_EVE, _K.FOLLOW_UP), _about_the_day),
    **dict.fromkeys((_K.BALANCE_SOON, _K.BALANCE_DUE, _K.BALANCE_OVERDUE, _K.BALANCE_LAST), _about_a_balance),
    _K.PAYMENT_RECEIVED: _paid,
    **dict.fromkeys((_K.PAYMENT_SENT_BACK, _K.PAYMENT_RETURNED), _sent_back),
    **dict.fromkeys((_K.CANCELLING, _K.CANCELLED), _cancelled),
    _K.REBOOKED: _rebooked,
    **dict.fromkeys((_K.COURTESY_HELD, _K.COURTESY_ENDS, _K.CHALLENGED, _K.COURTESY_ENDED), _kept),
    **dict.fromkeys((_K.MOVED, _K.MOVE_LAPSED), _moved),
    **dict.fromkeys((_K.EMAIL_CONFIRM, _K.EMAIL_CHANGED, _K.NEW_LINK), _address),
    _K.DOCUMENTS: _documents,
    _K.MANAGE_LINK: lambda scene: replace(scene.known, bookings=[scene.known.booking]),
}
