"""Broken dates, timelines and holds: each is seen, and seen as what it is."""

from datetime import timedelta

import pytest

from portal.kernel import time
from tests.promises.conftest import Proof
from tests.promises.story import Story
from tests.support.till import checkout, end_hold

PAST_ITS_END = timedelta(minutes=41)

UNIQUE = "UNIQUE (tenant_id, resource_id, claimed_on"
INSTEAD = {
    "nothing": "SELECT 1",
    "at commit only": f"ALTER TABLE date_claim ADD {UNIQUE}) DEFERRABLE INITIALLY DEFERRED",
    "once for each kind": f"ALTER TABLE date_claim ADD {UNIQUE}, kind)",
    "once for each nothing": f"ALTER TABLE date_claim ADD COLUMN part int, ADD {UNIQUE}, part)",
    "for events only": "CREATE UNIQUE INDEX ON date_claim (tenant_id, resource_id, claimed_on) WHERE kind = 'event'",
}
CLAIMS = {
    "twice claimed": "ALTER TABLE date_claim DROP CONSTRAINT date_claim_once;"
    " INSERT INTO date_claim (id, tenant_id, resource_id, claimed_on, kind, booking_id) SELECT gen_random_uuid(),"
    " tenant_id, resource_id, claimed_on, kind, booking_id FROM date_claim WHERE kind = 'event'",
    "a booking lost its day": "DELETE FROM date_claim WHERE kind = 'event'",
    "a booking lost its buffer": "DELETE FROM date_claim WHERE kind = 'buffer'",
    "a sold day is only held": "UPDATE date_claim SET kind = 'hold' WHERE kind = 'event'",
    "a buffer sold as an event": "UPDATE date_claim SET kind = 'event' WHERE kind = 'buffer'",
    "on another day": "UPDATE date_claim SET claimed_on = claimed_on + 90",
    "on another resource": "UPDATE date_claim SET resource_id = (SELECT id FROM resource WHERE name = 'Garden')",
    "a blackout of another day": "UPDATE blackout_date SET first_on = first_on - 9, last_on = last_on - 9",
}
TIMELINES = {
    "an end that is missing": "DELETE FROM booking_event WHERE to_status = 'confirmed'",
    "no beginning": "DELETE FROM booking_event WHERE to_status = 'held'",
    "no timeline at all": "DELETE FROM booking_event",
    "another end": "UPDATE booking_event SET to_status = 'completed' WHERE to_status = 'confirmed'",
    "a step that does not follow": "UPDATE booking_event SET from_status = 'expired' WHERE to_status = 'confirmed'",
    "a way that is not allowed": "UPDATE booking_event SET from_status = 'cancelling' WHERE to_status = 'confirmed';"
    "UPDATE booking_event SET to_status = 'cancelling' WHERE to_status = 'held'",
    "a birth in another state": "UPDATE booking_event SET to_status = 'expired' WHERE to_status = 'held';"
    "UPDATE booking_event SET from_status = 'expired' WHERE to_status = 'confirmed'",
}


@pytest.fixture
def story(proof: Proof) -> Story:
    """One confirmed booking of a day and a buffer day, and a blackout of another year."""
    proof.shop.package("with-buffer", buffer_days=1)
    proof.tamper(
        f"INSERT INTO resource (id, tenant_id, name) VALUES (gen_random_uuid(), '{proof.shop.id}', 'Garden')",
        "INSERT INTO blackout_date (id, tenant_id, resource_id, first_on, last_on, created_at)"
        " SELECT gen_random_uuid(), tenant_id, id, current_date + 700, current_date + 700, now() FROM resource"
        " WHERE name = 'Calendar'",
        "INSERT INTO date_claim (id, tenant_id, resource_id, claimed_on, kind, blackout_id)"
        " SELECT gen_random_uuid(), tenant_id, resource_id, first_on, 'blackout', id FROM blackout_date",
    )
    told = Story(proof.till, proof.shop)
    told.sell(package_slug="with-buffer")
    assert proof.violations() == []
    return told


