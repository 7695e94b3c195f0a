"""What the page of a booking's details shows: three forms, each as it was typed if it came back with a fault.

Within the caller's ``reading()``. Nothing here decides what may be changed; the verbs' refusals do.
"""

from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from flask import Response

from portal.bookings import address_changes
from portal.bookings.details import details_of
from portal.bookings.queries import BookingView
from portal.bookings.states import WhichAddress
from portal.catalog import queries as catalog
from portal.db import database
from portal.kernel.errors import PortalError
from portal.lifecycle import add_ons, address, details
from portal.lifecycle.overview import overview
from portal.tenants.queries import TenantView
from portal.web import speech
from portal.web.couple.frame import own_booking, stranger
from portal.web.render import render


@dataclass(slots=True)
class Typed:
    """A form that came: what was written, what is wrong with it, and a word about the whole of it."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    notice: str = ""


def show(
    tenant: TenantView,
    booking: BookingView,
    at: datetime,
    *,
    typed: Typed | None = None,
    asked: Typed | None = None,
    chosen: Typed | None = None,
    sentence: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    """The page. ``typed`` is the form of details, ``asked`` that of another address, ``chosen`` of add-ons."""
    today, account = tenant.today(at), overview(tenant.id, booking.id)
    offered = catalog.package_as_it_is(tenant.id, booking.package_id).add_ons
    choices = add_ons.choices(booking, account, offered, today=today)
    refused = details.refusal(booking, today=today)
    return render(
        "couple/details.html",
        status=status,
        booking=booking,
        sentence=sentence or _say(refused),
        can_change=refused is None,
        typed=typed or Typed(values=_values(booking)),
        choices=choices if refused is None else [],
        chosen=chosen or Typed(values={each.field: str(each.quantity) for each in choices}),
        add_ons_until=add_ons.last_on(booking, tenant.details_cutoff_days),
        add_ons_refused=_say(add_ons.refusal(booking, account, cutoff_days=tenant.details_cutoff_days, today=today)),
        asked=asked or Typed(values={"which": WhichAddress.FIRST}),
        addresses=[each for each in (booking.email, booking.second_email) if each],
        can_ask=address.refusal(booking) is None,
        waiting=address_changes.waiting(tenant.id, booking.id, at=at),
    )


def how_it_stands(reference: str, at: datetime, error: PortalError | None = None) -> Response:
    """Somebody was faster, or it is too late: read the booking once more and say so."""
    with database.reading_by("tenant_id_by_reference", reference):
        found = own_booking(reference, at=at)
        if found is None:
            return stranger(reference)
        return show(*found, at, sentence=_say(error), status=HTTPStatus.CONFLICT)


def _say(error: PortalError | None) -> str:
    return speech.sentence(error) if error else ""


def _values(booking: BookingView) -> dict[str, str]:
    said = details_of(booking)
    values = {name: getattr(said, name) for name in said.__slots__}
    return {
        "seen": said.fingerprint,
        **{name: "" if value is None else str(value) for name, value in values.items()},
    }
