"""What the settings of invoices must look like. Pure: one check per field, each raising Invalid with its sentence."""

import re
from collections.abc import Callable
from typing import Any

from babel import Locale

from portal.kernel.errors import Invalid
from portal.kernel.text import N_, clean_block, clean_line

# Where printers hold US Letter (CLDR, supplemental data on measurement: paperSize US-Letter).
LETTER_COUNTRIES = frozenset(["BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"])
_PREFIX = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*", re.ASCII)
_MOST_PREFIX = 63
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./-]*", re.ASCII)
_WHEN = ("confirmed", "paid", "by_hand")
_PAPERS = ("", "A4", "Letter")


def _line(most: int) -> Callable[[Any], str]:
    return lambda given: clean_line(given, most=most)


def _block(most: int) -> Callable[[Any], str]:
    return lambda given: clean_block(given, most=most)


def _tax_number(given: str) -> str:
    text = clean_line(given, most=40)
    if text and _NUMBER.fullmatch(text) is None:
        raise Invalid(N_("A tax number has letters and digits only. One looks like FR 40 303265045."))
    return text


def _country(given: str) -> str:
    text = given.strip().upper()
    if text and (not re.fullmatch("[A-Z]{2}", text) or text not in Locale("en").territories):
        raise Invalid(N_("This is not a country. One looks like FR."))
    return text


def _prefix(given: str) -> str:
    text = given.strip().upper()
    if text and (_PREFIX.fullmatch(text) is None or len(text) > _MOST_PREFIX):
        raise Invalid(
            N_("A number begins with letters, digits and single hyphens between them, such as BELLA-WEDDINGS.")
        )
    return text


def _one_of(choices: tuple[str, ...]) -> Callable[[Any], str]:
    def check(given: str) -> str:
        if given not in choices:
            raise Invalid(N_("Please choose one of these."))
        return given

    return check


CHECKS: dict[str, Callable[[Any], str]] = {
    "legal_name": _line(120),
    "address": _block(300),
    "country": _country,
    "tax_number": _tax_number,
    "registration": _line(80),
    "exemption": _line(200),
    "prefix": _prefix,
    "terms": _block(2000),
    "notes": _block(2000),
    "issue_when": _one_of(_WHEN),
    "paper": _one_of(_PAPERS),
}
