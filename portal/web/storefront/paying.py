"""From a held date to Stripe's page: a redirect, or the page that says until when the date is held.

Stripe is asked outside of any transaction. The whole answer takes at most 10 seconds: opening a session may take 8,
so it is not begun when something else has used the time up; "try again" then does it.
"""

from datetime import datetime
from http import HTTPStatus
from time import monotonic

from flask import Response, url_for

from portal import settings
from portal.bookings import queries, tokens
from portal.bookings.queries import BookingView
from portal.bookings.states import BookingStatus
from portal.db import database
from portal.kernel.errors import NotFound
from portal.lifecycle.hold import Held
from portal.payments import checkouts
from portal.payments.checkouts import Opened, WhyNot
from portal.tenants.queries import TenantView
from portal.web import htmx, links
from portal.web.render import render

_PLACE = "REFERENCE"
_RETRY_AFTER = "5"
_SECONDS_LEFT_FOR_STRIPE = 1.8


class Watch:
    """How long this request has been going on."""

    def __init__(self) -> None:
        self._began = monotonic()

    @property
    def has_time(self) -> bool:
        """Whether Stripe can still be asked within the 10 seconds."""
        return monotonic() - self._began < _SECONDS_LEFT_FOR_STRIPE


def return_url(tenant: TenantView) -> str:
    """Where Stripe leads back to, with a place for the reference that the hold will have."""
    path = url_for("booked.page", slug=tenant.slug, reference=_PLACE)
    return settings.current().base_url + path.replace(_PLACE, "{reference}")


def own_booking(tenant: TenantView, reference: str, *, at: datetime) -> BookingView | None:
    """The booking of a reference, if this browser holds a link to it."""
    try:
        booking = queries.by_reference(tenant.id, reference)
    except NotFound:
        return None
    return booking if tokens.link_to(tenant.id, booking.id, links.held(), at=at) else None


def go_on(tenant: TenantView, held: Held, *, at: datetime, watch: Watch) -> Response:
    """To Stripe's page for a hold; to the booking's when there is nothing left to pay here."""
    booked = url_for("booked.page", slug=tenant.slug, reference=held.reference)
    if held.checkout_id is None:
        return htmx.see_other(booked)
    if watch.has_time:
        opened = checkouts.open_session(tenant.id, held.checkout_id, at=at, known=held.fresh)
        if isinstance(opened, Opened):
            return htmx.see_other(opened.url)
        if opened.reason in {WhyNot.PAID, WhyNot.PROCESSING, WhyNot.ENDED}:
            return htmx.see_other(booked)
    with database.reading(tenant.id):
        return _held_page(tenant, queries.by_id(tenant.id, held.booking_id))


def resume(tenant: TenantView, booking: BookingView, *, at: datetime) -> Response:
    """The payment of a hold that exists: its open session, or a new one."""
    if booking.kept_until is not None:
        return htmx.see_other(url_for("couple.pay", reference=booking.reference))
    checkout = checkouts.current(tenant.id, booking.id)
    if booking.status is not BookingStatus.HELD or checkout is None:
        return htmx.see_other(url_for("booked.page", slug=tenant.slug, reference=booking.reference))
    return go_on(tenant, Held(booking.id, booking.reference, checkout.id, None), at=at, watch=Watch())


def _held_page(tenant: TenantView, booking: BookingView) -> Response:
    answer = render(
        "storefront/hold.html",
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        package={"name": booking.package_name},
        event_on=booking.event_on,
        held_until=booking.hold_expires_at,
        is_kept=booking.is_courtesy,
        retry_url=url_for("booking.held", slug=tenant.slug, reference=booking.reference),
        reference=booking.reference,
    )
    answer.headers["Retry-After"] = _RETRY_AFTER
    return answer
