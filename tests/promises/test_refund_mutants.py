"""What breaks the promises about refunds turns the checker red: P13 and P14, each with what could go wrong."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal.db import database
from portal.kernel import time
from portal.payments import gateway
from portal.payments import refunds as money_back
from portal.payments.states import RefundReason
from portal.promises import refunds as promises
from tests.support.leaving import sold
from tests.support.till import Till, intent_of, rows, till
from tests.support.world import Business, open_shop

__all__ = ["till"]
pytestmark = pytest.mark.slow
Mutant = Callable[[Till, Business, Any], object]


def change(sql: str) -> Mutant:
    """Somebody writes past the services."""

    def act(till: Till, shop: Business, payment_id: Any) -> None:
        with database.writing(shop.id):
            database.execute(sql)

    return act


def ask_twice(till: Till, shop: Business, payment_id: Any) -> None:
    """A second refund for the same request, as a retry with a new key and without a look would make it."""
    ((request_id,),) = rows(shop, "SELECT id FROM refund_request")
    gateway.current().create_refund(
        intent_id=intent_of(till), amount_cents=10, key="another", account=None, gives_fee_back=False,
        metadata={"refund_request": str(request_id)},
    )  # fmt: skip


BEYOND = {
    "more goes back than came in": change("UPDATE refund_request SET amount_cents = 100001"),
    "asked for once more than is left": change(
        "INSERT INTO refund_request (id, tenant_id, booking_id, payment_id, amount_cents, currency, status, reason,"
        " idempotency_key, requested_at, changed_at) SELECT gen_random_uuid(), tenant_id, booking_id, payment_id,"
        " 70000, currency, 'PENDING', 'owner', 'past-the-service', now(), now() FROM refund_request"
    ),
}
UNMATCHED = {
    "two refunds for one request": ask_twice,
    "another amount": change("UPDATE refund_request SET amount_cents = amount_cents - 1"),
    "a refund that its request does not know": change("UPDATE refund_request SET stripe_refund_id = NULL"),
    "a request written after the call": change(
        "UPDATE refund_request SET requested_at = requested_at + interval '1 minute'"
    ),
}


@pytest.fixture
def refunded(own_database: str, till: Till) -> tuple[Till, Business, Any]:
    """A business of this database alone, which gave back a part of a payment."""
    shop = open_shop()
    sold(till, shop)
    ((payment_id,),) = rows(shop, "SELECT id FROM payment")
    money_back.request(shop.id, payment_id, reason=RefundReason.OWNER, amount_cents=40_000, at=time.now())
    till.work(shop)
    assert promises.limits(time.now()) == promises.matches(time.now()) == []
    return till, shop, payment_id


@pytest.mark.parametrize("mutant", BEYOND)
def test_more_than_there_is_is_noticed(refunded: tuple[Till, Business, Any], mutant: str) -> None:
    BEYOND[mutant](*refunded)
    assert [each.promise for each in promises.limits(time.now())] == ["P13"]


def test_what_a_lost_dispute_took_cannot_go_back_as_well(refunded: tuple[Till, Business, Any]) -> None:
    till, *rest = refunded
    dispute = till.stripe.open_dispute(intent_of(till), 50_000)
    till.stripe.close_dispute(dispute["id"], is_won=False)
    till.deliver()
    assert promises.limits(time.now()) == []
    change("UPDATE refund_request SET amount_cents = 50001")(till, *rest)
    assert [each.promise for each in promises.limits(time.now())] == ["P13"]


@pytest.mark.parametrize("mutant", UNMATCHED)
def test_a_refund_that_is_not_its_requests_is_noticed(refunded: tuple[Till, Business, Any], mutant: str) -> None:
    UNMATCHED[mutant](*refunded)
    assert "P14" in {each.promise for each in promises.matches(time.now())}


def test_a_refund_that_starts_while_a_dispute_is_open_is_noticed(
    refunded: tuple[Till, Business, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    till, _, _ = refunded
    till.stripe.open_dispute(intent_of(till))
    assert promises.limits(time.now()) == []
    real = type(gateway.current()).refunds_of

    def later(self: Any, intent_id: str, *, account: str | None) -> list[Any]:
        made = real(self, intent_id, account=account)
        return [replace(each, created_at=each.created_at + timedelta(minutes=1)) for each in made]

    monkeypatch.setattr(type(gateway.current()), "refunds_of", later)
    assert [each.promise for each in promises.limits(time.now())] == ["P13"]
