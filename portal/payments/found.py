"""Rows that must be there, or NotFound: payments and refund requests, as their columns are."""

from uuid import UUID

from portal.db import database
from portal.kernel.errors import NotFound
from portal.kernel.text import N_


def payment(tenant_id: UUID, payment_id: UUID) -> database.Row:
    """A captured payment."""
    found = database.row("SELECT * FROM payment WHERE tenant_id = %s AND id = %s", tenant_id, payment_id)
    if found is None:
        raise NotFound(N_("We know no such payment."))
    return found


def refund_request(tenant_id: UUID, request_id: UUID) -> database.Row:
    """Money that goes back, or should."""
    found = database.row("SELECT * FROM refund_request WHERE tenant_id = %s AND id = %s", tenant_id, request_id)
    if found is None:
        raise NotFound(N_("We know no such refund."))
    return found
