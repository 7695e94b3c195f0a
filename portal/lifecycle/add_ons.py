"""Other add-ons for a booking that stands: what they cost is shown first, then done at once.

Law: more to pay falls due with what is open, or as an instalment; less to pay shrinks what is open, and what is then
paid too much goes back. The business sets until when. An add-on that the terms no longer give back stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from portal.bookings import add_ons, details, pricing, queries, quotes
from portal.bookings import service as bookings
from portal.bookings.add_ons import Choice
from portal.bookings.models import Booking
from portal.bookings.pricing import Price
from portal.bookings.queries import BookingView
from portal.bookings.quotes import Quote
from portal.bookings.states import Actor, ChangeKind, QuoteStatus
from portal.catalog import queries as catalog
from portal.catalog.queries import AddOnView
from portal.db import database, outbox
from portal.kernel.errors import Busy, Conflict, Invalid
from portal.kernel.text import N_
from portal.lifecycle import move_figures, repricing, sessions
from portal.lifecycle import quote as offers
from portal.lifecycle.details import NotChangeable, owe_word
from portal.lifecycle.details import refusal as details_refusal
from portal.lifecycle.overview import Overview, overview
from portal.lifecycle.quote import Change, Requoted
from portal.payments.attempts import CheckoutView
from portal.payments.restaging import Restaging
from portal.tenants import queries as tenants

_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Done:
    """The add-ons are what was shown."""

    total_cents: int
    refund_cents: int


@dataclass(frozen=True, slots=True)
class _Planned:
    """A change worked out: what is shown of it, and what will be written."""

    change: Change
    price: Price
    restaging: Restaging
    counts: dict[str, list[object]]


class _SessionsOpen(Exception):
    """A signal between two steps, never shown: sessions have to be ended first."""

    def __init__(self, found: list[CheckoutView]) -> None:
        super().__init__(len(found))
        self.found = found


def last_on(booking: BookingView, cutoff_days: int) -> date:
    """The last day on which add-ons can be changed, to its end."""
    return booking.event_on - timedelta(days=cutoff_days)


def refusal(booking: BookingView, account: Overview, *, cutoff_days: int, today: date) -> NotChangeable | None:
    """Why add-ons cannot be changed now, or nothing."""
    if refused := details_refusal(booking, today=today):
        return refused
    until = last_on(booking, cutoff_days)
    if until < booking.created_at.date():
        return NotChangeable(N_("Please write to us if something about the add-ons has to change."))
    if today > until:
        text = N_("Add-ons could be changed until %(until)s. Please write to us if something has to change.")
        return NotChangeable(text, until=until)
    if account.move:
        text = N_("Your new date waits for its payment. Add-ons can be changed once it is paid or given up.")
        return NotChangeable(text)
    return None


def choices(booking: BookingView, account: Overview, offered: tuple[AddOnView, ...], *, today: date) -> list[Choice]:
    """What can be chosen now. Past the day that the terms name, add-ons can only become more."""
    days = booking.policy.cancellation.add_ons_days
    is_late = days is not None and (booking.event_on - today).days < days
    return add_ons.choices(account.lines, offered, may_be_fewer=not is_late)


def see(tenant_id: UUID, booking_id: UUID, quantities: Mapping[UUID, int], *, at: datetime) -> Quote:
    """Offer other add-ons as they would cost now. Raises NotChangeable, and Invalid with its fields."""
    wish = {"quantities": {str(key): quantity for key, quantity in quantities.items()}}
    with database.writing(tenant_id):
        booking = bookings.lock(tenant_id, booking_id)
        planned = _work_out(booking, wish, at)
        return offers.offer(booking, planned.change, actor=Actor.COUPLE, at=at)


def confirm(tenant_id: UUID, booking_id: UUID, quote_id: UUID, *, at: datetime) -> Done | Requoted:
    """Change them as the quote says; or, when it no longer holds, what would be done now, and nothing is done.

    Asks Stripe to end sessions that sell what changes, so no transaction may be open. Raises NotChangeable,
    Unavailable, Busy, and Invalid when what was chosen cannot be had any more.
    """
    for _ in range(_ROUNDS):
        try:
            return _confirm(tenant_id, booking_id, quote_id, at)
        except _SessionsOpen as blocked:
            sessions.clear(blocked.found, at=at)
    raise Busy(N_("Somebody else is changing this right now. Please try again."))


def _confirm(tenant_id: UUID, booking_id: UUID, quote_id: UUID, at: datetime) -> Done | Requoted:
    with database.writing(tenant_id):
        booking = bookings.lock(tenant_id, booking_id)
        shown = quotes.load(tenant_id, booking_id, quote_id)
        if shown is None or shown.kind is not ChangeKind.DETAILS or shown.actor is not Actor.COUPLE:
            raise NotChangeable(
                N_("We no longer know what you were shown. Nothing was changed. Please choose the add-ons once more.")
            )
        if shown.status is QuoteStatus.DONE:
            raise NotChangeable(N_("Your add-ons were changed already. Nothing was done twice."))
        planned = _work_out(booking, shown.wish, at)
        why = offers.why_not(shown, booking, planned.change, actor=Actor.COUPLE, at=at)
        if why is not None:
            return Requoted(offers.offer(booking, planned.change, actor=Actor.COUPLE, at=at), why)
        if found := sessions.in_the_way(tenant_id, booking_id, planned.restaging.voided):
            raise _SessionsOpen(found)
        quotes.confirm(tenant_id, shown, wish=shown.wish, at=at)
        _carry_out(booking, shown, planned, at)
        return Done(planned.price.total_cents, planned.restaging.refund_cents)


def _carry_out(booking: Booking, quote: Quote, planned: _Planned, at: datetime) -> None:
    tenant_id = booking.tenant_id
    repricing.carry_out(booking, planned.price, planned.restaging, quote_id=quote.id, at=at)
    quotes.end(tenant_id, quote.id, to=QuoteStatus.DONE, at=at)
    version = int(database.value("SELECT version FROM booking WHERE tenant_id = %s AND id = %s", tenant_id, booking.id))
    details.tell(tenant_id, booking.id, version, "add_ons_changed", planned.counts, actor=Actor.COUPLE, at=at)
    owe_word(booking.id, version)
    if quote.result["total_cents"][0] != quote.result["total_cents"][1]:
        outbox.owe("booking.price_changed", booking.id, payload={"version": version})


def _work_out(booking: Booking, wish: Mapping[str, Mapping[str, int]], at: datetime) -> _Planned:
    tenant_id = booking.tenant_id
    view, account, tenant = (
        queries.by_id(tenant_id, booking.id),
        overview(tenant_id, booking.id),
        tenants.get(tenant_id),
    )
    today = tenant.today(at)
    if refused := refusal(view, account, cutoff_days=tenant.details_cutoff_days, today=today):
        raise refused
    offered = catalog.package_as_it_is(tenant_id, view.package_id).add_ons
    found = choices(view, account, offered, today=today)
    quantities = {UUID(key): quantity for key, quantity in wish["quantities"].items()}
    counts = _check(quantities, found)
    price = pricing.price_of(add_ons.relined(account.lines, quantities, offered, view.tax_mode))
    if price.total_cents <= 0:
        nothing = N_("Nothing would be left to pay for. Please write to us, or cancel the booking.")
        raise Invalid(nothing, {"": nothing})
    try:
        restaging = repricing.plan_for(view, account, total_cents=price.total_cents, today=today)
    except Conflict as error:
        raise NotChangeable(error.message, **error.params) from error
    change = Change(
        kind=ChangeKind.DETAILS,
        wish=wish,
        basis={"credited_cents": view.credited_cents},
        result={"add_ons": counts, **move_figures.money(view, account, price, restaging)},
        amount_cents=price.total_cents - view.total_cents,
    )
    return _Planned(change, price, restaging, counts)


def _check(quantities: Mapping[UUID, int], found: list[Choice]) -> dict[str, list[object]]:
    """How many there are and will be, of what changes, by name. Raises Invalid with its fields."""
    if faults := add_ons.faults(quantities, found):
        raise Invalid(N_("Some fields need another look. Nothing was changed."), faults)
    counts: dict[str, list[object]] = {
        each.name: [each.quantity, quantities[each.id]]
        for each in found
        if quantities.get(each.id, each.quantity) != each.quantity
    }
    if not counts:
        same = N_("These are the add-ons as they are. Please change a number first.")
        raise Invalid(same, {"": same})
    return counts
