"""What kinds of documents there are, what they are called, and why one corrects another.

There are no states: a draft is never stored (``service.preview`` says what would be issued), and what was issued stays.
"""

from enum import StrEnum


class DocumentKind(StrEnum):
    """What a document is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    RECEIPT = "receipt"


class Called(StrEnum):
    """What a document is called: receipts say which way the money went."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    RECEIPT = "receipt"
    REFUND = "refund"
    RETURNED_REFUND = "returned_refund"

    @property
    def is_back(self) -> bool:
        """Whether it gives, where others ask or receive."""
        return self in {Called.CREDIT_NOTE, Called.REFUND}


class Reason(StrEnum):
    """Why a credit note was issued, or a receipt taken back; nothing for other documents."""

    NONE = ""
    CHANGED = "changed"
    CANCELLED = "cancelled"
    RETURNED = "returned"
