"""The page of somebody who waits for a date, from the link in a mail: where they stand, booking what is kept, leaving.

GET changes nothing: opening the link sets a cookie and leads to an address without the secret. Whoever holds no link
gets one page for every entry, real or invented.
"""

from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, url_for

from portal.availability import waitlist_links
from portal.kernel import time
from portal.kernel.errors import Gone, NotFound
from portal.kernel.text import N_
from portal.lifecycle import waiting, waiting_list
from portal.lifecycle.waiting import NotWaiting
from portal.lifecycle.waiting_list import EntryView
from portal.tenants.queries import TenantView
from portal.web import htmx, limits, links, speech
from portal.web.render import render
from portal.web.tenant import current

bp = Blueprint("waiting", __name__)
# Nobody mistypes 43 characters a hundred times an hour.
_GUESSES = "100/hour"
_UNKNOWN = N_("Please check that you copied all of it, or open it from the email again. Links end with their date.")


@bp.get("/w/<token>")
def enter(token: str) -> Response:
    """Open a link."""
    try:
        link = waitlist_links.open_link(token, at=time.now())
    except NotFound:
        limits.hit("guesses", limits.sender(), _GUESSES)
        raise Gone(_UNKNOWN) from None
    answer = redirect(url_for("waiting.page", slug=link.slug, entry_id=link.entry_id))
    assert isinstance(answer, Response)  # noqa: S101  Flask's redirect makes nothing else
    return links.remember(answer, link.token_id)


@bp.get("/t/<slug>/waiting/<uuid:entry_id>")
def page(slug: str, entry_id: UUID) -> Response:
    """Where an entry stands, to a browser that holds its link."""
    del slug
    tenant, at = current(), time.now()
    entry = waiting_list.by_link(tenant.id, entry_id, links.held(), at=at)
    if entry is None:
        return render("storefront/waiting_stranger.html", status=HTTPStatus.NOT_FOUND)
    return _shown(tenant, entry, at)


@bp.post("/t/<slug>/waiting/<uuid:entry_id>/leave")
def leave(slug: str, entry_id: UUID) -> Response:
    """Leave the list, or give back what is kept."""
    try:
        waiting.leave(current().id, entry_id, tuple(links.held()), at=time.now())
    except NotWaiting as error:
        flash(speech.sentence(error), "warn")
    return htmx.see_other(url_for("waiting.page", slug=slug, entry_id=entry_id))


def _shown(tenant: TenantView, entry: EntryView, at: datetime) -> Response:
    standing = entry.status.value
    if entry.offer_ends_at is not None and standing == "offered" and entry.offer_ends_at <= at:
        standing = "lapsed"  # the sweep comes once a minute
    slug, package, day = tenant.slug, entry.package_slug, entry.event_on
    return render(
        "storefront/waiting.html",
        entry=entry,
        standing=standing,
        last_on=entry.event_on + timedelta(days=entry.days - 1),
        book_url=url_for("booking.form", slug=slug, package=package, date=day) if entry.is_sold else "",
        again_url=url_for("waitlist.form", slug=slug, package=package, date=day) if entry.is_sold else "",
        leave_url=url_for("waiting.leave", slug=slug, entry_id=entry.id),
        booking_url=url_for("couple.manage", reference=entry.reference) if entry.reference else "",
    )
