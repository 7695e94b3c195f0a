"""Notices that are lost, and summaries of nothing or at another hour: each is seen, and seen as what it is."""

from datetime import timedelta
from pathlib import Path

import pytest

from portal.kernel import time
from portal.messages import due, notices
from portal.messages.notices import Topic, Way
from tests.promises.conftest import Proof
from tests.support import plans, shifting, sold

_PLANNED = "kind = 'daily_summary' AND status = 'planned'"
_WAITS = "way = 'daily' AND summary_id IS NULL"
MUTANTS = {
    "told at once by nobody": ("P21", "UPDATE message SET slot = 'another' WHERE kind = 'new_booking'"),
    "waits and nothing is planned": ("P21", f"UPDATE message SET status = 'cancelled' WHERE {_PLANNED}"),
    "taken by what never leaves": (
        "P21",
        f"UPDATE notice SET summary_id = (SELECT id FROM message WHERE {_PLANNED}) WHERE {_WAITS}",
    ),
    "taken by another mail": (
        "P21",
        f"UPDATE notice SET summary_id = (SELECT id FROM message WHERE kind = 'confirmation' LIMIT 1) WHERE {_WAITS}",
    ),
    "a summary of nothing": ("P21", "UPDATE notice SET summary_id = NULL WHERE summary_id IS NOT NULL"),
    "at another hour": ("P23", f"UPDATE message SET due_at = due_at + interval '1 hour' WHERE {_PLANNED}"),
    "one more of it": (
        "P23",
        (
            "INSERT INTO message (id, tenant_id, subject_type, subject_id, kind, slot, recipient, audience, status,"
            " created_at, due_at) SELECT gen_random_uuid(), tenant_id, subject_type, subject_id, kind, slot,"
            f" 'x@y.example', audience, status, created_at, due_at FROM message WHERE {_PLANNED}"
        ),
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_each_break_is_seen(proof: Proof, mail_folder: Path, mutant: str) -> None:
    promise, statement = MUTANTS[mutant]
    shop = proof.shop

    def sell(weeks: int) -> None:
        sold.sell(shop, event_on=shifting.later(shop, 7 * weeks))
        plans.work(shop, time.now())

    sell(1)
    notices.choose(shop.id, dict.fromkeys(Topic, Way.DAILY), at_time="08:00", at=time.now())
    sell(2)
    with time.frozen(time.now() + timedelta(days=1)):
        due.mark_due(time.now())
        plans.work(shop, time.now())
        sell(3)
        at = time.now() + timedelta(hours=2)
    assert {"P21", "P23"} & proof.broken(at=at) == set()
    proof.tamper(statement)
    assert promise in proof.broken(at=at)
