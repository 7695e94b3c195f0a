"""A business with 10,000 bookings, each with its line, stages, payment and ledger, written in a few statements."""

from uuid import UUID

import psycopg2

from portal.db import database
from portal.kernel import time
from tests.support.world import Business

_BOOKINGS = """
INSERT INTO booking (id, tenant_id, reference, customer_id, package_id, package_name, resource_id, status, event_on,
  days, buffer_days, couple, venue, guest_count, notes, currency, tax_mode, net_cents, tax_cents, total_cents,
  commission_bp, commission_cents, deposit_percent, balance_due_days, pays_in_full, terms, terms_accepted_at,
  request_nonce, hold_expires_at, created_at, confirmed_at)
SELECT gen_random_uuid(), c.tenant_id,
  translate(upper(lpad(to_hex(n), 4, '0') || '-' || substr(c.id::text, 25, 4)), '01AE', 'WXZT'), c.id, %s,
  'Whole day', %s,
  'confirmed', %s::date + n::int, 1, 0, c.first_partner || ' & ' || c.second_partner, 'The old mill', 80, '',
  'USD', 'none', 200000, 0, 200000, 0, 0, 50, 30, false, 'The deposit is not given back.', %s, gen_random_uuid(),
  %s, %s, %s
FROM (SELECT *, row_number() OVER () AS n FROM customer WHERE tenant_id = %s) c
"""
_CUSTOMERS = """
INSERT INTO customer (id, tenant_id, first_partner, second_partner, email, created_at)
SELECT gen_random_uuid(), %s, 'Ada' || n, 'Ruben' || n, 'couple' || n || '@couples.example', %s
FROM generate_series(1, %s) n
"""
_LINES = """
INSERT INTO booking_line (id, tenant_id, booking_id, position, description, quantity, unit_cents, net_cents,
  tax_rate_bp, tax_cents, gross_cents)
SELECT gen_random_uuid(), tenant_id, id, 1, package_name, 1, 200000, 200000, 0, 0, 200000 FROM booking
WHERE tenant_id = %s
"""
_STAGES = """
INSERT INTO booking_payment_stage (id, tenant_id, booking_id, stage_number, type, amount_cents, currency,
  due_on, status)
SELECT gen_random_uuid(), tenant_id, id, k, CASE k WHEN 1 THEN 'DEPOSIT' ELSE 'REMAINDER' END, 100000, 'USD',
  event_on - 30, CASE k WHEN 1 THEN 'COMPLETED' ELSE 'PENDING' END
FROM booking, generate_series(1, 2) k WHERE tenant_id = %s
"""
_LEDGER = """
INSERT INTO ledger_entry (id, tenant_id, booking_id, kind, amount_cents, currency, provider_id, occurred_at)
SELECT gen_random_uuid(), tenant_id, id, 'capture', 100000, 'USD', 'pi_' || id, %s FROM booking WHERE tenant_id = %s
"""
_EVENTS = """
INSERT INTO booking_event (id, tenant_id, booking_id, occurred_at, kind, actor, from_status, to_status)
SELECT gen_random_uuid(), tenant_id, id, %s, k, 'system', CASE k WHEN 'confirmed' THEN 'held' END, k
FROM booking, unnest(ARRAY['held', 'confirmed']) k WHERE tenant_id = %s
"""


def bookings(shop: Business, count: int) -> None:
    """Write ``count`` confirmed bookings, one a day from today on. Their days are not claimed: nobody books here."""
    at = time.now()
    package: UUID = shop.packages["whole-day"]
    with database.writing(shop.id):
        database.execute("SELECT set_config('statement_timeout', '60s', true)")
        database.execute(_CUSTOMERS, shop.id, at, count)
        database.execute(_BOOKINGS, package, shop.resource_id, at.date(), at, at, at, at, shop.id)
        database.execute(_LINES, shop.id)
        database.execute(_STAGES, shop.id)
        database.execute(_LEDGER, at, shop.id)
        database.execute(_EVENTS, at, shop.id)


def let_the_planner_know(owner_url: str) -> None:
    """What autovacuum does a minute after so many rows."""
    connection = psycopg2.connect(owner_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.close()


def some_reference(shop: Business) -> str:
    """One of them."""
    with database.reading(shop.id):
        return str(
            database.value("SELECT reference FROM booking WHERE tenant_id = %s ORDER BY event_on LIMIT 1", shop.id)
        )
