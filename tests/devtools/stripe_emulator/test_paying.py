"""Paying: at once, refused, later, not as asked; and what the SDK then sees."""

import pytest
import stripe

from portal.devtools.stripe_emulator import (
    CARD_DECLINED,
    CARD_DELAYED,
    CARD_DELAYED_FAILS,
    CARD_DISPUTED,
    StripeEmulator,
)
from portal.devtools.stripe_emulator.engine.paying import NotPayable
from tests.devtools.stripe_emulator.kit import eventually, plain, session_params


@pytest.fixture
def session(emulator: StripeEmulator, client: stripe.StripeClient) -> stripe.checkout.Session:
    return client.v1.checkout.sessions.create(session_params(emulator))


def _types(emulator: StripeEmulator) -> list[str]:
    return [event["type"] for event in emulator.events()]


def test_a_paid_session_has_intent_charge_and_card(
    emulator: StripeEmulator, client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    emulator.pay(session.id, name="Ada Byron")
    paid = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    assert (paid.status, paid.payment_status) == ("complete", "paid")
    intent = paid.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert (intent.status, intent.amount_received, plain(intent.metadata)) == ("succeeded", 62_500, {"booking": "AB12"})
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert charge.payment_method_details is not None
    assert charge.payment_method_details.card is not None
    assert charge.payment_method_details.card.last4 == "4242"
    assert plain(charge.metadata) == {"booking": "AB12"}
    assert paid.customer_details is not None
    assert paid.customer_details.name == "Ada Byron"
    assert _types(emulator) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_a_session_is_found_by_its_payment_intent(
    emulator: StripeEmulator, client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    client.v1.checkout.sessions.create(session_params(emulator))
    intent = emulator.pay(session.id)["payment_intent"]
    found = client.v1.checkout.sessions.list({"payment_intent": intent})
    assert [one.id for one in found.data] == [session.id]
    assert [one.id for one in client.v1.payment_intents.list().data] == [intent]
    assert [one.payment_intent for one in client.v1.charges.list({"payment_intent": intent}).data] == [intent]


def test_a_declined_card_leaves_the_session_open_for_another_try(
    emulator: StripeEmulator, client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    declined = emulator.pay(session.id, CARD_DECLINED)
    assert (declined["status"], declined["payment_intent"]) == ("open", None)
    intent = client.v1.payment_intents.list().data[0]
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.decline_code == "generic_decline"
    paid = emulator.pay(session.id)
    assert (paid["payment_intent"], paid["payment_status"]) == (intent.id, "paid")
    assert "payment_intent.payment_failed" in _types(emulator)


def test_an_expired_session_cancels_what_was_tried(
    emulator: StripeEmulator, client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    emulator.pay(session.id, CARD_DECLINED)
    client.v1.checkout.sessions.expire(session.id)
    assert client.v1.payment_intents.list().data[0].status == "canceled"


def test_a_session_is_paid_once_and_not_after_its_end(
    emulator: StripeEmulator, client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    emulator.pay(session.id)
    with pytest.raises(NotPayable, match="complete"):
        emulator.pay(session.id)
    other = client.v1.checkout.sessions.create(session_params(emulator))
    client.v1.checkout.sessions.expire(other.id)
    with pytest.raises(NotPayable, match="expired"):
        emulator.pay(other.id)


def test_a_delayed_payment_completes_unpaid_and_succeeds_later(
    emulator: StripeEmulator, client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    pending = emulator.pay(session.id, CARD_DELAYED)
    assert (pending["status"], pending["payment_status"]) == ("complete", "unpaid")
    assert client.v1.payment_intents.retrieve(pending["payment_intent"]).status == "processing"
    emulator.settle_delayed(session.id)
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
    intent = client.v1.payment_intents.retrieve(pending["payment_intent"], {"expand": ["latest_charge"]})
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert (intent.status, intent.latest_charge.status) == ("succeeded", "succeeded")
    assert _types(emulator)[-1] == "checkout.session.async_payment_succeeded"
    with pytest.raises(ValueError, match="not being processed"):
        emulator.settle_delayed(session.id)


def test_a_delayed_payment_may_fail_later(
    emulator: StripeEmulator, client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    emulator.pay(session.id, CARD_DELAYED)
    emulator.settle_delayed(session.id, is_success=False)
    failed = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert isinstance(failed.payment_intent, stripe.PaymentIntent)
    assert (failed.payment_status, failed.payment_intent.status) == ("unpaid", "requires_payment_method")
    assert _types(emulator)[-3:] == [
        "charge.failed",
        "payment_intent.payment_failed",
        "checkout.session.async_payment_failed",
    ]


def test_delayed_payments_settle_by_themselves_after_a_while(
    emulator: StripeEmulator, client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    emulator.set_delayed_after(0)
    other = client.v1.checkout.sessions.create(session_params(emulator))
    emulator.pay(session.id, CARD_DELAYED)
    emulator.pay(other.id, CARD_DELAYED_FAILS)
    ends = {"checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed"}
    assert eventually(lambda: ends <= set(_types(emulator)))


def test_a_delayed_method_must_be_offered(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    params = session_params(emulator, allowed_payment_method_types=["card"])
    session = client.v1.checkout.sessions.create(params)
    with pytest.raises(NotPayable, match="us_bank_account"):
        emulator.pay(session.id, CARD_DELAYED)


def test_what_was_paid_can_differ_from_what_was_asked(
    emulator: StripeEmulator, client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    emulator.pay(session.id, amount=100, currency="eur")
    paid = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert isinstance(paid.payment_intent, stripe.PaymentIntent)
    assert (paid.amount_total, paid.currency) == (100, "eur")
    assert (paid.payment_intent.amount_received, paid.payment_intent.currency) == (100, "eur")


def test_a_dispute_withdraws_the_money_and_may_be_won(
    emulator: StripeEmulator, client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    intent = emulator.pay(session.id, CARD_DISPUTED)["payment_intent"]
    dispute = client.v1.disputes.list({"payment_intent": intent}).data[0]
    assert (dispute.status, dispute.amount) == ("needs_response", 62_500)
    with pytest.raises(stripe.InvalidRequestError, match="charged back"):
        client.v1.refunds.create({"payment_intent": intent})
    emulator.close_dispute(dispute.id, is_won=True)
    assert client.v1.disputes.retrieve(dispute.id).status == "won"
    assert [entry.amount for entry in client.v1.disputes.retrieve(dispute.id).balance_transactions] == [
        -62_500,
        62_500,
    ]
    assert _types(emulator)[-2:] == ["charge.dispute.closed", "charge.dispute.funds_reinstated"]


def test_the_balance_knows_the_fee(
    emulator: StripeEmulator, client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    intent = emulator.pay(session.id)["payment_intent"]
    charge = client.v1.charges.list({"payment_intent": intent, "expand": ["data.balance_transaction"]}).data[0]
    assert isinstance(charge.balance_transaction, stripe.BalanceTransaction)
    assert charge.balance_transaction.fee == 1843
    assert charge.balance_transaction.net == 62_500 - 1843


def test_a_customer_is_made_when_asked_for(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(session_params(emulator, customer_creation="always"))
    customer = client.v1.customers.retrieve(emulator.pay(session.id)["customer"])
    assert customer.email == "ada@example.com"
