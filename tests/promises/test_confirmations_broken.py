"""P12: what differs from what was sold and confirms all the same is seen, here and at the provider."""

from dataclasses import replace
from typing import Any

import pytest

from portal.kernel import time
from portal.payments import gateway
from portal.promises import confirmations
from tests.promises.conftest import Proof
from tests.promises.story import Story
from tests.support.till import booking

pytestmark = pytest.mark.slow

MUTANTS = {
    "another amount": "UPDATE payment SET amount_cents = amount_cents - 1",
    "another price": "UPDATE checkout SET amount_cents = amount_cents + 1",
    "another currency": "UPDATE payment SET currency = 'EUR'",
    "sold in another currency": "UPDATE checkout SET currency = 'EUR'",
    "booked in another currency": "UPDATE booking SET currency = 'EUR'",
    "another account": "UPDATE payment SET stripe_account_id = 'acct_others'",
    "sold on another account": "UPDATE checkout SET stripe_account_id = 'acct_others'",
    "pays less of a stage": "UPDATE payment_allocation SET amount_cents = amount_cents - 1",
    "pays another stage": "UPDATE payment_allocation SET stage_id ="
    " (SELECT id FROM booking_payment_stage WHERE stage_number = 2)",
    "pays nothing": "DELETE FROM payment_allocation",
    "another intent": "UPDATE payment SET stripe_payment_intent_id = 'pi_invented'",
}


def told(proof: Proof) -> set[str]:
    return {each.promise for each in confirmations.equal(time.now())}


@pytest.fixture
def story(proof: Proof) -> Story:
    """A confirmed booking with a rest to pay."""
    told_ = Story(proof.till, proof.shop)
    told_.sell()
    assert told(proof) == set()
    return told_


@pytest.mark.parametrize("mutant", MUTANTS)
def test_p12_sees_money_that_is_not_what_was_sold(proof: Proof, story: Story, mutant: str) -> None:
    proof.tamper(MUTANTS[mutant])
    assert told(proof) == {"P12"}


def test_p12_sees_a_fulfilment_that_does_not_compare(
    proof: Proof, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.lifecycle.settle.differences", lambda *_, **__: [])
    held = story.hold()
    proof.till.pay(proof.shop, held, amount=99_999)
    story.settle()
    assert booking(proof.shop, held).status == "confirmed"
    assert {each.subject for each in confirmations.equal(time.now())} == {held.reference}


@pytest.mark.parametrize(
    "change", [{"currency": "EUR"}, {"amount_received": 1}, {"is_live": True}], ids=lambda change: next(iter(change))
)
def test_p12_sees_what_the_provider_tells_otherwise(
    proof: Proof, story: Story, change: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = type(gateway.current()).fetch_session

    def otherwise(self: Any, session_id: str, *, account: str | None) -> Any:
        session = real(self, session_id, account=account)
        assert session.intent
        return replace(session, intent=replace(session.intent, **change))

    monkeypatch.setattr(type(gateway.current()), "fetch_session", otherwise)
    assert told(proof) == {"P12"}


def test_money_that_differs_and_confirms_nothing_breaks_nothing(proof: Proof, story: Story) -> None:
    story.underpaid()
    story.paid_too_late()
    story.paid_twice()
    assert told(proof) == set()


def test_p12_is_not_proven_while_stripe_is_away(proof: Proof, story: Story) -> None:
    proof.till.stripe.fail_next(status=500, times=99)
    (violation,) = confirmations.equal(time.now())
    assert str(violation) == "P12 platform: the provider cannot be asked about this account: status_500"
