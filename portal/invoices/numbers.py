"""Numbers as they are printed: ``BELLA-WEDDINGS_2026_001``, and with ``CN`` or ``R`` for credit notes and receipts.

A prefix holds no underscore, so that no prefix can make the number of one series look like that of another.
"""

import re
from typing import NamedTuple

from portal.invoices.states import DocumentKind

_MARKS = {DocumentKind.INVOICE: "", DocumentKind.CREDIT_NOTE: "CN_", DocumentKind.RECEIPT: "R_"}
_KINDS = {mark: kind for kind, mark in _MARKS.items()}
_NUMBER = re.compile(r"([A-Z0-9]+(?:-[A-Z0-9]+)*)_(CN_|R_)?([0-9]{4})_([0-9]{3,9})", re.ASCII)


class Parts(NamedTuple):
    """What a number is made of."""

    prefix: str
    kind: DocumentKind
    year: int
    sequence: int


def written(parts: Parts) -> str:
    """The number: at least three digits, more when a year needs them."""
    return f"{parts.prefix}_{_MARKS[parts.kind]}{parts.year:04d}_{parts.sequence:03d}"


def read(number: str) -> Parts | None:
    """What a number says, or nothing when it is none of ours."""
    found = _NUMBER.fullmatch(number)
    if found is None:
        return None
    prefix, mark, year, sequence = found.groups()
    parts = Parts(prefix, _KINDS[mark or ""], int(year), int(sequence))
    return parts if written(parts) == number else None
