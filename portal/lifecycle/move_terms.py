"""What moving a booking would mean now: whether it may, what it costs, and what becomes of price and stages.

The couple moves within the terms that its booking has kept; the business to any free day, for a fee or none. Everything
is worked out anew whenever it is asked, inside the caller's transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from portal.availability import queries as dates
from portal.bookings import pricing
from portal.bookings.changing import Place
from portal.bookings.policy import wishes
from portal.bookings.policy.cancellation import MOST_CENTS
from portal.bookings.policy.moving import MovePrice, move_fault, shift_fault
from portal.bookings.pricing import Price, PricedLine
from portal.bookings.queries import BookingView
from portal.bookings.states import Actor, BookingStatus, ChangeKind
from portal.catalog import queries as catalog
from portal.catalog.queries import PackageDetail
from portal.kernel.errors import Conflict, DateTaken, Invalid, NotFound, PortalError
from portal.kernel.text import N_
from portal.lifecycle import move_figures, repricing
from portal.lifecycle.overview import Overview
from portal.lifecycle.quote import Change
from portal.payments.restaging import How, Restaging
from portal.tenants import queries as tenants
from portal.tenants.language import language

_NOT_THIS_ONE = {
    BookingStatus.HELD: N_("This date is held and not paid yet. Once it is booked, it can be moved."),
    BookingStatus.EXPIRED: N_("The hold on this date has ended. There is nothing to move."),
    BookingStatus.CANCELLING: N_("This booking is being cancelled, so its date cannot be moved."),
    BookingStatus.CANCELLED: N_("This booking was cancelled, so its date cannot be moved."),
    BookingStatus.COMPLETED: N_("The day has passed, so it can no longer be moved."),
}


class NotMovable(Conflict):
    """The booking cannot be moved now, wherever to; the sentence says why."""

    code = "not_movable"


@dataclass(frozen=True, slots=True)
class MoveWish:
    """Where to: the first day, and another package than the booking's if it shall change."""

    event_on: date
    package_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A move worked out: what is shown of it, and what will be written."""

    change: Change
    place: Place
    price: Price
    restaging: Restaging


def refusal(view: BookingView, account: Overview, *, today: date, actor: Actor) -> NotMovable | None:
    """Why a booking cannot be moved now, wherever to; or nothing."""
    sentence = _NOT_THIS_ONE.get(view.status)
    if sentence is None and view.event_on + timedelta(days=view.days) <= today:
        sentence = _NOT_THIS_ONE[BookingStatus.COMPLETED]
    if sentence:
        return NotMovable(sentence)
    if account.move:
        text = N_("The couple is paying for another date. It can be moved again after %(until)s.")
        if actor is Actor.COUPLE:
            text = N_(
                "Your new date is kept until %(until)s and waits for its payment. To choose another one, please give"
                " this one up first."
            )
        return NotMovable(text, until=account.move.until)
    if actor is Actor.OWNER:
        return None
    fault = move_fault(view.policy.moving, event_on=view.event_on, moves_done=view.moves_done, today=today)
    return NotMovable(fault.message, **fault.params) if fault else None


def work_out(view: BookingView, account: Overview, wish: Mapping[str, Any], *, actor: Actor, at: datetime) -> Planned:
    """What a move would do now. Raises NotMovable, DateTaken, and Invalid for ``event_on``, ``package`` or ``fee``."""
    tenant = tenants.get(view.tenant_id)
    today, event_on = tenant.today(at), date.fromisoformat(wish["event_on"])
    if refused := refusal(view, account, today=today, actor=actor):
        raise refused
    other = _other_package(view, wish, actor)
    place = _place(view, event_on, other)
    _check_date(view, place, today, actor)
    fee_cents = _fee_cents(view, wish, actor)
    words = language(tenant.locale, tenant.timezone).gettext(N_("Fee for moving the date"))
    price = pricing.price_of(_lines(view, account, wish, other, actor) + _fee_lines(view, account, fee_cents, words))
    try:
        restaging = repricing.plan_for(
            view,
            account,
            total_cents=price.total_cents,
            fee_cents=fee_cents,
            event_on=event_on,
            today=today,
            how=How.NEW_DATE_PAID_FIRST if actor is Actor.COUPLE else How.NEW_DATE,
        )
    except Conflict as error:
        raise NotMovable(error.message, **error.params) from error
    change = Change(
        kind=ChangeKind.MOVE,
        wish=wish,
        basis={"moves_done": view.moves_done, "credited_cents": view.credited_cents},
        result=move_figures.result(view, account, place, price, restaging, fee_cents=fee_cents),
        amount_cents=restaging.first_cents - restaging.refund_cents,
    )
    return Planned(change, place, price, restaging)


def _other_package(view: BookingView, wish: Mapping[str, Any], actor: Actor) -> PackageDetail | None:
    wanted = wish["package_id"] and UUID(wish["package_id"])
    if not wanted or wanted == view.package_id:
        return None
    if actor is Actor.COUPLE and not view.policy.moving.may_change_package:
        raise _at("package", Invalid(N_("The package stays the same when the date is moved.")))
    try:
        package = catalog.package_by_id(view.tenant_id, wanted)
    except NotFound as error:
        raise _at("package", Invalid(error.message)) from error
    if fault := wishes.guests_fault(view.guest_count, max_guests=package.max_guests):
        raise _at("package", fault)
    return package


def _place(view: BookingView, event_on: date, other: PackageDetail | None) -> Place:
    if other:
        return Place(event_on, other.days, other.buffer_days, other.resource_id, other.id, other.name)
    return Place(event_on, view.days, view.buffer_days, view.resource_id, view.package_id, view.package_name)


def _check_date(view: BookingView, place: Place, today: date, actor: Actor) -> None:
    new_on = place.event_on
    fault = wishes.date_fault(new_on, today=today, days=place.days, buffer_days=place.buffer_days)
    if fault is None and actor is Actor.COUPLE:
        fault = shift_fault(view.policy.moving, original_on=view.original_on, new_on=new_on)
    if fault is None and (new_on, place.package_id) == (view.event_on, view.package_id):
        fault = Invalid(N_("This is the date as it is. Please pick another one."))
    if fault:
        raise _at("event_on", fault)
    if not dates.is_free(
        view.tenant_id,
        resource_id=place.resource_id,
        event_on=new_on,
        days=place.days,
        buffer_days=place.buffer_days,
        booking_id=view.id,
    ):
        text = N_("%(day)s was taken a moment ago. Your date is as it was. Please pick another one.")
        raise DateTaken(text, day=new_on)


def _fee_cents(view: BookingView, wish: Mapping[str, Any], actor: Actor) -> int:
    if actor is Actor.COUPLE:
        return view.policy.moving.fee_cents(view.moves_done) or 0
    fee_cents = int(wish["fee_cents"] or 0)
    if not 0 <= fee_cents <= MOST_CENTS:
        raise _at("fee", Invalid(N_("This amount is too large, or below zero.")))
    return fee_cents


def _lines(
    view: BookingView, account: Overview, wish: Mapping[str, Any], other: PackageDetail | None, actor: Actor
) -> list[PricedLine]:
    """The price without the new fee. Another package has today's price, as nothing else was ever agreed for it."""
    package, *rest = account.lines
    is_new = MovePrice(wish["price"] or MovePrice.OLD) is MovePrice.NEW
    if actor is Actor.COUPLE:
        is_new = view.policy.moving.price is MovePrice.NEW
    if not is_new:
        first = pricing.package_line(other, view.tax_mode) if other else repricing.as_sold(package)
        return [first, *(repricing.as_sold(line) for line in rest)]
    offered = other or catalog.package_as_it_is(view.tenant_id, view.package_id)
    add_ons = {each.id: each for each in offered.add_ons}
    return [
        pricing.package_line(offered, view.tax_mode),
        *(
            pricing.add_on_line(add_ons[line.add_on_id], line.quantity, view.tax_mode)
            if line.add_on_id in add_ons
            else repricing.as_sold(line)  # not offered any more, or the fee of an earlier move
            for line in rest
        ),
    ]


def _fee_lines(view: BookingView, account: Overview, fee_cents: int, words: str) -> list[PricedLine]:
    """The fee at the rate of the package that was booked."""
    if not fee_cents:
        return []
    return [pricing.fee_line(words, fee_cents, account.lines[0].tax_rate_bp, view.tax_mode)]


def _at(field: str, fault: PortalError) -> Invalid:
    """A fault that stands at a field of the form."""
    return Invalid(fault.message, {field: fault}, **fault.params)
