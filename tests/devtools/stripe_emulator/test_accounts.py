"""Connected accounts: onboarding, their own objects, application fees."""

import pytest
import stripe

from portal.devtools.stripe_emulator import StripeEmulator
from tests.devtools.stripe_emulator.kit import fetch, session_params

RETURN, REFRESH = "https://portal.example/back", "https://portal.example/again"


@pytest.fixture
def account(emulator: StripeEmulator) -> str:
    return str(emulator.add_account("acct_bella", name="Bella Weddings")["id"])


def _link(client: stripe.StripeClient, account: str) -> stripe.AccountLink:
    return client.v1.account_links.create(
        {"account": account, "type": "account_onboarding", "return_url": RETURN, "refresh_url": REFRESH}
    )


def test_an_account_takes_money_after_onboarding(client: stripe.StripeClient) -> None:
    made = client.v1.accounts.create({"type": "standard", "email": "bella@example.com", "country": "US"})
    assert made.id.startswith("acct_")
    assert (made.charges_enabled, made.details_submitted) == (False, False)
    link = _link(client, made.id)
    page = fetch(link.url)
    assert page.status == 200
    assert "bella@example.com" in page.text
    answer = fetch(link.url, {})
    assert (answer.status, answer.location) == (303, RETURN)
    ready = client.v1.accounts.retrieve(made.id)
    assert (ready.charges_enabled, ready.payouts_enabled, ready.details_submitted) == (True, True, True)


def test_an_onboarding_link_serves_once_and_not_for_long(
    emulator: StripeEmulator, client: stripe.StripeClient, account: str
) -> None:
    used, late = _link(client, account), _link(client, account)
    fetch(used.url, {})
    assert fetch(used.url).location == REFRESH
    emulator.shift_clock(301)
    assert fetch(late.url).location == REFRESH
    assert fetch(late.url, {}).status == 404
    assert fetch(emulator.base_url + "/setup/invented").status == 404


def test_objects_live_in_their_account(emulator: StripeEmulator, client: stripe.StripeClient, account: str) -> None:
    emulator.add_account("acct_rival")
    session = client.v1.checkout.sessions.create(session_params(emulator), {"stripe_account": account})
    assert client.v1.checkout.sessions.retrieve(session.id, None, {"stripe_account": account}).id == session.id
    for options in ({}, {"stripe_account": "acct_rival"}):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            client.v1.checkout.sessions.retrieve(session.id, None, options)  # type: ignore[arg-type] # an empty one is fine
        assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")
        assert client.v1.checkout.sessions.list(None, options).data == []  # type: ignore[arg-type] # as above
    intent = emulator.pay(session.id)["payment_intent"]
    with pytest.raises(stripe.InvalidRequestError, match="No such payment_intent"):
        client.v1.refunds.create({"payment_intent": intent})


def test_an_account_that_is_not_ours_is_refused(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.PermissionError) as caught:
        client.v1.checkout.sessions.create(session_params(emulator), {"stripe_account": "acct_unknown"})
    assert caught.value.http_status == 403


def test_the_commission_is_taken_and_given_back_in_proportion(
    emulator: StripeEmulator, client: stripe.StripeClient, account: str
) -> None:
    there: stripe.RequestOptions = {"stripe_account": account}
    params = session_params(emulator, payment_intent_data={"application_fee_amount": 625})
    session = client.v1.checkout.sessions.create(params, there)
    intent = emulator.pay(session.id)["payment_intent"]
    charge = client.v1.charges.list({"payment_intent": intent}, there).data[0]
    assert charge.application_fee_amount == 625
    fee = client.v1.application_fees.retrieve(str(charge.application_fee))
    assert (fee.amount, fee.account, fee.charge) == (625, account, charge.id)
    refund: stripe.params.RefundCreateParams = {"payment_intent": intent, "refund_application_fee": True}
    client.v1.refunds.create({**refund, "amount": 20_833}, there)
    assert client.v1.application_fees.retrieve(fee.id).amount_refunded == 208
    made = client.v1.refunds.create(refund, there)
    assert client.v1.application_fees.retrieve(fee.id).amount_refunded == 625
    emulator.settle_refund(made.id, is_success=False)
    assert client.v1.application_fees.retrieve(fee.id).amount_refunded == 208


def test_a_fee_is_given_back_only_where_there_was_one(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    intent = emulator.pay(client.v1.checkout.sessions.create(session_params(emulator)).id)["payment_intent"]
    with pytest.raises(stripe.InvalidRequestError, match="no application fee"):
        client.v1.refunds.create({"payment_intent": intent, "refund_application_fee": True})
    assert client.v1.refunds.list().data == []


@pytest.mark.parametrize("fee", [0, 62_501])
def test_a_fee_larger_than_the_payment_is_refused(
    emulator: StripeEmulator, client: stripe.StripeClient, account: str, fee: int
) -> None:
    params = session_params(emulator, payment_intent_data={"application_fee_amount": fee})
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create(params, {"stripe_account": account})


def test_the_platform_has_an_account_of_its_own(client: stripe.StripeClient, account: str) -> None:
    own = client.v1.accounts.retrieve_current()
    assert own.id == client.v1.accounts.retrieve_current().id
    assert own.id != account
    assert [one.id for one in client.v1.accounts.list().data] == [account]