@pytest.mark.parametrize("instead", INSTEAD)
def test_p1_sees_that_the_database_would_take_a_day_twice(proof: Proof, instead: str) -> None:
    assert proof.violations() == []
    proof.tamper("ALTER TABLE date_claim DROP CONSTRAINT date_claim_once", INSTEAD[instead])
    (violation,) = proof.violations()
    assert str(violation) == "P1 date_claim: the database no longer refuses a second claim of a resource's day"


@pytest.mark.parametrize("column", ["tenant_id", "resource_id", "claimed_on"])
def test_p1_sees_that_a_column_of_the_constraint_can_be_nothing(proof: Proof, column: str) -> None:
    proof.tamper(f"ALTER TABLE date_claim ALTER {column} DROP NOT NULL")
    assert proof.broken() == {"P1"}


@pytest.mark.parametrize("mutant", CLAIMS)
def test_p1_sees_days_that_are_not_whose_they_should_be(proof: Proof, story: Story, mutant: str) -> None:
    proof.tamper(CLAIMS[mutant])
    assert proof.broken() == {"P1"}


def test_p1_sees_the_day_of_a_booking_that_has_ended(proof: Proof) -> None:
    held = Story(proof.till, proof.shop).expired()
    assert proof.violations() == []
    proof.tamper(
        "INSERT INTO date_claim (id, tenant_id, resource_id, claimed_on, kind, booking_id)"
        f" SELECT gen_random_uuid(), tenant_id, resource_id, event_on, 'hold', id FROM booking"
        f" WHERE id = '{held.booking_id}'"
    )
    (violation,) = proof.violations()
    assert (violation.promise, violation.subject) == ("P1", held.reference)
    assert violation.what.startswith("is expired and claims ")


@pytest.mark.parametrize("mutant", TIMELINES)
def test_p3_sees_a_walk_that_nobody_may_walk(proof: Proof, story: Story, mutant: str) -> None:
    proof.tamper(*TIMELINES[mutant].split(";"))
    assert proof.broken() == {"P3"}


def test_p4_sees_a_hold_that_nobody_released(proof: Proof) -> None:
    held = Story(proof.till, proof.shop).hold()
    past = time.now() + PAST_ITS_END
    assert proof.violations(at=past) == []  # its session is still open at Stripe
    proof.till.stripe.expire_session(checkout(proof.shop, held).stripe_checkout_session_id or "")
    assert proof.violations() == []
    assert [(each.promise, each.subject) for each in proof.violations(at=past)] == [("P4", held.reference)]


def test_p4_sees_a_hold_whose_bank_has_said_no(proof: Proof) -> None:
    story = Story(proof.till, proof.shop)
    held = story.processing()
    past = time.now() + PAST_ITS_END
    assert proof.violations(at=past) == []
    proof.till.stripe.settle_delayed(checkout(proof.shop, held).stripe_checkout_session_id or "", is_success=False)
    assert proof.broken(at=past) == {"P4"}
    story.settle()
    assert proof.violations(at=past) == []


def test_p4_sees_a_hold_that_never_had_a_session(proof: Proof) -> None:
    proof.till.stripe.fail_next("POST", "/v1/checkout/sessions", status=503)
    Story(proof.till, proof.shop).hold()
    assert proof.broken(at=time.now() + PAST_ITS_END) == {"P4"}


def test_p4_sees_a_date_that_was_freed_while_it_could_still_be_paid(proof: Proof) -> None:
    held = Story(proof.till, proof.shop).hold()
    end_hold(proof.shop, held)
    (violation,) = proof.violations()
    assert str(violation) == f"P4 {held.reference}: is expired, and its session can still be paid"


def test_p4_is_not_proven_while_stripe_is_away(proof: Proof) -> None:
    Story(proof.till, proof.shop).hold()
    proof.till.stripe.fail_next(status=500, times=99)
    told = {str(violation) for violation in proof.violations(at=time.now() + PAST_ITS_END)}
    assert "P4 platform: the provider cannot be asked about this account: status_500" in told
