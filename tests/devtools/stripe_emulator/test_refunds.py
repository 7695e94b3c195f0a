"""Refunds: whole or in parts, never more than is left, and what may become of them."""

import threading

import pytest
import stripe

from portal.devtools.stripe_emulator import CARD_DELAYED, CARD_REFUND_FAILS, CARD_REFUND_PENDING, StripeEmulator
from tests.devtools.stripe_emulator.kit import client_of, eventually, plain, session_params


@pytest.fixture
def intent(emulator: StripeEmulator, client: stripe.StripeClient) -> str:
    session = client.v1.checkout.sessions.create(session_params(emulator))
    return str(emulator.pay(session.id)["payment_intent"])


def test_a_whole_refund(emulator: StripeEmulator, client: stripe.StripeClient, intent: str) -> None:
    refund = client.v1.refunds.create({"payment_intent": intent, "metadata": {"request": "r1"}})
    assert (refund.status, refund.amount, refund.currency) == ("succeeded", 62_500, "usd")
    charge = client.v1.charges.list({"payment_intent": intent, "expand": ["data.refunds"]}).data[0]
    assert (charge.refunded, charge.amount_refunded) == (True, 62_500)
    assert charge.refunds is not None
    assert [one.id for one in charge.refunds.data] == [refund.id]
    found = client.v1.refunds.list({"payment_intent": intent}).data
    assert [plain(one.metadata) for one in found] == [{"request": "r1"}]
    assert [event["type"] for event in emulator.events()][-2:] == ["refund.created", "charge.refunded"]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create({"payment_intent": intent})
    assert caught.value.code == "charge_already_refunded"


def test_parts_add_up_and_never_exceed_the_charge(client: stripe.StripeClient, intent: str) -> None:
    charge = client.v1.charges.list({"payment_intent": intent}).data[0]
    with pytest.raises(stripe.InvalidRequestError, match=r"greater than charge amount \(\$625\.00\)"):
        client.v1.refunds.create({"payment_intent": intent, "amount": 62_501})
    client.v1.refunds.create({"charge": charge.id, "amount": 60_000})
    with pytest.raises(stripe.InvalidRequestError, match=r"\$25\.01\) is greater than unrefunded amount") as caught:
        client.v1.refunds.create({"payment_intent": intent, "amount": 2_501})
    assert caught.value.param == "amount"
    client.v1.refunds.create({"payment_intent": intent, "amount": 2_500})
    assert client.v1.charges.retrieve(charge.id).refunded is True


def test_rival_refunds_never_exceed_the_charge(
    emulator: StripeEmulator, client: stripe.StripeClient, intent: str
) -> None:
    refused = []

    def refund() -> None:
        try:
            client_of(emulator).v1.refunds.create({"payment_intent": intent, "amount": 10_000})
        except stripe.InvalidRequestError as error:
            refused.append(error)

    threads = [threading.Thread(target=refund) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one.amount for one in client.v1.refunds.list({"payment_intent": intent}).data) == 60_000
    assert len(refused) == 6


@pytest.mark.parametrize("params", [{}, {"payment_intent": "pi_x"}, {"charge": "ch_x"}])
def test_a_refund_needs_a_payment_that_exists(client: stripe.StripeClient, params: dict[str, str]) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create(params)  # type: ignore[arg-type] # wrong on purpose
    assert caught.value.code == ("resource_missing" if params else "parameter_missing")


def test_what_is_not_captured_is_not_refunded(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(session_params(emulator))
    intent = emulator.pay(session.id, CARD_DELAYED)["payment_intent"]
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        client.v1.refunds.create({"payment_intent": intent})


def test_a_pending_refund_succeeds_or_fails(emulator: StripeEmulator, client: stripe.StripeClient, intent: str) -> None:
    emulator.set_refund_status("pending")
    first = client.v1.refunds.create({"payment_intent": intent, "amount": 100})
    second = client.v1.refunds.create({"payment_intent": intent, "amount": 200})
    assert (first.status, first.pending_reason) == ("pending", "processing")
    emulator.settle_refund(first.id)
    emulator.settle_refund(second.id, is_success=False, reason="expired_or_canceled_card")
    assert client.v1.refunds.retrieve(first.id).status == "succeeded"
    failed = client.v1.refunds.retrieve(second.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert client.v1.charges.list({"payment_intent": intent}).data[0].amount_refunded == 100


def test_a_refund_that_succeeded_may_fail_afterwards(
    emulator: StripeEmulator, client: stripe.StripeClient, intent: str
) -> None:
    refund = client.v1.refunds.create({"payment_intent": intent})
    emulator.settle_refund(refund.id, is_success=False)
    assert client.v1.refunds.retrieve(refund.id).status == "failed"
    types = [event["type"] for event in emulator.events()]
    assert types[-3:] == ["refund.failed", "refund.updated", "charge.refund.updated"]
    assert client.v1.refunds.create({"payment_intent": intent}).amount == 62_500
    with pytest.raises(ValueError, match="failed already"):
        emulator.settle_refund(refund.id, is_success=False)


@pytest.mark.parametrize(("card", "end"), [(CARD_REFUND_PENDING, "succeeded"), (CARD_REFUND_FAILS, "failed")])
def test_cards_whose_refunds_settle_later(
    emulator: StripeEmulator, client: stripe.StripeClient, card: str, end: str
) -> None:
    emulator.set_delayed_after(0)
    session = client.v1.checkout.sessions.create(session_params(emulator))
    refund = client.v1.refunds.create({"payment_intent": emulator.pay(session.id, card)["payment_intent"]})
    assert eventually(lambda: client.v1.refunds.retrieve(refund.id).status == end)


def test_a_refund_by_hand_carries_nothing_of_ours(
    emulator: StripeEmulator, client: stripe.StripeClient, intent: str
) -> None:
    emulator.refund_by_hand(intent, 500)
    found = client.v1.refunds.list({"payment_intent": intent}).data
    assert [(one.amount, plain(one.metadata)) for one in found] == [(500, {})]
    event = next(event for event in emulator.events() if event["type"] == "refund.created")
    assert event["request"] == {"id": None, "idempotency_key": None}
