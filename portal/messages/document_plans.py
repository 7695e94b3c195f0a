"""When a couple is sent its invoices, credit notes and receipts. Called by the worker and by the business.

What was issued at once goes out in one mail, as soon as each of it is a PDF or could not be made several times. Such a
mail then leads to the page instead; it is sent once, whatever becomes of the PDF later.
"""

from datetime import datetime, timedelta
from uuid import UUID

from portal.bookings import queries as bookings
from portal.db import database
from portal.invoices import queries as invoices
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.text import N_
from portal.messages import service
from portal.messages.recipients import couple
from portal.messages.states import MessageKind

# Seconds apart; what lets a PDF fail so often is not over in a moment.
ATTEMPTS_WAITED_FOR = 3
_RESENDS_AN_HOUR = 3


def issued(tenant_id: UUID, invoice_id: UUID, *, at: datetime, is_waiting: bool = True) -> bool:
    """Owe the mail that tells of a document and of what was issued with it, once nothing has to be waited for.

    Without ``is_waiting`` it is owed now, with a link in the place of each PDF that is missing. Whether it is owed.
    """
    with database.writing(tenant_id):
        batch = invoices.issued_with(tenant_id, invoice_id)
        if not batch or (is_waiting and not all(each.has_file or _is_given_up(each) for each in batch)):
            return False
        first = batch[0]
        to = couple(bookings.by_id(tenant_id, first.booking_id))
        service.owe(tenant_id, first.booking_id, MessageKind.DOCUMENTS, slot=str(first.id), to=to, at=at)
        return True


def resend(tenant_id: UUID, invoice_id: UUID, *, at: datetime) -> list[str]:
    """The business sends one document again, to each of the couple's addresses; those addresses.

    However often within a minute, one mail goes to each. Raises NotFound, or Conflict after three within the hour.
    """
    with database.writing(tenant_id):
        booking_id = database.value(
            "SELECT booking_id FROM invoice WHERE tenant_id = %s AND id = %s", tenant_id, invoice_id
        )
        if booking_id is None:
            raise NotFound(N_("We know no such document."))
        to, slot = couple(bookings.by_id(tenant_id, booking_id)), f"{invoice_id} resend-{at:%Y-%m-%dT%H:%M}"
        sent = _count_resent(tenant_id, booking_id, invoice_id, but=slot, since=at - timedelta(hours=1))
        if sent >= _RESENDS_AN_HOUR:
            raise Conflict(N_("It was sent three times within the last hour. Please ask them to look in spam."))
        service.owe(tenant_id, booking_id, MessageKind.DOCUMENTS, slot=slot, to=to, at=at)
        return [each.recipient for each in to]


def _is_given_up(row: invoices.InvoiceRow) -> bool:
    return bool(row.render_failure) and row.render_attempts >= ATTEMPTS_WAITED_FOR


def _count_resent(tenant_id: UUID, booking_id: UUID, invoice_id: UUID, *, but: str, since: datetime) -> int:
    return int(
        database.value(
            "SELECT count(DISTINCT slot) FROM message WHERE tenant_id = %s AND subject_id = %s AND kind = %s"
            " AND slot LIKE %s AND slot <> %s AND created_at > %s",
            tenant_id,
            booking_id,
            MessageKind.DOCUMENTS,
            f"{invoice_id} resend-%",
            but,
            since,
        )
    )
