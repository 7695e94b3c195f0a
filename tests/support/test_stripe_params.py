"""The validator of parameters refuses what Stripe would refuse, at any depth."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from portal.devtools.stripe_emulator.api.recorder import RecordedRequest
from tests.support.stripe_params import call_of, validate, validate_request

SESSION: dict[str, Any] = {
    "mode": "payment",
    "success_url": "https://example.com/done",
    "expires_at": 1_900_000_000,
    "line_items": [
        {"price_data": {"currency": "usd", "unit_amount": 100, "product_data": {"name": "Day"}}, "quantity": 1}
    ],
    "payment_intent_data": {"metadata": {"booking": "A1"}},
}


def _with(path: str, value: object) -> dict[str, Any]:
    changed = copy.deepcopy(SESSION)
    target: Any = changed
    steps = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps[:-1]:
        target = target[step]
    target[steps[-1]] = value
    return changed


def test_what_stripe_documents_is_allowed() -> None:
    validate("checkout.Session.create", SESSION)
    validate("Refund.create", {"payment_intent": "pi_1", "amount": 5, "reason": "requested_by_customer"})
    validate("Refund.update", {"metadata": ""})
    validate("PaymentIntent.retrieve", {"expand": ["latest_charge"]})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("colour", "red"),
        ("line_items.0.colour", "red"),
        ("line_items.0.price_data.product_data.colour", "red"),
        ("payment_intent_data.colour", "red"),
        ("idempotency_key", "an option, not a parameter"),
        ("payment_method_types", ["card"]),
    ],
)
def test_an_unknown_key_is_refused_at_any_depth(path: str, value: object) -> None:
    with pytest.raises(ValidationError, match=re.escape("Extra inputs are not permitted")):
        validate("checkout.Session.create", _with(path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("mode", "pay"),
        ("locale", "klingon"),
        ("submit_type", "donation"),
        ("line_items.0.price_data.tax_behavior", "included"),
        ("payment_intent_data.capture_method", "later"),
        ("allowed_payment_method_types", ["cards"]),
    ],
)
def test_a_word_that_is_no_choice_is_refused_at_any_depth(path: str, value: object) -> None:
    with pytest.raises(ValidationError):
        validate("checkout.Session.create", _with(path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("expires_at", "1900000000"),
        ("line_items.0.quantity", 1.0),
        ("line_items.0.price_data.unit_amount", "100"),
        ("line_items.0.price_data.unit_amount", True),
        ("payment_intent_data.metadata", {"booking": 1}),
        ("success_url", None),
    ],
)
def test_a_value_of_another_type_is_refused(path: str, value: object) -> None:
    with pytest.raises(ValidationError):
        validate("checkout.Session.create", _with(path, value))


def test_a_missing_key_is_refused() -> None:
    broken = copy.deepcopy(SESSION)
    del broken["line_items"][0]["price_data"]["currency"]
    with pytest.raises(ValidationError, match="currency"):
        validate("checkout.Session.create", broken)


def test_a_recorded_request_is_checked_in_the_form_in_which_it_was_sent() -> None:
    params: dict[str, Any] = {"payment_intent": "pi_1", "amount": "5", "expand": {"0": "charge"}}
    validate_request(RecordedRequest("POST", "/v1/refunds", params))
    for wrong in ({"amount": "five"}, {"reason": "regret"}, {"color": "red"}):
        with pytest.raises(ValidationError):
            validate_request(RecordedRequest("POST", "/v1/refunds", params | wrong))


def test_a_call_that_is_not_listed_is_told_apart_from_one_that_passes() -> None:
    assert call_of("POST", "/v1/checkout/sessions/cs_1/expire") == "checkout.Session.expire"
    with pytest.raises(LookupError):
        call_of("POST", "/v1/payouts")


def test_every_listed_call_exists_in_the_sdk() -> None:
    listed = re.findall(r'\): "([\w.]+)"', (Path(__file__).parent / "stripe_params.py").read_text())
    assert len(listed) > 20
    for call in listed:
        with pytest.raises(ValidationError):
            validate(call, {"surely_no_parameter": 1})
