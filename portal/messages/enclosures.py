"""The invoices, credit notes and receipts that a mail brings: their names, and their PDFs as far as there are any.

What has no PDF yet, or would make a mail too big to arrive, is reached by a link instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from portal.invoices import page, queries
from portal.invoices.queries import InvoiceRow
from portal.kernel.text import N_
from portal.messages import addresses
from portal.messages.mail import Attachment
from portal.tenants.language import Language

PDF = "application/pdf"
_MOST_BYTES = 6_000_000
_NAMED_IN_SUBJECT = 2
_AND_MORE = N_("%(document)s and further documents")


@dataclass(frozen=True, slots=True)
class Enclosed:
    """One document as a mail speaks of it."""

    id: UUID
    heading: str
    number: str
    cents: int
    pdf: bytes | None

    @property
    def name(self) -> str:
        """``Invoice BELLA-WEDDINGS_2026_001``."""
        return f"{self.heading} {self.number}"


def load(tenant_id: UUID, slot: str) -> list[Enclosed]:
    """What a message brings: what was issued together, or the one document that is sent again."""
    found: list[Enclosed] = []
    room = _MOST_BYTES
    for each in named_by(tenant_id, slot):
        file = queries.file(tenant_id, each.id)
        pdf = file.content if file and len(file.content) <= room else None
        room -= len(pdf or b"")
        heading = page.heading(queries.document(tenant_id, each.id))
        found.append(Enclosed(each.id, heading, each.invoice_number, each.total_cents, pdf))
    return found


def named_by(tenant_id: UUID, slot: str) -> list[InvoiceRow]:
    """Which documents a message brings."""
    named, _, again = slot.partition(" ")
    together = queries.issued_with(tenant_id, UUID(named))
    return [one for one in together if not again or str(one.id) == named]


def in_a_subject(language: Language, documents: Sequence[Enclosed]) -> str:
    """They in a few words."""
    if len(documents) > _NAMED_IN_SUBJECT:
        return language.gettext(_AND_MORE, document=documents[0].name)
    return ", ".join(each.name for each in documents)


def attachments(documents: Sequence[Enclosed]) -> tuple[Attachment, ...]:
    """Their PDFs."""
    return tuple(Attachment(f"{each.number}.pdf", PDF, each.pdf) for each in documents if each.pdf is not None)


def rows(documents: Sequence[Enclosed], manage_url: str) -> list[dict[str, object]]:
    """They as the templates list them, each with the address of its PDF."""
    return [
        {
            "name": each.name,
            "cents": each.cents,
            "is_attached": each.pdf is not None,
            "url": addresses.document(manage_url, each.number),
        }
        for each in documents
    ]
