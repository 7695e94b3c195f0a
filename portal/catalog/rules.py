"""What a package and an add-on must look like. Pure: all faults are told at once, each at its field."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from portal.kernel.errors import Invalid, PortalError
from portal.kernel.text import N_, clean_block, clean_line

MOST_CENTS = 100_000_000
MOST_TAX_BP = 10_000
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they are stored. Raises Invalid, which names each bad field."""
    stored: dict[str, Any] = {}
    faults: dict[str, PortalError | str] = {}
    for name, value in given.items():
        try:
            stored[name] = _CHECKS[name](value) if name in _CHECKS else value
        except PortalError as error:
            faults[name] = error
    if faults:
        raise Invalid(N_("Please correct: %(names)s."), faults, names=", ".join(sorted(faults)))
    return stored


def _between(least: int, most: int, *, optional: bool = False) -> Callable[[Any], Any]:
    def check(given: Decimal | int | None) -> Decimal | int | None:
        if given is None and optional:
            return None
        if given is None or not least <= given <= most:
            raise Invalid(N_("This must be between %(least)s and %(most)s."), least=least, most=most)
        return given

    return check


def _slug(given: str) -> str:
    if len(given) > 80 or _SLUG.fullmatch(given) is None:  # noqa: PLR2004  the column's own limit
        raise Invalid(N_("An address may hold small letters, digits and single hyphens between them."))
    return given


def _name(given: str) -> str:
    text = clean_line(given, most=120)
    if not text:
        raise Invalid(N_("Please fill this in."))
    return text


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "slug": _slug,
    "name": _name,
    "summary": lambda given: clean_line(given, most=300),
    "description": lambda given: clean_block(given, most=10_000),
    "included": lambda given: clean_block(given, most=5_000),
    "alt": lambda given: clean_line(given, most=300),
    "base_price_cents": _between(1, MOST_CENTS),
    "price_cents": _between(1, MOST_CENTS),
    "tax_rate_bp": _between(0, MOST_TAX_BP),
    "days": _between(1, 30),
    "buffer_days": _between(0, 14),
    "max_guests": _between(1, 100_000, optional=True),
    "max_quantity": _between(1, 999),
}
