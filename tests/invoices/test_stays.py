"""What was issued stays: the database refuses to change or delete it, whoever asks. Shown by trying."""

import psycopg2
import pytest
from peewee import IntegrityError, ProgrammingError

from portal.db import database
from portal.devtools.embedded_postgres import Cluster
from portal.invoices import service
from portal.kernel import time
from tests.support.documents import bare_confirmed
from tests.support.world import Business, open_shop

CHANGES = {
    "the number": "UPDATE invoice SET invoice_number = 'X_2026_001'",
    "the sequence": "UPDATE invoice SET sequence = 77",
    "the document": "UPDATE invoice SET document = jsonb_set(document, '{total_cents}', '1')",
    "the hash": "UPDATE invoice SET document_sha256 = sha256('x')",
    "the date": "UPDATE invoice SET issued_on = issued_on + 1",
    "the total": "UPDATE invoice SET net_cents = 1, total_cents = 1",
    "the customer": "UPDATE invoice SET customer_name = 'Somebody else'",
    "the booking": "UPDATE invoice SET booking_id = gen_random_uuid()",
    "the kind": "UPDATE invoice SET kind = 'receipt'",
    "with something harmless": "UPDATE invoice SET sent_at = now(), total_cents = 1",
    "by deleting it": "DELETE FROM invoice",
    "the file": "UPDATE invoice_file SET content = 'y', sha256 = sha256('y')",
    "by deleting the file": "DELETE FROM invoice_file",
    "the series back": "UPDATE invoice_series SET next_sequence = 1",
    "the series ahead": "UPDATE invoice_series SET next_sequence = next_sequence + 2",
    "by deleting the series": "DELETE FROM invoice_series",
}


@pytest.fixture
def issued(own_database: str) -> Business:
    shop = open_shop()
    booking_id = bare_confirmed(shop)
    (invoice_id,) = service.keep_up(shop.id, booking_id, at=time.now())
    with database.writing(shop.id):
        database.execute(
            "INSERT INTO invoice_file (id, tenant_id, invoice_id, format, content, sha256, created_at)"
            " VALUES (gen_random_uuid(), %s, %s, 'pdf', 'x', sha256('x'), now())",
            shop.id,
            invoice_id,
        )
    return shop


def test_not_even_the_servers_superuser_changes(issued: Business, own_database: str, cluster: Cluster) -> None:
    connection = psycopg2.connect(cluster.superuser_url, dbname=own_database)
    try:
        for change, statement in CHANGES.items():
            with pytest.raises(psycopg2.IntegrityError), connection, connection.cursor() as cursor:
                cursor.execute(statement)
                pytest.fail(change)
    finally:
        pid = connection.info.backend_pid
        connection.close()
    while is_connected(pid):  # or the database could not be dropped
        pass


def is_connected(pid: int) -> bool:
    with database.reading():
        return bool(database.value("SELECT 1 FROM pg_stat_activity WHERE pid = %s", pid))


def test_the_application_may_write_beside_it_only_what_happened_to_it(issued: Business) -> None:
    with database.writing(issued.id):
        touched = database.execute(
            "UPDATE invoice SET sent_at = now(), viewed_at = now(), render_failure = 'no', render_failed_at = now()"
        )
        assert touched == 1
    with pytest.raises(IntegrityError, match=r"stays as it is\. Issue a credit note"), database.writing(issued.id):
        database.execute("UPDATE invoice SET total_cents = total_cents + 1, net_cents = net_cents + 1")


@pytest.mark.parametrize("statement", ["TRUNCATE invoice CASCADE", "DELETE FROM invoice", "DELETE FROM invoice_file"])
def test_the_application_may_not_even_try_to_empty_them(issued: Business, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), database.writing(issued.id):
        database.execute(statement)


def test_a_file_must_be_what_its_hash_says(issued: Business) -> None:
    with pytest.raises(IntegrityError), database.writing(issued.id):
        database.execute(
            "INSERT INTO invoice_file (id, tenant_id, invoice_id, format, content, sha256, created_at)"
            " SELECT gen_random_uuid(), tenant_id, id, 'pdf', 'x', sha256('y'), now() FROM invoice"
        )
