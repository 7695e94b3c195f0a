"""The list of documents: search, filters, pages by key. Everything stands in the address.

From here all that is listed can be had in one file (``invoice_exports``).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Response, request, url_for

from portal import settings
from portal.invoices import listing, page
from portal.invoices.listing import Cursor, Filters, Paid, Went
from portal.invoices.queries import InvoiceRow
from portal.invoices.states import DocumentKind
from portal.kernel.errors import Invalid
from portal.kernel.text import is_iso_date
from portal.web import login, speech
from portal.web.dashboard import frame
from portal.web.dashboard.frame import bp

_LONGEST_SEARCH = 200
NAMES = ("q", "kind", "went", "paid", "first_on", "last_on")


@bp.get("/<slug>/invoices")
def invoices(slug: str) -> Response:
    """A page of the list."""
    tenant, role = login.enter(slug)
    asked = asked_in(request.args)
    found = listing.listing(tenant.id, filters(asked), after=_cursor())
    return frame.page(
        "dashboard/invoices.html",
        tenant,
        role,
        current="money",
        values=asked,
        kinds=_kinds(),
        wents=_wents(),
        paids=_paids(),
        found=found,
        rows=[(row, name(row)) for row in found.rows],
        previous_url=address(slug, asked) if "after" in request.args else None,
        next_url=address(slug, asked, found.next) if found.next else None,
        is_filtered=any(asked.values()),
        is_on=settings.current().features.invoices,
    )


def name(row: InvoiceRow) -> str:
    """What kind of document it is."""
    return speech.gettext(page.name_of(row.called))


def asked_in(given: Mapping[str, str]) -> dict[str, str]:
    """The filters of an address or a form; what is none of ours counts as not given."""
    values = {each: given.get(each, "").strip()[:_LONGEST_SEARCH] for each in NAMES}
    values["kind"] = values["kind"] if values["kind"] in set(DocumentKind) else ""
    values["went"] = values["went"] if values["went"] in set(Went) else ""
    values["paid"] = values["paid"] if values["paid"] in set(Paid) else ""
    for each in ("first_on", "last_on"):
        values[each] = values[each] if _day(values[each]) else ""
    return values


def filters(asked: Mapping[str, str]) -> Filters:
    """What they mean."""
    return Filters(
        search=asked["q"],
        kind=DocumentKind(asked["kind"]) if asked["kind"] else None,
        went=Went(asked["went"]) if asked["went"] else None,
        paid=Paid(asked["paid"]) if asked["paid"] else None,
        first_on=_day(asked["first_on"]),
        last_on=_day(asked["last_on"]),
    )


def address(slug: str, asked: Mapping[str, str], after: Cursor | None = None) -> str:
    """The list with these filters."""
    given: dict[str, Any] = {each: text for each, text in asked.items() if text}
    return url_for(".invoices", slug=slug, after=after, **given)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if is_iso_date(text) else None
    except ValueError:
        return None


def _cursor() -> Cursor | None:
    try:
        return Cursor.parse(request.args["after"]) if "after" in request.args else None
    except Invalid:
        return None


def _kinds() -> list[tuple[str, str]]:
    return [
        ("", speech.gettext("All documents")),
        (DocumentKind.INVOICE.value, speech.gettext("Invoices")),
        (DocumentKind.CREDIT_NOTE.value, speech.gettext("Credit notes")),
        (DocumentKind.RECEIPT.value, speech.gettext("Receipts")),
    ]


def _wents() -> list[tuple[str, str]]:
    return [
        ("", speech.gettext("All")),
        (Went.UNSENT.value, speech.gettext("Not sent")),
        (Went.SENT.value, speech.gettext("Sent")),
        (Went.VIEWED.value, speech.gettext("Viewed")),
        (Went.FAILED.value, speech.gettext("PDF failed")),
    ]


def _paids() -> list[tuple[str, str]]:
    return [
        ("", speech.gettext("Paid or not")),
        (Paid.UNPAID.value, speech.gettext("Unpaid invoices")),
        (Paid.PAID.value, speech.gettext("Paid invoices")),
    ]
