"""Dates kept without paying for another time than was promised: each is seen, and seen as what it is."""

from datetime import timedelta

import pytest

from portal.kernel import time
from portal.lifecycle import courtesy
from portal.tenants.service import change_tenant
from tests.promises.conftest import Proof
from tests.support.keeping import end_of, keep, pay_for
from tests.support.till import booking

MUTANTS = {
    "kept shorter": "UPDATE booking SET hold_expires_at = courtesy_until - interval '1 minute'",
    "kept longer": "UPDATE booking SET hold_expires_at = courtesy_until + interval '1 minute'",
    "others wait longer": "UPDATE booking SET courtesy_until = courtesy_until + interval '1 day',"
    " hold_expires_at = hold_expires_at + interval '1 day'",
    "free before its end": "UPDATE booking SET status = 'expired', ended_at = now(); DELETE FROM date_claim;"
    " UPDATE booking_event SET to_status = 'expired' WHERE to_status = 'held';"
    " INSERT INTO booking_event (id, tenant_id, booking_id, occurred_at, kind, actor, to_status) SELECT"
    " gen_random_uuid(), tenant_id, booking_id, occurred_at, 'held', 'couple', 'held' FROM booking_event"
    " WHERE to_status = 'expired'",
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_p4_sees_a_promise_that_is_not_kept(proof: Proof, mutant: str) -> None:
    change_tenant(proof.shop.id, courtesy_days=7)
    _, held = keep(proof.shop)
    courtesy.challenge(proof.shop.id, held.booking_id, at=time.now())
    assert proof.violations() == []
    proof.tamper(MUTANTS[mutant])
    assert "P4" in proof.broken()


def test_p4_allows_a_session_to_outlast_the_promise(proof: Proof) -> None:
    change_tenant(proof.shop.id, courtesy_days=7)
    _, held = keep(proof.shop)
    almost = end_of(proof.shop) - timedelta(minutes=1)
    proof.till.stripe.shift_clock(int((almost - time.now()).total_seconds()))
    pay_for(proof.shop, held, at=almost)
    assert booking(proof.shop, held).hold_expires_at > end_of(proof.shop)
    assert [each for each in proof.violations(at=almost) if each.promise == "P4"] == []
