"""Reading the booking form: strictly, every field once, all faults at their fields, everything kept as it was typed.

Only the names below are read; a field of ours that comes twice is a fault, any other field does not exist.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar
from uuid import UUID

from werkzeug.datastructures import MultiDict

from portal.bookings.placing import Wish
from portal.bookings.policy import wishes
from portal.catalog.queries import PackageDetail
from portal.kernel.errors import Invalid, PortalError
from portal.kernel.text import N_, is_iso_date
from portal.web.forms import people, single

DEPOSIT, FULL, KEEP = "deposit", "full", "keep"
_T = TypeVar("_T")
_PREFIX = "add_on_"
_DIGITS = re.compile(r"[0-9]{1,6}", re.ASCII)
_NONCE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


@dataclass(slots=True)
class Reading:
    """What came: as typed, what is wrong with it, and what could be understood."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, PortalError | str] = field(default_factory=dict)
    intent: str = ""
    judged: str = ""  # what the form that was sent had been judged about: "all", "price" or nothing yet
    choices: str = ""  # how many ways of paying it showed
    nonce: UUID | None = None
    offer: str | None = None
    event_on: date | None = None
    quantities: dict[UUID, int] = field(default_factory=dict)
    pays: str | None = None  # DEPOSIT, FULL, or KEEP: later or not at all
    wish: Wish | None = None  # there only when nothing is wrong


def read(form: MultiDict[str, str], package: PackageDetail, *, today: date) -> Reading:
    """The form that was posted for a package."""
    reading = Reading()
    take = _Taker(form, reading)
    reading.intent = take("intent", str) or ""
    reading.judged, reading.choices = take("judged", str) or "", take("choices", str) or ""
    reading.nonce = take("nonce", _nonce)
    reading.offer = take("offer", str) or None
    if picked := take("pick", str):  # one of the free dates that were offered in the place of a taken one
        form = form.copy()
        form.setlist("date", [picked])
        take = _Taker(form, reading)
    reading.event_on = take("date", lambda text: _date(text, package, today))
    _read_quantities(form, reading, package)
    reading.pays = take("pay", _pay)
    wish = _wish(take, reading, package)
    take("terms", _terms)
    if not reading.errors:
        reading.wish = wish
    return reading


class _Taker:
    """Takes one field at a time: keeps its text, and its fault or its value."""

    def __init__(self, form: MultiDict[str, str], reading: Reading) -> None:
        self._form = form
        self._reading = reading

    def __call__(self, name: str, understand: Callable[[str], _T]) -> _T | None:
        try:
            text = single(self._form, name)
        except Invalid as error:
            self._reading.errors.update(error.fields)
            return None
        self._reading.values[name] = text
        try:
            return understand(text)
        except PortalError as error:
            self._reading.errors[name] = error
            return None


def _wish(take: _Taker, reading: Reading, package: PackageDetail) -> Wish | None:
    first, second = take("first_partner", people.name), take("second_partner", people.name)
    email, other = take("email", people.address), take("second_email", _address_or_none)
    phone = take("phone", people.phone)
    venue = take("venue", people.venue)
    guests = take("guest_count", lambda text: _guests(text, package))
    notes = take("notes", people.notes)
    if first is None or second is None or email is None or reading.event_on is None:
        return None
    return Wish(
        package_slug=package.slug,
        event_on=reading.event_on,
        first_partner=first,
        second_partner=second,
        email=email,
        second_email=None if other == email else other,
        phone=phone or "",
        venue=venue or "",
        guest_count=guests,
        notes=notes or "",
        quantities={key: quantity for key, quantity in reading.quantities.items() if quantity},
        pays_in_full=reading.pays == FULL,
        is_courtesy=reading.pays == KEEP,
    )


def _read_quantities(form: MultiDict[str, str], reading: Reading, package: PackageDetail) -> None:
    """The add-ons, of which the form may name some that are not offered any more."""
    take = _Taker(form, reading)
    offered = {wishes.add_on_field(add_on.id): add_on for add_on in package.add_ons}
    for name, add_on in offered.items():
        most = add_on.max_quantity
        quantity = take(name, lambda text, most=most: _quantity(text, most))  # type: ignore[misc]
        reading.quantities[add_on.id] = quantity or 0
    others = [name for name in form if name.startswith(_PREFIX) and name not in offered]
    if any(text.strip() not in {"", "0"} for name in others for text in form.getlist(name)):
        reading.errors[""] = N_("One of the add-ons is not offered any more. Please check what you chose.")


def _quantity(text: str, most: int) -> int:
    text = text.strip(" ")
    if not text:
        return 0
    if not _DIGITS.fullmatch(text) or int(text) > most:
        raise Invalid(N_("Please choose a number from 0 to %(most)s."), most=most)
    return int(text)


def _date(text: str, package: PackageDetail, today: date) -> date:
    if not text:
        raise Invalid(N_("Please pick a date."))
    try:
        event_on = date.fromisoformat(text) if is_iso_date(text) else None
    except ValueError:
        event_on = None
    if event_on is None:
        raise Invalid(N_("This is not a date. Please write it as year-month-day, for example 2027-06-12."))
    fault = wishes.date_fault(event_on, today=today, days=package.days, buffer_days=package.buffer_days)
    if fault:
        raise fault
    return event_on


def read_date(values: list[str], package: PackageDetail, today: date) -> date:
    """The date that an address names (``?date=2027-06-12``). Raises Invalid."""
    if len(values) > 1:
        raise Invalid(N_("This field arrived twice. Please fill it in once more."))
    return _date(values[0], package, today)


def _guests(text: str, package: PackageDetail) -> int | None:
    count = people.guests(text)
    if fault := wishes.guests_fault(count, max_guests=package.max_guests):
        raise fault
    return count


def _address_or_none(text: str) -> str | None:
    return people.address(text) if text.strip() else None


def _pay(text: str) -> str:
    if text not in {DEPOSIT, FULL, KEEP}:
        raise Invalid(N_("Please choose how you would like to pay."))
    return text


def _terms(text: str) -> None:
    if text != "1":
        raise Invalid(N_("Please accept the terms; without them we cannot book."))


def _nonce(text: str) -> UUID:
    if not _NONCE.fullmatch(text):
        raise Invalid(N_("This form is incomplete. Please check it and send it once more."))
    return UUID(text)
