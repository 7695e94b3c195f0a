"""What lets a stage be paid twice turns the checker red: P11, each with what could go wrong."""

import pytest

from portal.db import database
from portal.kernel import time
from portal.lifecycle.hold import Held
from portal.promises import stages as promises
from tests.support.leaving import open_session_for_the_rest, sold
from tests.support.till import Till, refunds, till
from tests.support.world import Business, open_shop

__all__ = ["till"]
pytestmark = pytest.mark.slow

MUTANTS = {
    "the second payment is kept as well": (
        "UPDATE refund_request SET status = 'FAILED'",
        (
            "INSERT INTO payment_allocation (id, tenant_id, payment_id, stage_id, amount_cents)"
            " SELECT gen_random_uuid(), p.tenant_id, p.id, a.stage_id, a.amount_cents FROM payment p"
            " JOIN refund_request r ON r.payment_id = p.id, payment_allocation a"
            " JOIN booking_payment_stage s ON s.id = a.stage_id WHERE s.stage_number = 2"
        ),
    ),
    "a stage is paid with more than it costs": (
        (
            "UPDATE payment_allocation SET amount_cents = amount_cents + 1 WHERE stage_id ="
            " (SELECT id FROM booking_payment_stage WHERE stage_number = 2)"
        ),
    ),
    "what was paid is asked for again": ("UPDATE booking_payment_stage SET status = 'PENDING' WHERE stage_number = 2",),
    "what was paid is called void": ("UPDATE booking_payment_stage SET status = 'VOID' WHERE stage_number = 1",),
}


@pytest.fixture
def paid_twice(own_database: str, till: Till) -> tuple[Business, Held]:
    """A couple that paid the rest in two windows; the second payment went back."""
    shop = open_shop()
    held = sold(till, shop)
    sessions = [open_session_for_the_rest(till, shop, held) for _ in range(2)]
    for session in sessions:
        till.stripe.pay(session)
    till.deliver()
    till.work(shop)
    assert refunds(shop) == [("duplicate", 100_000, "COMPLETED")]
    return shop, held


def test_a_second_payment_that_went_back_breaks_nothing(paid_twice: tuple[Business, Held]) -> None:
    assert paid_twice
    assert promises.once(time.now()) == []


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_stage_that_is_kept_paid_twice_is_noticed(paid_twice: tuple[Business, Held], mutant: str) -> None:
    shop, _ = paid_twice
    with database.writing(shop.id):
        for sql in MUTANTS[mutant]:
            database.execute(sql)
    assert [each.promise for each in promises.once(time.now())] == ["P11"]
