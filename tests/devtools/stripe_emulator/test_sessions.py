"""Checkout Sessions through the official SDK: what is made, what is refused, how they end."""

import pytest
import stripe

from portal.devtools.stripe_emulator import StripeEmulator
from tests.devtools.stripe_emulator.kit import HALF_AN_HOUR, line, plain, session_params
from tests.support.stripe_params import validate, validate_request


def test_a_session_is_open_and_repeats_what_was_asked(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    lines = [line("Deposit", 62_500), line("Album", 9_900, quantity=2)]
    session = client.v1.checkout.sessions.create(session_params(emulator, line_items=lines))
    assert session.id.startswith("cs_test_")
    assert session.url == f"{emulator.base_url}/c/pay/{session.id}"
    assert (session.status, session.payment_status, session.livemode) == ("open", "unpaid", False)
    assert (session.amount_total, session.currency) == (82_300, "usd")
    assert plain(session.metadata) == {"booking": "AB12"}
    assert session.payment_intent is None
    assert session.customer_details is not None
    assert session.customer_details.email == "ada@example.com"
    assert session.last_response is not None
    assert str(session.last_response.request_id).startswith("req_")


def test_a_session_is_found_again(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    made = client.v1.checkout.sessions.create(session_params(emulator))
    assert client.v1.checkout.sessions.retrieve(made.id).to_dict() == made.to_dict()
    items = client.v1.checkout.sessions.line_items.list(made.id)
    assert [(item.description, item.amount_total) for item in items.data] == [("Deposit", 62_500)]
    shown = client.v1.checkout.sessions.retrieve(made.id, {"expand": ["line_items"]})
    assert shown.line_items is not None
    assert shown.line_items.data[0].price is not None
    assert shown.line_items.data[0].price.unit_amount == 62_500


@pytest.mark.parametrize(
    ("seconds", "problem"),
    [
        (HALF_AN_HOUR - 60, "at least 30 minutes"),
        (24 * 60 * 60 + 60, "less than 24 hours"),
        (-60, "at least 30 minutes"),
    ],
)
def test_an_end_too_near_or_too_far_is_refused(
    emulator: StripeEmulator, client: stripe.StripeClient, seconds: int, problem: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=problem) as caught:
        client.v1.checkout.sessions.create(session_params(emulator, expires_at=emulator.now() + seconds))
    assert caught.value.param == "expires_at"


def test_the_end_is_measured_from_the_emulators_clock(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    params = session_params(emulator)
    emulator.shift_clock(600)
    with pytest.raises(stripe.InvalidRequestError, match="at least 30 minutes"):
        client.v1.checkout.sessions.create(params)


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"colour": "red"}, "parameter_unknown", "colour"),
        ({"payment_method_types": ["card"]}, "parameter_unknown", "payment_method_types"),
        ({"line_items": [line("A", 100) | {"size": 1}]}, "parameter_unknown", "line_items[0][size]"),
        ({"line_items": []}, "parameter_missing", "line_items"),
        ({"line_items": [{"quantity": 1}]}, "parameter_missing", "line_items[0][price_data]"),
        ({"line_items": [line("A", -1)]}, "parameter_invalid_integer", "line_items[0][price_data][unit_amount]"),
        ({"expires_at": "soon"}, "parameter_invalid_integer", "expires_at"),
        ({"success_url": "booked"}, "url_invalid", "success_url"),
        ({"success_url": ""}, "url_invalid", "success_url"),
        ({"client_reference_id": ""}, "parameter_invalid_empty", "client_reference_id"),
        ({"customer_email": "ada"}, "email_invalid", "customer_email"),
        ({"mode": "pay"}, None, "mode"),
        ({"line_items": [line("A", 10)]}, "amount_too_small", None),
        ({"line_items": [line("A", 500), line("B", 500, currency="eur")]}, None, "line_items"),
        ({"line_items": [line("A", 500, currency="zzz")]}, None, "line_items[0][price_data][currency]"),
        ({"metadata": {"k": "v" * 501}}, None, "metadata[k]"),
        ({"customer": "cus_x"}, None, "customer_email"),
        ({"customer": "cus_x", "customer_email": None}, "resource_missing", "customer"),
        (
            {"payment_intent_data": {"application_fee_amount": 100}},
            None,
            "payment_intent_data[application_fee_amount]",
        ),
    ],
)
def test_what_stripe_would_refuse_is_refused_in_stripes_words(
    emulator: StripeEmulator, client: stripe.StripeClient, changes: dict[str, object], code: str, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.checkout.sessions.create(session_params(emulator, **changes))
    assert (caught.value.code, caught.value.param) == (code, param)
    assert caught.value.request_id
    assert emulator.requests[-1].status == caught.value.http_status


def test_a_session_is_ended_once(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    made = client.v1.checkout.sessions.create(session_params(emulator))
    ended = client.v1.checkout.sessions.expire(made.id)
    assert (ended.status, ended.url) == ("expired", None)
    with pytest.raises(stripe.InvalidRequestError, match=r"Only Checkout Sessions with a status in \[\"open\"\]"):
        client.v1.checkout.sessions.expire(made.id)
    assert [event["type"] for event in emulator.events()] == ["checkout.session.expired"]


def test_a_session_ends_when_its_time_is_up(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    made = client.v1.checkout.sessions.create(session_params(emulator))
    emulator.shift_clock(HALF_AN_HOUR + 301)
    assert client.v1.checkout.sessions.retrieve(made.id).status == "expired"
    assert [event["type"] for event in emulator.events()] == ["checkout.session.expired"]


def test_sessions_are_listed_by_status_and_email(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    first = client.v1.checkout.sessions.create(session_params(emulator))
    second = client.v1.checkout.sessions.create(session_params(emulator, customer_email="grace@example.com"))
    client.v1.checkout.sessions.expire(first.id)
    for found in (
        client.v1.checkout.sessions.list({"status": "open"}),
        client.v1.checkout.sessions.list({"customer_details": {"email": "grace@example.com"}}),
    ):
        assert [one.id for one in found.data] == [second.id]


def test_a_zero_total_needs_no_payment(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    made = client.v1.checkout.sessions.create(session_params(emulator, line_items=[line("Gift", 0)]))
    paid = emulator.pay(made.id)
    assert (paid["status"], paid["payment_status"], paid["payment_intent"]) == (
        "complete",
        "no_payment_required",
        None,
    )


def test_metadata_is_changed_key_by_key(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    made = client.v1.checkout.sessions.create(session_params(emulator))
    changed = client.v1.checkout.sessions.update(made.id, {"metadata": {"a": "1", "booking": ""}})
    assert plain(changed.metadata) == {"a": "1"}
    assert plain(client.v1.checkout.sessions.update(made.id, {"metadata": ""}).metadata) == {}


def test_what_is_recorded_can_be_checked_against_the_sdks_types(
    emulator: StripeEmulator, client: stripe.StripeClient
) -> None:
    params = session_params(emulator)
    validate("checkout.Session.create", params)
    client.v1.checkout.sessions.create(params, {"idempotency_key": "k1"})
    recorded = emulator.requests[-1]
    assert (recorded.method, recorded.path, recorded.idempotency_key) == ("POST", "/v1/checkout/sessions", "k1")
    assert recorded.params["line_items"]["0"]["price_data"]["unit_amount"] == "62500"
    validate_request(recorded)


def test_no_key_or_a_live_key_gets_nothing(emulator: StripeEmulator) -> None:
    client = stripe.StripeClient("sk_live_1", base_addresses={"api": emulator.base_url})
    with pytest.raises(stripe.AuthenticationError):
        client.v1.checkout.sessions.list()


def test_an_address_stripe_does_not_have_is_refused(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        client.v1.payouts.list()
    assert emulator.requests[-1].status == 404
