"""Bookings as bare rows, for tests of the days alone: what they cost and who they are does not matter here."""

from datetime import UTC, date, datetime
from uuid import UUID

from portal.db import database
from portal.kernel.ids import new_reference, uuid7
from tests.support.world import Business

AT = datetime(2027, 1, 10, 12, tzinfo=UTC)


def bare_booking(business: Business, *, event_on: date = date(2027, 6, 12)) -> UUID:
    """A held booking that owns no day yet."""
    booking_id, customer_id = uuid7(), uuid7()
    package_id = next(iter(business.packages.values()))
    with database.writing(business.id):
        database.execute(
            "INSERT INTO customer (id, tenant_id, first_partner, second_partner, email, created_at)"
            " VALUES (%s, %s, 'Ada', 'Grace', 'ada@couple.example', %s)",
            customer_id,
            business.id,
            AT,
        )
        database.execute(
            "INSERT INTO booking (id, tenant_id, reference, customer_id, package_id, package_name, resource_id, status,"
            " event_on, days, buffer_days, couple, currency, tax_mode, net_cents, tax_cents, total_cents,"
            " commission_bp, commission_cents, balance_due_days, pays_in_full, terms, terms_accepted_at,"
            " request_nonce, hold_expires_at, created_at) VALUES (%s, %s, %s, %s, %s, 'Whole day', %s, 'held', %s, 1,"
            " 0, 'Ada & Grace', 'USD', 'none', 100, 0, 100, 0, 0, 30, true, 'Terms', %s, %s, %s, %s)",
            booking_id,
            business.id,
            new_reference(),
            customer_id,
            package_id,
            business.resource_id,
            event_on,
            AT,
            uuid7(),
            AT,
            AT,
        )
    return booking_id


def claims_of(business: Business) -> dict[tuple[UUID, date], tuple[str, UUID]]:
    """Every claim of a tenant: its kind and its owner by resource and day."""
    with database.reading(business.id):
        found = database.rows(
            "SELECT resource_id, claimed_on, kind, coalesce(booking_id, blackout_id) AS owner FROM date_claim"
            " WHERE tenant_id = %s ORDER BY claimed_on",
            business.id,
        )
    return {(row.resource_id, row.claimed_on): (row.kind, row.owner) for row in found}
