"""A Postmark with errors, hangs and lost answers: every mail arrives, its copies at most the answers that were lost."""

import random

import pytest

from portal.db import database
from portal.devtools.postmark_emulator import PostmarkEmulator
from portal.kernel import time
from portal.messages import document_plans
from tests.support import sold
from tests.support.couples import in_half_a_year
from tests.support.postmark import HANGS, messages, postmark, work
from tests.support.world import Business

__all__ = ["postmark"]
KINDS = ("error", "busy", "hang before", "hang after", "lost", "error after", "search fails", "search hangs")


def fault(emulator: PostmarkEmulator, kind: str) -> None:
    """Let one of the next calls go wrong."""
    match kind:
        case "error":
            emulator.fail_next("POST", "/email", status=500)
        case "busy":
            emulator.fail_next("POST", "/email", status=429)
        case "hang before":
            emulator.hang_next("POST", "/email", seconds=HANGS)
        case "hang after":
            emulator.hang_next("POST", "/email", seconds=HANGS, is_after_work=True)
        case "lost":
            emulator.drop_answers("POST", "/email")
        case "error after":
            emulator.fail_next("POST", "/email", status=503, is_after_work=True)
        case "search fails":
            emulator.fail_next("GET", "/messages/outbound", status=503)
        case "search hangs":
            emulator.hang_next("GET", "/messages/outbound", seconds=HANGS)


@pytest.mark.parametrize("kind", KINDS)
def test_after_one_fault_each_mail_has_arrived_and_none_more_often_than_answers_were_lost(
    shop: Business, postmark: PostmarkEmulator, kind: str
) -> None:
    fault(postmark, kind)
    if kind.startswith("search"):  # which is asked only after an outcome that is unknown
        postmark.drop_answers("POST", "/email")
    sold.sell(shop)
    work(shop)
    rows = messages(shop)
    assert {row.status for row in rows} == {"sent"}
    copies = [len(postmark.copies(row.id)) for row in rows]
    assert min(copies) == 1
    assert sum(copies) - len(rows) <= postmark.answers_lost


def test_an_answer_that_was_lost_is_looked_for_and_costs_no_copy(shop: Business, postmark: PostmarkEmulator) -> None:
    postmark.drop_answers("POST", "/email")
    sold.sell(shop)
    work(shop)
    assert [len(postmark.copies(row.id)) for row in messages(shop)] == [1, 1, 1]
    assert postmark.answers_lost == 1
    assert {row.provider_message_id for row in messages(shop)} == {mail["MessageID"] for mail in postmark.sent}


@pytest.mark.parametrize("seed", range(3))
def test_a_storm_of_faults_makes_no_more_copies_than_it_loses_answers(
    shop: Business, postmark: PostmarkEmulator, seed: int
) -> None:
    chosen = random.Random(seed)  # noqa: S311  no secret
    for plus in range(3):
        sold.sell(shop, event_on=in_half_a_year(shop, plus=plus))
    for _ in range(12):
        fault(postmark, chosen.choice(KINDS))
    work(shop)
    rows = messages(shop)
    assert len(rows) == 9
    assert {row.status for row in rows} == {"sent"}
    copies = {row.id: len(postmark.copies(row.id)) for row in rows}
    assert min(copies.values()) == 1
    assert sum(copies.values()) - len(rows) <= postmark.answers_lost


def test_openings_are_asked_of_documents_alone(shop: Business, postmark: PostmarkEmulator) -> None:
    sold.sell(shop)
    work(shop)
    assert {mail["TrackOpens"] for mail in postmark.sent} == {False}
    with database.reading(shop.id):
        invoice = database.value("SELECT id FROM invoice LIMIT 1")
    assert invoice
    document_plans.issued(shop.id, invoice, at=time.now(), is_waiting=False)
    work(shop)
    assert [mail["TrackOpens"] for mail in postmark.sent if "Invoice" in mail["Subject"]] == [True, True]
