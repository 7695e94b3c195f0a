"""The list of bookings: search, state, which side of today, order, pages by key. Everything stands in the address."""

from functools import lru_cache

from flask import Response, request, url_for
from markupsafe import Markup

from portal.bookings import queries
from portal.bookings.queries import Cursor, ListedBooking, Order, When
from portal.bookings.states import BookingStatus
from portal.kernel import time
from portal.kernel.errors import Invalid
from portal.payments.standings import Standing, standings
from portal.web import login, render, speech
from portal.web.dashboard.frame import bp, page

_LONGEST_SEARCH = 200


@bp.get("/<slug>/bookings")
def bookings(slug: str) -> Response:
    """A page of the list."""
    tenant, role = login.enter(slug)
    today = time.today(tenant.timezone, at=time.now())
    asked = _asked()
    found = queries.listing(
        tenant.id,
        today=today,
        search=asked["q"],
        status=BookingStatus(asked["status"]) if asked["status"] else None,
        when=When(asked["when"]),
        order=Order(asked["sort"]),
        after=_cursor(),
    )
    paid = standings(tenant.id, [row.id for row in found.rows], today=today)
    here = url_for(".bookings", slug=slug)
    return page(
        "dashboard/bookings.html",
        tenant,
        role,
        current="bookings",
        values=asked,
        statuses=list(BookingStatus),
        whens=_whens(),
        orders=_orders(),
        found=found,
        rows=[_row(row, paid.get(row.id), here, speech.current().name) for row in found.rows],
        previous_url=_address(slug, asked) if "after" in request.args else None,
        next_url=_address(slug, asked, found.next) if found.next else None,
        is_filtered=bool(asked["q"] or asked["status"] or asked["when"] != When.UPCOMING),
    )


@lru_cache(maxsize=4096)
def _row(row: ListedBooking, standing: Standing | None, here: str, locale: str) -> Markup:
    """A row's text is the same for as long as the row is: making it costs ten times as much as reading it."""
    del locale  # part of the key; the language itself is the request's
    text = render.text("dashboard/parts/booking_row.html", row=row, standing=standing, url=f"{here}/{row.reference}")
    return Markup(text)  # noqa: S704  rendered and escaped by our own template


def _asked() -> dict[str, str]:
    """The filters of the address; what is none of ours counts as not given."""
    status, when, order = (request.args.get(name, "") for name in ("status", "when", "sort"))
    return {
        "q": request.args.get("q", "").strip()[:_LONGEST_SEARCH],
        "status": status if status in set(BookingStatus) else "",
        "when": when if when in set(When) else When.UPCOMING.value,
        "sort": order if order in set(Order) else Order.DATE.value,
    }


def _cursor() -> Cursor | None:
    try:
        return Cursor.parse(request.args["after"]) if "after" in request.args else None
    except Invalid:
        return None


def _address(slug: str, asked: dict[str, str], after: Cursor | None = None) -> str:
    q, status = asked["q"] or None, asked["status"] or None
    order = asked["sort"] if asked["sort"] != Order.DATE else None
    return url_for(".bookings", slug=slug, q=q, status=status, when=asked["when"], sort=order, after=after)


def _orders() -> list[tuple[str, str]]:
    return [
        (Order.DATE.value, speech.gettext("Date of the event")),
        (Order.NEWEST.value, speech.gettext("Newest bookings first")),
    ]


def _whens() -> list[tuple[str, str]]:
    return [
        (When.UPCOMING.value, speech.gettext("Coming")),
        (When.PAST.value, speech.gettext("Past")),
        (When.ALL.value, speech.gettext("All dates")),
    ]
