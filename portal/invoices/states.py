"""What kinds of documents there are, and why one corrects another.

There are no states: a draft is never stored (``service.preview`` says what would be issued), and what was issued stays.
"""

from enum import StrEnum


class DocumentKind(StrEnum):
    """What a document is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    RECEIPT = "receipt"


class Reason(StrEnum):
    """Why a credit note was issued; nothing for other documents."""

    NONE = ""
    CHANGED = "changed"
    CANCELLED = "cancelled"
