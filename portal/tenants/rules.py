"""What a tenant's data must look like. Pure: each field has one check, and all faults are told at once."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.numbers import list_currencies

from portal.kernel.errors import Invalid, PortalError
from portal.kernel.tax import TaxMode
from portal.kernel.text import N_, clean_block, clean_line

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_ZONE = re.compile(r"[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*", re.ASCII)
_LOCALE = re.compile(r"[a-z]{2}_[A-Z]{2}", re.ASCII)
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_ACCOUNT = re.compile(r"acct_[A-Za-z0-9]+", re.ASCII)
_MOST_COMMISSION = 50
_MOST_BALANCE_DAYS = 730
MOST_UNDO_MINUTES = 3 * 24 * 60
MOST_COURTESY_DAYS = 14
MOST_CUTOFF_DAYS = 1_095  # as far ahead as a date can be booked


class TenantFields(TypedDict, total=False):
    """The fields of a tenant that people write."""

    slug: str
    name: str
    tagline: str
    intro: str
    timezone: str
    currency: str
    locale: str
    tax_mode: str
    tax_label: str
    deposit_percent: int | None
    balance_due_days: int
    commission_percent: Decimal
    stripe_account_id: str | None
    contact_email: str
    contact_phone: str
    address: str
    terms: str
    hero_image: str
    hero_alt: str
    brand_color: str
    undo_minutes: int
    courtesy_days: int
    details_cutoff_days: int
    is_active: bool
    is_listed: bool


def checked(fields: TenantFields) -> dict[str, Any]:
    """The fields as they are stored. Raises Invalid, which names each bad field."""
    stored: dict[str, Any] = {}
    faults: dict[str, PortalError | str] = {}
    for name, given in fields.items():
        check = _CHECKS.get(name)
        try:
            stored[name] = check(given) if check else given
        except PortalError as error:
            faults[name] = error
    if faults:
        raise Invalid(N_("Please correct: %(names)s."), faults, names=", ".join(sorted(faults)))
    return stored


def starting_terms(deposit_percent: int | None) -> dict[str, Any]:
    """The terms that a business begins with: what a deposit is for stays, the rest comes back while there is time."""
    return {
        "cancellation_policy": {
            "tiers": [{"days": 90, "percent": 100}, {"days": 30, "percent": 50}],
            "kept": "nothing" if deposit_percent is None else "deposit",
            "booking_fee_cents": 0,
            "flat_fee_cents": 0,
            "add_ons_days": None,
            "cooling_off_days": 0,
            "rebooked_percent": 0,
        },
        "move_policy": {
            "cutoff_days": 60,
            "free_moves": 1,
            "fees_cents": [],
            "farthest_days": 365,
            "price": "old",
            "may_change_package": False,
        },
    }


def _line(most: int, *, least: int = 0) -> Callable[[Any], str]:
    def check(given: str) -> str:
        text = clean_line(given, most=most)
        if len(text) < least:
            raise Invalid(N_("Please fill this in."))
        return text

    return check


def _block(most: int) -> Callable[[Any], str]:
    return lambda given: clean_block(given, most=most)


def _matching(pattern: re.Pattern[str], message: str, most: int = 254) -> Callable[[Any], str]:
    def check(given: str) -> str:
        if len(given) > most or pattern.fullmatch(given) is None:
            raise Invalid(message)
        return given

    return check


_NO_ZONE = N_("This is not a time zone. One looks like Europe/Paris.")
_NO_LOCALE = N_("This is not a language and country. One looks like fr_FR.")
_zone_name = _matching(_ZONE, _NO_ZONE)
_locale_name = _matching(_LOCALE, _NO_LOCALE)


def _zone(given: str) -> str:
    _zone_name(given)
    try:
        ZoneInfo(given)
    except (ValueError, OSError, KeyError) as error:
        raise Invalid(_NO_ZONE) from error
    return given


# Stripe counts these in units other than ISO 4217's, or in tens of them: https://docs.stripe.com/currencies#special-cases
_OTHER_UNITS_AT_STRIPE = frozenset({"BHD", "ISK", "JOD", "KWD", "MGA", "OMR", "TND", "UGX"})


def _currency(given: str) -> str:
    if given not in list_currencies():
        raise Invalid(N_("This is not a currency. One looks like EUR."))
    if given in _OTHER_UNITS_AT_STRIPE:
        raise Invalid(N_("Payments in this currency are not offered."))
    return given


def _locale(given: str) -> str:
    _locale_name(given)
    try:
        is_known = Locale.parse(given).territory == given[-2:]  # Babel falls back on a likely country
    except (ValueError, UnknownLocaleError):
        is_known = False
    if not is_known:
        raise Invalid(_NO_LOCALE)
    return given


def _tax_mode(given: str) -> str:
    if given not in set(TaxMode):
        raise Invalid(N_("Tax is none, inclusive or exclusive."))
    return given


def _between(least: int, most: int, *, optional: bool = False) -> Callable[[Any], Any]:
    def check(given: Decimal | int | None) -> Decimal | int | None:
        if given is None and optional:
            return None
        if given is None or not least <= given <= most:
            raise Invalid(N_("This must be between %(least)s and %(most)s."), least=least, most=most)
        return given

    return check


def _account(given: str | None) -> str | None:
    if given is not None and _ACCOUNT.fullmatch(given) is None:
        raise Invalid(N_("This is not a Stripe account. One looks like acct_1A2b3C."))
    return given


_slug = _matching(_SLUG, N_("An address may hold small letters, digits and single hyphens between them."), 63)
_color = _matching(_COLOR, N_("This is not a colour. One looks like #5A7C65."))
_CHECKS: dict[str, Callable[[Any], Any]] = {
    "slug": lambda given: _line(63, least=2)(_slug(given)),
    "name": _line(120, least=1),
    "tagline": _line(160),
    "intro": _block(2000),
    "timezone": _zone,
    "currency": _currency,
    "locale": _locale,
    "tax_mode": _tax_mode,
    "tax_label": _line(40),
    "deposit_percent": _between(1, 99, optional=True),
    "balance_due_days": _between(0, _MOST_BALANCE_DAYS),
    "commission_percent": _between(0, _MOST_COMMISSION),
    "stripe_account_id": _account,
    "contact_email": _matching(_EMAIL, N_("This email address cannot be right.")),
    "contact_phone": _line(40),
    "address": _block(300),
    "terms": _block(20_000),
    "hero_image": _line(200),
    "hero_alt": _line(300),
    "undo_minutes": _between(0, MOST_UNDO_MINUTES),
    "courtesy_days": _between(0, MOST_COURTESY_DAYS),
    "details_cutoff_days": _between(0, MOST_CUTOFF_DAYS),
    "brand_color": lambda given: _color(given).upper(),
}
