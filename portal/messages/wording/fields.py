"""Named fields in the words of a business, such as ``{couple}``: which there are, checking and filling them in.

Pure. A text is gone through once, so that what stands in a fact (a couple called ``{amount}``) is never a field.
"""

import re
from collections.abc import Collection, Mapping

from portal.kernel.errors import Invalid
from portal.kernel.text import N_, clean_block, clean_line

MOST_SUBJECT, MOST_BODY = 150, 4000
FIELDS = {
    "couple": N_("The names of the couple"),
    "day": N_("The day of the event"),
    "package": N_("The package they booked"),
    "business": N_("The name of your business"),
    "reference": N_("The reference of the booking"),
    "amount": N_("The amount that this is about"),
    "due_on": N_("The day on which it is due"),
    "until": N_("Until when it holds"),
    "old_day": N_("The day that it was before"),
    "new_day": N_("The day they wanted to move to"),
    "when": N_("How far away the day is"),
    "documents": N_("The names of the documents"),
    "new_address": N_("The new email address"),
}
_BRACED = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"[ \t]*([A-Za-z_]+)[ \t]*")
_EMPTY = N_("Please write something here, or go back to the original.")
_BROKEN = N_("One of the brackets { } has no partner. A field is written like this: %(example)s.")
_UNKNOWN = N_("There is no field %(field)s in this email. There are these: %(known)s.")


def checked_subject(text: str, known: Collection[str]) -> str:
    """A subject as it is kept. Raises Invalid."""
    return _checked(clean_line(text, most=MOST_SUBJECT), known)


def checked_body(text: str, known: Collection[str]) -> str:
    """A text of several paragraphs as it is kept. Raises Invalid."""
    return _checked(clean_block(text, most=MOST_BODY), known)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with what its fields stand for. Raises KeyError for one that is not among them."""
    return _BRACED.sub(lambda found: values[found[1]], text)


def braced(names: Collection[str]) -> str:
    """``{couple}, {day}``."""
    return ", ".join(f"{{{name}}}" for name in names)


def paragraphs(text: str) -> list[str]:
    """What stands between empty lines."""
    return [part.strip("\n") for part in re.split(r"\n[ \t]*\n\s*", text.strip()) if part.strip()]


def _checked(text: str, known: Collection[str]) -> str:
    if not text:
        raise Invalid(_EMPTY)
    return _NOT_A_FIELD.sub(_refuse_lonely, _BRACED.sub(lambda found: _field(found, known), text))


def _field(found: re.Match[str], known: Collection[str]) -> str:
    """A field as it is kept, however it was spaced and capitalised."""
    named = _NAME.fullmatch(found[1])
    if named is None or named[1].lower() not in known:
        raise Invalid(_UNKNOWN, field=" ".join(found[0][:40].split()), known=braced(known))
    return f"{{{named[1].lower()}}}"


_NOT_A_FIELD = re.compile(r"\{[a-z_]+\}|[{}]")


def _refuse_lonely(found: re.Match[str]) -> str:
    if len(found[0]) == 1:
        raise Invalid(_BROKEN, example="{couple}")
    return found[0]
