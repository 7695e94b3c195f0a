"""The booking form, and what sending it leads to: Stripe's page, the held date, the booking, or the form once more.

A fault comes back as 422, a date that somebody else was faster with as 409, always with everything that was typed.
"""

from datetime import date
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from portal.availability import queries as dates
from portal.bookings import queries
from portal.bookings.policy import wishes
from portal.bookings.queries import BookingView
from portal.catalog import queries as catalog
from portal.catalog.queries import PackageDetail
from portal.db import database
from portal.kernel import errors, time
from portal.kernel.errors import PortalError
from portal.kernel.text import N_
from portal.lifecycle import waiting_list
from portal.lifecycle.hold import HoldEnded, HoldRequest, hold_date
from portal.lifecycle.hold_terms import Seen
from portal.tenants.queries import TenantView
from portal.web import htmx, limits, links
from portal.web.render import render
from portal.web.storefront import booking_form, booking_page, nonces, paying
from portal.web.storefront.booking_form import DEPOSIT, FULL, KEEP, Reading
from portal.web.storefront.booking_page import Screen
from portal.web.tenant import current

bp = Blueprint("booking", __name__, url_prefix="/t/<slug>")
_ALL, _PRICE = "all", "price"
_RETRY_AFTER = "5"
_KEPT_FROM, _KEPT_FOR = "10/hour", "5/hour"
_STATUS: dict[type[PortalError], int] = {
    errors.Invalid: 422,
    errors.Conflict: 409,
    errors.Busy: 503,
    errors.Unavailable: 503,
    errors.TooMany: 429,
}


@bp.get("/book/<package>")
def form(slug: str, package: str) -> Response:
    """The form, with the date of ``?date=…``; filled in as it was sent when this browser holds a date already."""
    del slug
    tenant, at = current(), time.now()
    detail = catalog.package_by_slug(tenant.id, package)
    nonce, held = nonces.current(tenant)
    screen = Screen(tenant, detail, at, nonce, held=held)
    if held is not None:
        _fill_in(screen, held)
    if "date" in request.args:
        _choose(screen, request.args.getlist("date"))
    return _shown(screen)


