"""Where Stripe returns to: how the booking stands, told in full to the browser that booked and to nobody else.

The page never fulfils. It rings the worker's doorbell for its session, shows what is stored, and asks again for a
while; without JavaScript a button does the same. A stranger sees one page for every reference, real or invented;
the session that Stripe adds to the address proves somebody who has just paid, and tells them whether it arrived.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request, url_for

from portal.availability import queries as dates
from portal.availability.rules import span
from portal.bookings import queries, tokens
from portal.bookings.queries import BookingView
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import NotFound
from portal.lifecycle.overview import Overview, overview
from portal.messages import figures
from portal.payments import attempts
from portal.payments.attempts import CheckoutView
from portal.payments.states import LIVE_CHECKOUTS
from portal.tenants.queries import TenantView
from portal.web import doorbell, htmx, links, speech
from portal.web.render import render_page_or_fragment
from portal.web.storefront.standing import Standing, standing_of
from portal.web.tenant import current

bp = Blueprint("booked", __name__, url_prefix="/t/<slug>")
_LOOKS = {Standing.WAITING: (2, 45), Standing.PROCESSING: (20, 30)}  # seconds between looks, and how many


@dataclass(frozen=True, slots=True)
class _Seen:
    """A booking that whoever asks may hear about."""

    booking: BookingView
    tries: list[CheckoutView]
    returned_from: CheckoutView | None
    is_own: bool

    @property
    def to_ask(self) -> CheckoutView | None:
        """The attempt that Stripe may know more about than we do."""
        likely = [self.returned_from] if self.returned_from else self.tries
        return next((each for each in likely if each.status in LIVE_CHECKOUTS), None)


@bp.get("/booked/<reference>")
def page(slug: str, reference: str) -> Response:
    """How the booking stands; to HTMX the fragment that asks again."""
    del slug
    tenant, at = current(), time.now()
    seen = _seen(tenant, reference, at)
    if seen is None:
        return _answer({"standing": Standing.UNKNOWN, "is_own": False, "poll_url": None})
    if seen.to_ask is not None:
        doorbell.ring_after(tenant.id, seen.to_ask.id, at=at)
    account = overview(tenant.id, seen.booking.id)
    standing = standing_of(seen.booking, seen.tries, account, returned_from=seen.returned_from, at=at)
    context = {"standing": standing, "is_own": seen.is_own, **_looking(standing, tenant, reference)}
    return _answer({**context, **_details(tenant, seen, account, standing, at)} if seen.is_own else context)


@bp.post("/booked/<reference>")
def check(slug: str, reference: str) -> Response:
    """Ask again, without JavaScript."""
    tenant, at = current(), time.now()
    with database.reading(tenant.id):
        seen = _seen(tenant, reference, at)
    if seen is not None and seen.to_ask is not None:
        doorbell.ringing(tenant.id, seen.to_ask.id, at=at)()
    return htmx.see_other(url_for("booked.page", slug=slug, reference=reference, **_session()))


def _seen(tenant: TenantView, reference: str, at: datetime) -> _Seen | None:
    """The booking, if this browser made it or comes from its payment."""
    held, session = links.held(), _session().get("session")
    if not held and not session:
        return None
    try:
        booking = queries.by_reference(tenant.id, reference)
    except NotFound:
        return None
    is_own = tokens.link_to(tenant.id, booking.id, held, at=at) is not None
    tries = attempts.of_booking(tenant.id, booking.id)
    returned_from = next((each for each in tries if session and each.stripe_checkout_session_id == session), None)
    return _Seen(booking, tries, returned_from, is_own) if is_own or returned_from else None


def _session() -> dict[str, Any]:
    """The session that Stripe has put into the address."""
    found = request.args.getlist("session")
    return {"session": found[0]} if len(found) == 1 and found[0] else {}


def _looking(standing: Standing, tenant: TenantView, reference: str) -> dict[str, object]:
    """Where and how often to ask again; not for ever."""
    address: dict[str, Any] = {"slug": tenant.slug, "reference": reference, **_session()}
    seconds, most = _LOOKS.get(standing, (0, 0))
    look = doorbell.next_look(most)
    return {
        "check_url": url_for("booked.check", **address),
        "poll_url": url_for("booked.page", **address, look=look) if look else None,
        "poll_seconds": seconds,
    }


def _details(tenant: TenantView, seen: _Seen, account: Overview, standing: Standing, at: datetime) -> dict[str, object]:
    booking = seen.booking
    is_sure, has_page = standing is Standing.CONFIRMED, standing in {Standing.CONFIRMED, Standing.KEPT}
    package: dict[str, Any] = {"slug": tenant.slug, "package": booking.package_slug}
    return {
        "package": {"name": booking.package_name},
        "event_on": booking.event_on,
        "last_on": span(booking.event_on, booking.days, 0).event_days[-1],
        "reference": booking.reference,
        "email_masked": tokens.masked(booking.email),
        "paid_cents": account.received_cents,
        "due": figures.due_rows(speech.current(), account, tenant.today(at)) if is_sure else [],
        "pay_stages_url": url_for("couple.pay", reference=booking.reference),
        "currency": booking.currency,
        "held_until": booking.hold_expires_at,
        "manage_url": url_for("couple.manage", reference=booking.reference) if has_page else None,
        "book_again_url": url_for("booking.form", **package),
        "pay_url": url_for("booking.held", slug=tenant.slug, reference=booking.reference),
        "alternatives": _alternatives(tenant, booking, at) if standing is Standing.REFUNDED else [],
    }


def _alternatives(tenant: TenantView, booking: BookingView, at: datetime) -> list[dict[str, object]]:
    free = dates.nearest_free(
        tenant.id,
        resource_id=booking.resource_id,
        around=booking.event_on,
        days=booking.days,
        buffer_days=booking.buffer_days,
        today=tenant.today(at),
    )
    form: dict[str, Any] = {"slug": tenant.slug, "package": booking.package_slug}
    return [{"on": day, "url": url_for("booking.form", **form, date=day.isoformat())} for day in free]


def _answer(context: dict[str, object]) -> Response:
    return render_page_or_fragment(
        "storefront/booked.html", "storefront/parts/standing.html", status=200, **{"alternatives": [], **context}
    )
