"""Asking for a taken date: names and an address, and then a mail says the rest.

The answer is the same for an address that is on the list already, and the page never tells who has the date, only
that it is taken. Bad input is 422 with the same form, a date that turns out to be free 409 with the way to book it.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http import HTTPStatus

from flask import Blueprint, Response, request, url_for

from portal.availability import queries as dates
from portal.availability.rules import furthest_on
from portal.availability.waitlist_rules import is_joinable
from portal.bookings.addresses import clean_address
from portal.catalog import queries as catalog
from portal.catalog.queries import PackageDetail
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Conflict, Invalid, PortalError, TooMany
from portal.kernel.text import N_, clean_line
from portal.lifecycle import waiting, waiting_list
from portal.lifecycle.waiting import JoinRequest, StillFree
from portal.tenants.queries import TenantView
from portal.web import htmx, limits, speech
from portal.web.forms import single
from portal.web.render import render
from portal.web.storefront import booking_form
from portal.web.tenant import current

bp = Blueprint("waitlist", __name__, url_prefix="/t/<slug>")
PER_ADDRESS = "5/hour"
PER_SENDER = "10/hour"
_LONGEST_NAME = 120
_FREE_DAYS = 3
_REQUIRED = N_("Please fill this in.")


@dataclass(slots=True)
class _Screen:
    """The page as it is to be shown."""

    tenant: TenantView
    package: PackageDetail
    at: datetime
    values: dict[str, str]
    errors: dict[str, PortalError | str] = field(default_factory=dict)
    event_on: date | None = None  # what could be understood

    @property
    def today(self) -> date:
        return self.tenant.today(self.at)


@bp.get("/waitlist/<package>")
def form(slug: str, package: str) -> Response:
    """The form, for the date of ``?date=…``; or word that a mail is on its way."""
    del slug
    tenant = current()
    typed = request.args.getlist("date")
    screen = _Screen(tenant, catalog.package_by_slug(tenant.id, package), time.now(), {"date": "".join(typed[:1])})
    if typed:
        _read_date(screen, typed)
    return _shown(screen, is_sent="sent" in request.args)


@bp.post("/waitlist/<package>")
def join(slug: str, package: str) -> Response:
    """Join the list."""
    tenant, at = current(), time.now()
    with database.reading(tenant.id):
        detail = catalog.package_by_slug(tenant.id, package)
    screen = _Screen(tenant, detail, at, {})
    asked = _read(screen)
    try:
        if asked is not None:
            limits.hit("waitlist-from", limits.sender(), PER_SENDER)
            limits.hit("waitlist", asked.email.lower(), PER_ADDRESS)
            waiting.join(tenant.id, asked, at=at)
            return htmx.see_other(url_for("waitlist.form", slug=slug, package=package, date=asked.event_on, sent=1))
    except StillFree:
        pass  # the page finds that out by itself
    except (Invalid, Conflict, TooMany) as error:
        screen.errors = dict(getattr(error, "fields", None) or {"": error})
    with database.reading(tenant.id):
        return _shown(screen, is_posted=True)


def _read(screen: _Screen) -> JoinRequest | None:
    """The form that was posted; None when something is wrong with it."""
    name, email = _take(screen, "name"), _take(screen, "email")
    try:
        _read_date(screen, [single(request.form, "date")])
    except Invalid as error:
        screen.errors.update(error.fields)
    if screen.errors or screen.event_on is None or name is None or email is None:
        return None
    return JoinRequest(screen.package.slug, screen.event_on, name, email)


def _take(screen: _Screen, name: str) -> str | None:
    """One field: kept as typed, with its fault or cleaned."""
    try:
        text = single(request.form, name)
    except Invalid as error:
        screen.errors.update(error.fields)
        return None
    screen.values[name] = text
    try:
        return _address(text) if name == "email" else _names(text)
    except Invalid as error:
        screen.errors[name] = error
        return None


def _address(text: str) -> str:
    if not text.strip():
        raise Invalid(_REQUIRED)
    return clean_address(text)


def _names(text: str) -> str:
    cleaned = clean_line(text, most=_LONGEST_NAME)
    if not cleaned:
        raise Invalid(_REQUIRED)
    return cleaned


def _read_date(screen: _Screen, typed: list[str]) -> None:
    screen.values["date"] = typed[0]
    try:
        screen.event_on = booking_form.read_date(typed, screen.package, screen.today)
    except PortalError as error:
        screen.errors["date"] = error


def _shown(screen: _Screen, *, is_posted: bool = False, is_sent: bool = False) -> Response:
    package, event_on = screen.package, screen.event_on
    standing = None
    if event_on is not None:
        length = package.days + package.buffer_days
        last_on = event_on + timedelta(days=length - 1)
        standing = waiting_list.standing(
            screen.tenant.id, resource_id=package.resource_id, first_on=event_on, last_on=last_on
        )
        if standing.claimed and not is_joinable(event_on, length, standing.claimed, today=screen.today):
            closed = Invalid(N_("Nobody can be booked on %(day)s. Please pick another date."), day=event_on)
            screen.errors.setdefault("date", closed)
    is_free = standing is not None and not standing.claimed
    can_join = standing is not None and not is_free and "date" not in screen.errors
    return render(
        "storefront/waitlist.html",
        status=_status(screen, is_refused=is_posted and is_free),
        package={"name": package.name, "days": package.days},
        event_on=event_on,
        last_on=event_on + timedelta(days=package.days - 1) if event_on else None,
        is_free=is_free,
        can_join=can_join,
        sent=is_sent and can_join,
        courtesy_until=standing.courtesy_until if standing else None,
        is_challenged=bool(standing and standing.is_challenged),
        free_days=[] if is_free or is_sent else _free_days(screen),
        values=screen.values,
        errors={name: speech.sentence(error) for name, error in screen.errors.items()},
        min_date=screen.today + timedelta(days=1),
        max_date=furthest_on(screen.today),
        join_url=url_for("waitlist.form", slug=screen.tenant.slug, package=package.slug),
        book_url=url_for("booking.form", slug=screen.tenant.slug, package=package.slug),
        package_url=url_for("storefront.package", slug=screen.tenant.slug, package=package.slug),
    )


def _status(screen: _Screen, *, is_refused: bool) -> int:
    kinds = {type(error) for error in screen.errors.values()}
    if TooMany in kinds:
        return HTTPStatus.TOO_MANY_REQUESTS
    if is_refused or any(issubclass(kind, Conflict) for kind in kinds):
        return HTTPStatus.CONFLICT
    return HTTPStatus.UNPROCESSABLE_ENTITY if kinds else HTTPStatus.OK


def _free_days(screen: _Screen) -> list[date]:
    """What could be had at once instead."""
    if screen.event_on is None:
        return []
    return dates.nearest_free(
        screen.tenant.id,
        resource_id=screen.package.resource_id,
        around=screen.event_on,
        days=screen.package.days,
        buffer_days=screen.package.buffer_days,
        today=screen.today,
        count=_FREE_DAYS,
    )