@bp.post("/book/<package>")
def hold(slug: str, package: str) -> Response:
    """Hold the date and go on to the payment; ``intent=summary`` and ``pick=<date>`` only show the form again."""
    del slug
    tenant, at = current(), time.now()
    watch = paying.Watch()
    with database.reading(tenant.id):
        detail = catalog.package_by_slug(tenant.id, package)
        reading = booking_form.read(request.form, detail, today=tenant.today(at))
        if reading.intent == "summary" or "pick" in request.form:
            return _looked_at_again(_screen(tenant, detail, reading), reading)
        if reading.wish is None or reading.nonce is None:
            return _shown(_screen(tenant, detail, reading), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    asked = HoldRequest(
        nonce=reading.nonce,
        wish=reading.wish,
        success_url=paying.return_url(tenant),
        cancel_url=paying.return_url(tenant),
        offer=reading.offer,
        links=tuple(links.held()),
        seen=Seen(tenant.published_version, detail),
    )
    try:
        if reading.wish.is_courtesy:
            _count_courtesy(tenant, reading.wish.email)
        held = hold_date(tenant.id, asked, at=at)
    except tuple(_STATUS) as error:
        return _refused(tenant, package, reading, error)
    nonces.keep(tenant, reading.nonce)
    answer = paying.go_on(tenant, held, at=at, watch=watch)
    return links.remember(answer, held.token_id) if held.token_id else answer


@bp.post("/held/<reference>")
def held(slug: str, reference: str) -> Response:
    """Try the payment of a held date again; only for the browser that holds it."""
    tenant, at = current(), time.now()
    with database.reading(tenant.id):
        booking = paying.own_booking(tenant, reference, at=at)
    if booking is None:
        return htmx.see_other(url_for("booked.page", slug=slug, reference=reference))
    return paying.resume(tenant, booking, at=at)


@bp.get("/held/<reference>")
def held_page(slug: str, reference: str) -> Response:
    """A refresh of the page that ``held`` may answer with: how the booking stands."""
    answer = redirect(url_for("booked.page", slug=slug, reference=reference), 303)
    assert isinstance(answer, Response)  # noqa: S101  Flask's redirect makes nothing else
    return answer


def _count_courtesy(tenant: TenantView, address: str) -> None:
    """It takes a date off sale and mails a link, both without a payment."""
    limits.hit("courtesy-from", limits.sender(), _KEPT_FROM, tenant_id=tenant.id)
    limits.hit("courtesy", address.lower(), _KEPT_FOR, tenant_id=tenant.id)


def _screen(tenant: TenantView, detail: PackageDetail, reading: Reading, nonce: UUID | None = None) -> Screen:
    return Screen(
        tenant=tenant,
        package=detail,
        at=time.now(),
        nonce=nonce or reading.nonce or nonces.current(tenant)[0],
        values=reading.values,
        errors=reading.errors,
        event_on=reading.event_on,
        quantities=reading.quantities,
        pays=reading.pays,
        judged=_ALL,
    )


def _fill_in(screen: Screen, held: BookingView) -> None:
    """Everything that was sent, so that it can be changed."""
    chosen = {line.add_on_id: line.quantity for line in queries.lines(screen.tenant.id, held.id) if line.add_on_id}
    offered = {add_on.id for add_on in screen.package.add_ons}
    screen.quantities = {key: quantity for key, quantity in chosen.items() if key in offered}
    screen.pays = KEEP if held.is_courtesy else FULL if held.pays_in_full else DEPOSIT
    screen.event_on = held.event_on
    names = ("first_partner", "second_partner", "email", "second_email", "phone", "venue", "guest_count", "notes")
    screen.values = {
        "date": held.event_on.isoformat(),
        **{name: str(getattr(held, name) or "") for name in names},
        **{wishes.add_on_field(key): str(quantity) for key, quantity in screen.quantities.items()},
    }


def _choose(screen: Screen, values: list[str]) -> None:
    """The date that the address names, if it can be booked."""
    screen.values["date"], screen.event_on = values[0], None
    try:
        screen.event_on = booking_form.read_date(values, screen.package, screen.today)
    except PortalError as error:
        screen.errors = {"date": error}
        return
    if not _is_free(screen, screen.event_on):
        screen.errors = {"date": errors.DateTaken(N_("%(day)s is not free any more."), day=screen.event_on)}
        _offer_others(screen, screen.event_on)
        screen.event_on = None
    elif screen.kept and not screen.values.get("email"):
        screen.values["email"] = screen.kept.email


def _is_free(screen: Screen, event_on: date) -> bool:
    """For this browser: what is kept for it counts as free."""
    if dates.is_free(
        screen.tenant.id,
        resource_id=screen.package.resource_id,
        event_on=event_on,
        days=screen.package.days,
        buffer_days=screen.package.buffer_days,
        booking_id=screen.held.id if screen.held else None,
    ):
        return True
    screen.kept = waiting_list.offered_by_links(
        screen.tenant.id, links.held(), package_id=screen.package.id, event_on=event_on, at=screen.at
    )
    return screen.kept is not None


def _offer_others(screen: Screen, around: date) -> None:
    screen.free_days = dates.nearest_free(
        screen.tenant.id,
        resource_id=screen.package.resource_id,
        around=around,
        days=screen.package.days,
        buffer_days=screen.package.buffer_days,
        today=screen.today,
    )


def _looked_at_again(screen: Screen, reading: Reading) -> Response:
    """The price of what is chosen now: to HTMX the summary alone, unless something else of the form has to change too.

    A form that was not sent yet is only judged about what decides its price.
    """
    if reading.judged != _ALL:
        screen.judged = _PRICE
        screen.errors = {name: error for name, error in screen.errors.items() if _is_about_price(name)}
        if not screen.values.get("date"):
            screen.errors.pop("date", None)
    if screen.event_on and not _is_free(screen, screen.event_on):
        screen.errors = {**screen.errors, "date": _taken(screen.event_on)}
        _offer_others(screen, screen.event_on)
    context = booking_page.context(screen)
    has_same_choices = reading.choices == str(booking_page.choices(context))
    if htmx.wants_fragment("summary") and not screen.errors and not reading.judged and has_same_choices:
        return render("storefront/_summary.html", status=HTTPStatus.OK, **context)
    return _shown(screen)


def _is_about_price(name: str) -> bool:
    return name in {"", "date", "pay"} or name.startswith("add_on_")


def _taken(day: date) -> PortalError:
    return errors.DateTaken(N_("%(day)s is not free any more. Please pick another date."), day=day)


def _refused(tenant: TenantView, package: str, reading: Reading, error: PortalError) -> Response:
    """The form once more, with everything that was typed and what stands in the way of it."""
    with database.reading(tenant.id):
        nonce = nonces.renewed(tenant) if isinstance(error, HoldEnded) else None
        screen = _screen(tenant, catalog.package_by_slug(tenant.id, package), reading, nonce)
        if isinstance(error, errors.DateTaken):
            screen.errors = {"date": error}
            if reading.event_on:
                _offer_others(screen, reading.event_on)
        else:
            screen.errors = getattr(error, "fields", None) or {"": error}
        status = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
        return _shown(screen, status=status)


def _shown(screen: Screen, *, status: int | None = None) -> Response:
    if status is None:
        has_conflict = any(isinstance(error, errors.Conflict) for error in screen.errors.values())
        status = HTTPStatus.CONFLICT if has_conflict else HTTPStatus.UNPROCESSABLE_ENTITY
        status = status if screen.errors else HTTPStatus.OK
    context = booking_page.context(screen)
    if htmx.wants_fragment():
        answer = htmx.retarget(
            render("storefront/parts/booking_form.html", status=status, **context), target="#booking-form"
        )
    else:
        answer = render("storefront/book.html", status=status, **context)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = _RETRY_AFTER
    return answer
