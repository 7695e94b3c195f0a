"""What breaks documents turns the checker red: P16, each with what could go wrong."""

import pytest

from portal.invoices import codec, service
from portal.kernel import time
from portal.promises import invoices as promises
from tests.promises.conftest import Proof
from tests.promises.story import Story
from tests.support import leaving
from tests.support.till import rows

pytestmark = pytest.mark.slow
_FREE = "SET session_replication_role = replica"  # triggers stand aside, as for somebody with the server's rights
_OF = "WHERE kind = 'invoice' AND sequence = 1"
MUTANTS = {
    "a number is missing": ("DELETE FROM invoice WHERE kind = 'receipt' AND sequence = 1", "has 2 numbers up to 3"),
    "the last number is missing": ("DELETE FROM invoice WHERE kind = 'receipt' AND sequence = 3", "goes on at 4"),
    "the series was set back": ("UPDATE invoice_series SET next_sequence = 2 WHERE kind = 'receipt'", "goes on at 2"),
    "a series is missing": ("DELETE FROM invoice_series WHERE kind = 'credit_note'", "goes on at 0"),
    "a document was changed": (
        f"UPDATE invoice SET document = jsonb_set(document, '{{notes}}', '\"Other\"') {_OF}",
        "its document is not the one that was issued",
    ),
    "the printed total differs": (
        f"UPDATE invoice SET net_cents = net_cents + 1, total_cents = total_cents + 1 {_OF}",
        "its document has other totals",
    ),
    "the number says something else": (
        f"UPDATE invoice SET invoice_number = replace(invoice_number, '001', '007') {_OF}",
        "is number 1 of invoices",
    ),
    "another customer": (f"UPDATE invoice SET customer_name = 'Eve' {_OF}", "its document speaks of another"),
    "a later number has an earlier date": (
        "UPDATE invoice SET issued_on = issued_on + 1 WHERE kind = 'receipt' AND sequence = 1",
        "an earlier number",
    ),
    "more is credited than was asked": (
        "UPDATE invoice SET net_cents = 900000, total_cents = 900000 WHERE kind = 'credit_note'",
        "credited 900000",
    ),
    "a trigger is switched off": ("ALTER TABLE invoice DISABLE TRIGGER invoice_stays", "(invoice_stays)"),
    "a trigger is gone": ("DROP TRIGGER invoice_file_stays ON invoice_file", "(invoice_file_stays)"),
    "a trigger looks at nothing but changes": (
        (
            "DROP TRIGGER invoice_stays ON invoice; CREATE TRIGGER invoice_stays BEFORE UPDATE ON invoice"
            " FOR EACH ROW EXECUTE FUNCTION keep_issued_invoice()"
        ),
        "(invoice_stays)",
    ),
}


@pytest.fixture
def story(proof: Proof) -> Proof:
    """A booking that was cancelled, its receipts, invoice and credit note."""
    told = Story(proof.till, proof.shop)
    held = told.sell()
    service.keep_up(proof.shop.id, held.booking_id, at=time.now())
    leaving.cancelling(proof.shop, held)
    told.give_back(held, 20_000)
    told.settle()
    service.keep_up(proof.shop.id, held.booking_id, at=time.now())
    with_credit = told.sell()
    service.keep_up(proof.shop.id, with_credit.booking_id, at=time.now())
    proof.tamper(f"UPDATE booking SET couple = 'Anna & Ben' WHERE id = '{with_credit.booking_id}'")
    service.keep_up(proof.shop.id, with_credit.booking_id, at=time.now())
    found = rows(proof.shop, "SELECT kind, count(*) FROM invoice GROUP BY kind ORDER BY kind")
    assert found == [("credit_note", 1), ("invoice", 3), ("receipt", 3)]
    assert promises.documents(time.now()) == []
    return proof


@pytest.mark.parametrize("mutant", MUTANTS)
def test_p16_sees_it(story: Proof, mutant: str) -> None:
    statement, words = MUTANTS[mutant]
    _tamper(story, statement)
    told = promises.documents(time.now())
    assert any(words in each.what for each in told), told
    assert {each.promise for each in told} == {"P16"}


def test_p16_sees_sums_that_do_not_add_up_even_when_the_hash_fits(
    story: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tamper(story, f"UPDATE invoice SET document = jsonb_set(document, '{{lines,0,gross_cents}}', '1') {_OF}")
    stored = rows(story.shop, "SELECT document_sha256 FROM invoice ORDER BY id")
    hashes = iter([bytes(sha256) for (sha256,) in stored])
    monkeypatch.setattr(codec, "sha256", lambda document: document and next(hashes))
    assert [each.what for each in promises.documents(time.now())] == ["Whole day: 200000 + 0 is not 1"]


def test_p16_sees_bytes_that_are_not_those_that_were_stored(story: Proof) -> None:
    _tamper(
        story,
        "ALTER TABLE invoice_file DROP CONSTRAINT invoice_file_check;"
        " INSERT INTO invoice_file (id, tenant_id, invoice_id, format, content, sha256, created_at)"
        " SELECT gen_random_uuid(), tenant_id, id, 'pdf', 'x', sha256('y'), now() FROM invoice LIMIT 1",
    )
    assert [each.what for each in promises.documents(time.now())] == ["its file is not the one that was stored"]


def test_p16_sees_two_documents_of_one_number(story: Proof) -> None:
    _tamper(
        story,
        "ALTER TABLE invoice DROP CONSTRAINT invoice_number_once;"
        " UPDATE invoice SET invoice_number ="
        " (SELECT invoice_number FROM invoice WHERE kind = 'invoice' AND sequence = 2)"
        f" {_OF}",
    )
    assert any("2 documents have this number" in each.what for each in promises.documents(time.now()))


def test_p16_sees_a_receipt_that_takes_back_another(story: Proof) -> None:
    _tamper(
        story,
        "UPDATE invoice SET refers_to_id = (SELECT id FROM invoice WHERE kind = 'receipt' AND refund_request_id IS NULL"
        " LIMIT 1) WHERE kind = 'receipt' AND refund_request_id IS NOT NULL",
    )
    assert [each.what.split(", ")[1] for each in promises.documents(time.now())] == [
        "which is no receipt of its refund"
    ]


def _tamper(proof: Proof, statement: str) -> None:
    changes = "ALTER TABLE" not in statement and "TRIGGER" not in statement
    proof.tamper(f"{_FREE}; {statement}" if changes else f"{_FREE}; {statement}; SELECT 1")
