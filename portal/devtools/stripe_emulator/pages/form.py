"""What somebody typed into the pay page, checked field by field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.cards import digits, is_plausible

if TYPE_CHECKING:
    from collections.abc import Mapping

_EXPIRY = re.compile(r"^\s*(\d{1,2})\s*/?\s*(\d{2}|\d{4})\s*$", re.ASCII)
_CVC = re.compile(r"^\d{3,4}$", re.ASCII)
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s.]+$")
_MONTHS, _CENTURY, _TWO_DIGITS = 12, 2000, 100


@dataclass
class PayForm:
    """The fields as typed, and what is wrong with them."""

    email: str
    name: str
    number: str
    expiry: str
    cvc: str
    errors: dict[str, str]

    @property
    def card_number(self) -> str:
        """The number without spaces."""
        return digits(self.number)


def read_form(given: Mapping[str, str], *, needs_email: bool, needs_card: bool, now: int) -> PayForm:
    """Read and check the form."""
    values = {name: given.get(name, "").strip() for name in ("email", "name", "number", "expiry", "cvc")}
    form = PayForm(errors={}, **values)
    if needs_email and not _EMAIL.match(form.email):
        form.errors["email"] = "Your email is incomplete."
    if needs_card:
        _check_card(form, now)
    return form


def _check_card(form: PayForm, now: int) -> None:
    if not form.number:
        form.errors["number"] = "Your card number is incomplete."
    elif not is_plausible(form.number):
        form.errors["number"] = "Your card number is invalid."
    expiry = _EXPIRY.match(form.expiry)
    if expiry is None or not 1 <= int(expiry[1]) <= _MONTHS:
        form.errors["expiry"] = "Your card's expiration date is incomplete."
    else:
        year = int(expiry[2]) + (_CENTURY if int(expiry[2]) < _TWO_DIGITS else 0)
        today = datetime.fromtimestamp(now, UTC)
        if (year, int(expiry[1])) < (today.year, today.month):
            form.errors["expiry"] = "Your card's expiration date is in the past."
    if not _CVC.match(form.cvc):
        form.errors["cvc"] = "Your card's security code is incomplete."
