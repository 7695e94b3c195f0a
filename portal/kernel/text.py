"""Text from people: what is let in, and in which form it is kept.

Lines are trimmed and normalised (NFC). Control characters, bidirectional overrides and invisible-only text are
refused, because they forge other text around them; everything else is kept as written and escaped where shown.
"""

import re
import unicodedata

from portal.kernel.errors import Invalid

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_MARKS = frozenset("\u200e\u200f\u061c\u2028\u2029")
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def N_(text: str) -> str:  # noqa: N802  gettext's own name
    """Mark a text for translation; it is translated where it is shown."""
    return text


def clean_line(text: str, *, most: int) -> str:
    """One line as it is kept; raises ``Invalid`` with a sentence for the field."""
    cleaned = unicodedata.normalize("NFC", text).strip()
    _refuse_forgery(cleaned, allowed="")
    return _fitting(cleaned, most)


def clean_block(text: str, *, most: int) -> str:
    """Several lines as they are kept; raises ``Invalid`` with a sentence for the field."""
    cleaned = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    _refuse_forgery(cleaned, allowed="\n\t")
    return _fitting(cleaned, most)


def is_iso_date(text: str) -> bool:
    """Whether the text is exactly ``YYYY-MM-DD`` in ASCII digits (``date.fromisoformat`` takes more)."""
    return _ISO_DATE.fullmatch(text) is not None


def printable(text: str) -> str:
    """A text as a document may show it: without what steers, and without what is no character at all.

    For texts that were kept before a rule was, or that come from elsewhere; what people type is refused instead.
    """
    return "".join(char for char in text if _is_printable(char))


def _is_printable(char: str) -> bool:
    return char not in _BIDI and char not in _MARKS and unicodedata.category(char) not in {"Cc", "Cs", "Co", "Cn"}


def _refuse_forgery(text: str, *, allowed: str) -> None:
    for char in text:
        if char in allowed:
            continue
        if unicodedata.category(char) in {"Cc", "Cs"} or char in _BIDI or char in "\u2028\u2029":
            raise Invalid(N_("This text holds characters that cannot be shown. Please type it again."))
    if text and all(char in _INVISIBLE or char.isspace() for char in text):
        raise Invalid(N_("This text holds only invisible characters. Please type it again."))


def _fitting(text: str, most: int) -> str:
    if len(text) > most:
        raise Invalid(
            N_("Please use at most %(most)s characters here; this is %(length)s."),
            most=most,
            length=len(text),
        )
    return text
