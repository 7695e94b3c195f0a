"""The verbs: bring a booking's documents up to what they should be, issue by hand, note what happened to one.

Each may run again and finds nothing left to do. Nothing here changes what was issued.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from portal import settings
from portal.bookings import service as bookings
from portal.db import database, outbox
from portal.invoices import facts as reading
from portal.invoices import issuing, receipts, wanted
from portal.invoices.document import Document, Reference
from portal.invoices.facts import Facts
from portal.invoices.wanted import Credit, Step, Texts
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.ids import uuid7
from portal.kernel.text import N_
from portal.tenants.invoicing import IssueWhen

_KEPT = N_("Kept under the cancellation terms: %(name)s")
_NOT_KEPT = N_("Not kept after the cancellation: %(name)s")
_TAKEN_BACK = N_("What was left of invoice %(number)s")
NO_INVOICES = N_("Invoices are switched off here. Nothing was issued.")
STAYS = N_("An issued document stays as it is. Change the booking itself: a credit note and a new invoice then follow.")


def keep_up(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> list[UUID]:
    """Issue what a booking's documents lack: invoice, credit notes, receipts; the ids of what was issued.

    Called after whatever happens to a booking or its money. Without the feature nothing is issued.
    """
    if not settings.current().features.invoices:
        return []
    with database.writing(tenant_id):
        bookings.lock(tenant_id, booking_id)
        facts = reading.load(tenant_id, booking_id)
        return _issue(facts, _steps(facts) if _is_time(facts) else [], at)


def keep_up_with_refund(tenant_id: UUID, refund_request_id: UUID, *, at: datetime) -> list[UUID]:
    """The same after something became of a refund."""
    with database.reading(tenant_id):
        booking_id = database.value(
            "SELECT booking_id FROM refund_request WHERE tenant_id = %s AND id = %s", tenant_id, refund_request_id
        )
    return keep_up(tenant_id, booking_id, at=at) if booking_id else []


def issue(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> list[UUID]:
    """Issue a booking's invoice now, whenever the business usually does. Raises Conflict when there is nothing to."""
    if not settings.current().features.invoices:
        raise Conflict(NO_INVOICES)
    with database.writing(tenant_id):
        bookings.lock(tenant_id, booking_id)
        facts = reading.load(tenant_id, booking_id)
        steps = _steps(facts)
        if not steps:
            raise Conflict(N_("There is nothing to invoice now: what was issued still says how the booking stands."))
        return _issue(facts, steps, at)


def preview(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> Document | None:
    """The invoice that ``issue`` would issue, without a number; nothing when none is needed. Within ``reading()``."""
    facts = reading.load(tenant_id, booking_id)
    found = [each for each in _steps(facts) if not isinstance(each, Credit)]
    return issuing.invoice(facts, found[-1].lines, at=at) if found else None


def mark_sent(tenant_id: UUID, invoice_id: UUID, *, at: datetime) -> None:
    """It has left to the customer, by mail or by hand. The earliest time counts, whenever it is told."""
    _mark(tenant_id, invoice_id, "sent_at", at)


def mark_viewed(tenant_id: UUID, invoice_id: UUID, *, at: datetime) -> None:
    """The customer has seen it, as a delivery webhook or the owner says; opening a page never does."""
    _mark(tenant_id, invoice_id, "viewed_at", at)


def render_again(tenant_id: UUID, invoice_id: UUID) -> None:
    """Try once more to make a PDF that could not be made; one that exists stays."""
    with database.writing(tenant_id):
        if not database.value("SELECT 1 FROM invoice WHERE tenant_id = %s AND id = %s", tenant_id, invoice_id):
            raise NotFound(N_("We know no such document."))
        outbox.owe("invoice.render", invoice_id, dedupe_key=f"invoice.render:{invoice_id}:{uuid7()}")


def _is_time(facts: Facts) -> bool:
    """Whether the business issues by now. Once there was an invoice, what stands is always kept right."""
    if facts.standing is not None:
        return True
    when = facts.settings.issue_when
    return when is IssueWhen.CONFIRMED or (when is IssueWhen.PAID and not facts.dues)


def _steps(facts: Facts) -> list[Step]:
    if facts.wanted is None:
        return []
    standing = facts.standing[1] if facts.standing else None
    say, name = facts.language.gettext, facts.booking.package_name
    texts = Texts(
        kept=say(_KEPT, name=name),
        not_kept=say(_NOT_KEPT, name=name),
        taken_back=say(_TAKEN_BACK, number=standing.invoice.number if standing else ""),
    )
    return wanted.steps(facts.wanted, standing, texts)


def _issue(facts: Facts, steps: Sequence[Step], at: datetime) -> list[UUID]:
    """Carry out the steps, then write the receipts that lack; they name the invoice that stands after the steps."""
    issued: list[UUID] = []
    original_id, original = (facts.standing[0], facts.standing[1].invoice) if facts.standing else (None, None)
    for step in steps:
        if isinstance(step, Credit):
            assert original is not None  # noqa: S101  what is credited stands
            note = issuing.credit_note(facts, original, step.lines, step.reason, at=at)
            issued.append(issuing.write(facts, note, at=at, refers_to_id=original_id)[0])
        else:
            original_id, original = issuing.write(facts, issuing.invoice(facts, step.lines, at=at), at=at)
            issued.append(original_id)
    about = Reference(original.number, original.issued_on) if original else None
    return issued + receipts.write_lacking(facts, about, at=at)


def _mark(tenant_id: UUID, invoice_id: UUID, column: str, at: datetime) -> None:
    with database.writing(tenant_id):
        touched = database.execute(
            f"UPDATE invoice SET {column} = least({column}, %s) WHERE tenant_id = %s AND id = %s",
            at,
            tenant_id,
            invoice_id,
        )
        if not touched:
            raise NotFound(N_("We know no such document."))
