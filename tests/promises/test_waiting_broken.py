"""Offers of a waiting list that are not kept, are kept for nobody, or never end: each is seen."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from portal.availability import service as dates
from portal.kernel import time
from portal.lifecycle import hold_offer, waiting
from portal.lifecycle.finish import finish
from portal.lifecycle.hold import hold_date
from portal.lifecycle.release import release
from tests.promises.conftest import Proof
from tests.promises.story import Story
from tests.support import leaving
from tests.support.couples import form, in_half_a_year
from tests.support.queues import entry, join, link

pytestmark = pytest.mark.slow
PAST_ITS_END = timedelta(hours=48, minutes=6)
MUTANTS = {
    "a day is missing": "DELETE FROM date_claim WHERE waitlist_id IS NOT NULL AND claimed_on ="
    " (SELECT max(claimed_on) FROM date_claim)",
    "all of it is missing": "DELETE FROM date_claim WHERE waitlist_id IS NOT NULL",
    "on another day": "UPDATE date_claim SET claimed_on = claimed_on + 90 WHERE waitlist_id IS NOT NULL",
    "on another resource": "UPDATE date_claim SET resource_id = (SELECT id FROM resource WHERE name = 'Garden')"
    " WHERE waitlist_id IS NOT NULL",
    "kept for who only waits": "UPDATE waitlist_entry SET status = 'waiting' WHERE status = 'offered'",
    "kept for who has left": "UPDATE waitlist_entry SET status = 'left', ended_at = now() WHERE status = 'offered'",
    "kept for somebody else": "UPDATE date_claim SET waitlist_id = (SELECT id FROM waitlist_entry WHERE"
    " status = 'waiting') WHERE waitlist_id IS NOT NULL",
}


@pytest.fixture
def offered(proof: Proof) -> UUID:
    """Somebody who is offered two days, and somebody behind."""
    proof.tamper(f"INSERT INTO resource (id, tenant_id, name) VALUES (gen_random_uuid(), '{proof.shop.id}', 'Garden')")
    proof.shop.package("with-buffer", buffer_days=1)
    story, day = Story(proof.till, proof.shop), in_half_a_year(proof.shop)
    held = story.sell(package_slug="with-buffer", event_on=day)
    first, _ = (join(proof.shop, name, package="with-buffer", on=day) for name in ("Ada", "Bea"))
    leaving.cancelling(proof.shop, held)
    assert finish(proof.shop.id, held.booking_id, at=time.now() + leaving.WINDOW)
    story.settle()
    waiting.sweep(time.now())
    assert entry(proof.shop, first).status == "offered"
    assert proof.violations() == []
    return first


@pytest.mark.parametrize("mutant", MUTANTS)
def test_p1_sees_an_offer_that_is_not_what_it_says(proof: Proof, offered: UUID, mutant: str) -> None:
    proof.tamper(MUTANTS[mutant])
    assert proof.broken() == {"P1"}


def test_p4_sees_an_offer_that_nobody_ended(proof: Proof, offered: UUID) -> None:
    past = time.now() + PAST_ITS_END
    (violation,) = [each for each in proof.violations(at=past) if each.promise == "P4"]
    assert violation.subject == f"waitlist {offered}"
    waiting.sweep(past)
    assert [each for each in proof.violations(at=past) if each.promise == "P4"] == []


def test_p1_sees_a_service_that_offers_without_keeping(
    proof: Proof, offered: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dates, "claim_for_waitlist", lambda *_, **__: None)
    waiting.sweep(time.now() + PAST_ITS_END)
    # P25 as well: no worker is at what is owed.
    assert {each.promise for each in proof.violations(at=time.now() + PAST_ITS_END)} - {"P25"} == {"P1"}


def test_p1_sees_an_offer_that_a_hold_took_with_it(
    proof: Proof, offered: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = replace(form(proof.shop, package_slug="with-buffer"), links=(link(proof.shop, offered),))
    held = hold_date(proof.shop.id, request, at=time.now())
    proof.till.open(proof.shop, held)
    monkeypatch.setattr(hold_offer, "give_back", lambda *_, **__: None)
    assert release(proof.shop.id, held.booking_id, at=time.now() + timedelta(minutes=36))
    assert ("P1", f"waitlist {offered}") in {(each.promise, each.subject) for each in proof.violations()}
