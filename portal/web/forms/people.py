"""What couples write of themselves and their day, field by field. Each raises Invalid with a sentence for its field."""

import re

from portal.bookings.addresses import clean_address
from portal.kernel.errors import Invalid
from portal.kernel.text import N_, clean_block, clean_line

REQUIRED = N_("Please fill this in.")
_DIGITS = re.compile(r"[0-9]{1,6}", re.ASCII)


def name(text: str) -> str:
    """A partner's name."""
    cleaned = clean_line(text, most=120)
    if not cleaned:
        raise Invalid(REQUIRED)
    return cleaned


def address(text: str) -> str:
    """An address of mail."""
    if not text.strip():
        raise Invalid(REQUIRED)
    return clean_address(text)


def phone(text: str) -> str:
    """A number to call, as they write it; may be empty."""
    return clean_line(text, most=40)


def venue(text: str) -> str:
    """Where it will be; may be empty."""
    return clean_line(text, most=200)


def notes(text: str) -> str:
    """Anything else; may be empty."""
    return clean_block(text, most=2_000)


def guests(text: str) -> int | None:
    """How many come; nothing where that is not known yet. Whether there is room for them is another's question."""
    text = text.strip(" ")
    if not text:
        return None
    if not _DIGITS.fullmatch(text):
        raise Invalid(N_("Please give the number of guests, or leave this empty."))
    return int(text)
