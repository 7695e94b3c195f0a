"""P2: a booking on a day that was blocked before is seen, however it got there; one that was there first is not."""

from datetime import date, timedelta
from typing import Any

import pytest

from portal.availability import outside
from portal.availability import service as availability
from portal.calendars import connections
from portal.kernel import time
from portal.lifecycle.finish import finish
from portal.promises import blackouts
from tests.promises.conftest import Proof
from tests.promises.story import Story
from tests.support import leaving
from tests.support.couples import in_half_a_year

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _one_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.promises.blackouts.GRACE", timedelta(0))


def block(proof: Proof, first_on: date, last_on: date) -> None:
    availability.black_out(
        proof.shop.id, resource_id=proof.shop.resource_id, first_on=first_on, last_on=last_on, at=time.now()
    )


def told(proof: Proof) -> list[tuple[str, str]]:
    return [(each.promise, each.subject) for each in blackouts.blocked(time.now())]


def test_what_was_there_first_stays_and_breaks_nothing(proof: Proof) -> None:
    story, day = Story(proof.till, proof.shop), in_half_a_year(proof.shop)
    story.sell(event_on=day)
    block(proof, day - timedelta(days=3), day + timedelta(days=3))
    assert proof.violations() == []


def test_p2_sees_a_booking_on_a_day_that_a_blackout_has_lost(proof: Proof) -> None:
    story, day = Story(proof.till, proof.shop), in_half_a_year(proof.shop)
    block(proof, day, day)
    proof.tamper("DELETE FROM date_claim WHERE kind = 'blackout'")
    held = story.hold(event_on=day)
    assert proof.broken() == set()  # a hold is no booking yet
    proof.till.pay(proof.shop, held)
    story.settle()
    (violation,) = proof.violations()
    assert str(violation) == f"P2 {held.reference}: is confirmed on {day}, which was blocked before it was taken"


def test_p2_sees_a_day_that_went_back_on_sale_instead_of_to_its_blackout(
    proof: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: Any) -> None:
        """A mutant: freed days are simply free."""

    story, day = Story(proof.till, proof.shop), in_half_a_year(proof.shop)
    first = story.sell(event_on=day)
    block(proof, day - timedelta(days=1), day)
    monkeypatch.setattr("portal.availability.claims.hand_to_blackouts", nothing)
    leaving.cancelling(proof.shop, first)
    assert finish(proof.shop.id, first.booking_id, at=time.now() + leaving.WINDOW)
    assert told(proof) == []
    second = story.sell(event_on=day)
    assert told(proof) == [("P2", second.reference)]


def test_p2_sees_a_day_that_was_taken_over_in_the_rows(proof: Proof) -> None:
    story, day = Story(proof.till, proof.shop), in_half_a_year(proof.shop)
    block(proof, day, day)
    held = story.sell(event_on=day + timedelta(days=1))
    assert told(proof) == []
    proof.tamper("UPDATE blackout_date SET last_on = last_on + 1")
    assert told(proof) == [("P2", held.reference)]


def test_a_blackout_of_another_calendar_blocks_nothing(proof: Proof) -> None:
    story, day = Story(proof.till, proof.shop), in_half_a_year(proof.shop)
    block(proof, day, day)
    proof.tamper(
        f"INSERT INTO resource (id, tenant_id, name) VALUES (gen_random_uuid(), '{proof.shop.id}', 'Garden')",
        "UPDATE date_claim SET resource_id = (SELECT id FROM resource WHERE name = 'Garden')",
        "UPDATE blackout_date SET resource_id = (SELECT id FROM resource WHERE name = 'Garden')",
    )
    story.sell(event_on=day)
    assert told(proof) == []


def busy_elsewhere(proof: Proof, day: date) -> None:
    connection_id = connections.connect(
        proof.shop.id, resource_id=proof.shop.resource_id, name="Private", address="https://calendars.example/a.ics",
        is_whole_days_only=False, at=time.now(),
    )  # fmt: skip
    outside.replace(proof.shop.id, connection_id=connection_id, resource_id=proof.shop.resource_id, days=[day])


def test_a_booking_that_was_there_before_the_day_became_busy_elsewhere_breaks_nothing(proof: Proof) -> None:
    story, day = Story(proof.till, proof.shop), in_half_a_year(proof.shop)
    story.sell(event_on=day)
    busy_elsewhere(proof, day)
    assert told(proof) == []


def test_p2_sees_a_booking_on_a_day_that_was_busy_elsewhere(proof: Proof, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: Any, **__: Any) -> set[date]:
        """A mutant: nobody looks at other calendars."""
        return set()

    story, day = Story(proof.till, proof.shop), in_half_a_year(proof.shop)
    busy_elsewhere(proof, day)
    monkeypatch.setattr("portal.availability.outside.busy", nobody)
    monkeypatch.setattr("portal.availability.queries.is_free", lambda *_, **__: True)
    held = story.sell(event_on=day)
    (violation,) = blackouts.blocked(time.now())
    assert str(violation) == f"P2 {held.reference}: is confirmed on {day}, which was busy elsewhere before it was taken"
