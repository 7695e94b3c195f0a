"""The couple moves its date: choose a day, and see what changes before anything does.

GET changes nothing. Each step is a form of its own and works without JavaScript; whatever cannot be done any more is
answered with a page that says how things stand. What a confirmation leads to is ``rescheduling``.
"""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from flask import Response, request, url_for

from portal.bookings import quotes
from portal.bookings.queries import BookingView
from portal.bookings.quotes import Quote
from portal.bookings.states import Actor, ChangeKind, Purpose
from portal.catalog import queries as catalog
from portal.catalog.queries import PackageView
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import DateTaken, Invalid
from portal.lifecycle import move
from portal.lifecycle.move import NotMovable
from portal.lifecycle.overview import WaitingMove, overview
from portal.messages import moving
from portal.messages import terms as wording
from portal.tenants.queries import TenantView
from portal.web import htmx, limits, move_form, move_month, speech
from portal.web.couple.frame import bp, own_booking, stranger, way_back
from portal.web.move_form import Sent
from portal.web.quoting import is_open, shown_quote
from portal.web.render import render

_LOOKS = "60/hour"
_NOTHING_SENT = Sent("", "")


@bp.get("/manage/<reference>/reschedule")
def reschedule(reference: str) -> Response:
    """The days to choose from; to HTMX a month of them."""
    at = time.now()
    found = own_booking(reference, at=at, purpose=Purpose.RESCHEDULE)
    return choose(*found, at) if found else stranger(reference)


@bp.post("/manage/<reference>/reschedule")
def reschedule_see(reference: str) -> Response:
    """Work out what a day would mean, and lead to the page that shows it."""
    at = time.now()
    with database.reading_by("tenant_id_by_reference", reference):
        found = own_booking(reference, at=at, purpose=Purpose.RESCHEDULE)
        if found is None:
            return stranger(reference)
        tenant, booking = found
        packages = _packages(tenant, booking)
    limits.hit("move-quotes", str(booking.id), _LOOKS, tenant_id=tenant.id)
    sent = Sent.of(request.form)
    try:
        quote = move.see(tenant.id, booking.id, sent.wish(booking, packages), actor=Actor.COUPLE, at=at)
    except (NotMovable, DateTaken) as error:
        return how_it_stands(reference, at, speech.sentence(error), sent=sent)
    except Invalid as error:
        errors = {name: speech.sentence(each) for name, each in error.fields.items()}
        with database.reading(tenant.id):
            return choose(tenant, booking, at, sent=sent, errors=errors, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return htmx.see_other(url_for("couple.reschedule_shown", reference=reference, quote_id=quote.id))


@bp.get("/manage/<reference>/reschedule/<uuid:quote_id>")
def reschedule_shown(reference: str, quote_id: UUID) -> Response:
    """What changes, and the form that confirms it."""
    at = time.now()
    found = own_booking(reference, at=at, purpose=Purpose.RESCHEDULE)
    if found is None:
        return stranger(reference)
    tenant, booking = found
    quote = shown_quote(tenant.id, booking.id, quote_id)
    if not is_open(quote, Actor.COUPLE, at, kind=ChangeKind.MOVE):
        return choose(tenant, booking, at, is_old=True)
    return show(tenant, booking, quote, at)


def how_it_stands(
    reference: str, at: datetime, sentence: str, *, sent: Sent = _NOTHING_SENT, quote_id: UUID | None = None
) -> Response:
    """Somebody was faster, or it is too late: read the booking once more and say so.

    Whoever had a quote shown sees the month of its day again, to find another one close to it.
    """
    with database.reading_by("tenant_id_by_reference", reference):
        found = own_booking(reference, at=at, purpose=Purpose.RESCHEDULE)
        if found is None:
            return stranger(reference)
        quote = quotes.load(found[0].id, found[1].id, quote_id) if quote_id else None
        if quote is not None and quote.kind is ChangeKind.MOVE:
            sent = Sent(str(moving.dates(quote)[1]), "")
        return choose(*found, at, sentence=sentence, sent=sent, status=HTTPStatus.CONFLICT)


def choose(
    tenant: TenantView,
    booking: BookingView,
    at: datetime,
    *,
    sent: Sent = _NOTHING_SENT,
    errors: dict[str, str] | None = None,
    sentence: str = "",
    is_old: bool = False,
    status: int = HTTPStatus.OK,
) -> Response:
    """The days to choose from, or why there are none. Within the caller's ``reading()``."""
    today, policy, account = tenant.today(at), booking.policy.moving, overview(tenant.id, booking.id)
    if account.move:
        return waits(booking, account.move, sentence=sentence, status=status)
    refused = move.refusal(booking, account, today=today, actor=Actor.COUPLE)
    if refused is not None:
        return render(
            "couple/reschedule_not.html",
            status=status,
            booking=booking,
            sentence=sentence or speech.sentence(refused),
            booking_url=way_back(),
        )
    packages = _packages(tenant, booking)
    package = move_form.chosen(booking, packages, sent.package or request.args.get("package", ""))
    wanted = move_month.search(booking, package, today=today, reach=policy.reach(booking.original_on))
    here = url_for("couple.reschedule", reference=booking.reference, package=package.slug if package else None)
    month = move_month.shown(tenant, wanted, sent.month or request.args.get("month", ""), here)
    fields = {"package": package.slug} if package else {}
    action = url_for("couple.reschedule_see", reference=booking.reference)
    if htmx.wants_fragment("dates"):
        return render("parts/move_days.html", month=month)
    return render(
        "couple/reschedule.html",
        status=status,
        booking=booking,
        sentence=sentence,
        is_old=is_old,
        terms=wording.moves_of(speech.current(), booking, today),
        packages=[(each.slug, each.name) for each in packages],
        package=package.slug if package else booking.package_slug,
        month=month,
        action=action,
        hidden_fields=fields,
        values={"event_on": sent.day},
        errors=errors or {},
        wanted=wanted,
        booking_url=way_back(),
    )


def waits(
    booking: BookingView,
    waiting: WaitingMove,
    *,
    sentence: str = "",
    is_stripe_away: bool = False,
    status: int = HTTPStatus.OK,
) -> Response:
    """A move that waits for its payment: go on to it, or give it up. Within the caller's ``reading()``."""
    return render(
        "couple/reschedule_waits.html",
        status=status,
        booking=booking,
        waiting=waiting,
        sentence=sentence,
        is_stripe_away=is_stripe_away,
        booking_url=way_back(),
    )


def show(
    tenant: TenantView,
    booking: BookingView,
    quote: Quote,
    at: datetime,
    *,
    notice: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    """A quote, to be confirmed. Within the caller's ``reading()``."""
    account = overview(tenant.id, booking.id)
    return render(
        "couple/reschedule_shown.html",
        status=status,
        booking=booking,
        quote=quote,
        move=moving.shown(speech.current(), booking, account, quote, tax_label=tenant.tax_label, at=at),
        notice=notice,
        again_url=url_for("couple.reschedule", reference=booking.reference, month=f"{moving.dates(quote)[1]:%Y-%m}"),
        booking_url=way_back(),
    )


def _packages(tenant: TenantView, booking: BookingView) -> list[PackageView]:
    """What the couple may change to; nothing where its terms do not allow that."""
    return catalog.packages(tenant.id) if booking.policy.moving.may_change_package else []
