"""A new Checkout Session from checked parameters: the rules that reach across parameters, then the object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.api.errors import ApiError, missing_parameter, refused_parameter
from portal.devtools.stripe_emulator.ids import new_id
from portal.devtools.stripe_emulator.money import LARGEST_CHARGE, SMALLEST_CHARGE, SUPPORTED, display
from portal.devtools.stripe_emulator.resources.session_shape import BLANK, COPIED

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.scope import Call
    from portal.devtools.stripe_emulator.store import Doc

_SHORTEST, _LONGEST = 30 * 60, 24 * 60 * 60
_METHODS = ("card", "us_bank_account", "sepa_debit", "bacs_debit")


def make_session(call: Call) -> Doc:
    """The session these parameters ask for, or Stripe's refusal."""
    params = call.params
    _check_combinations(call)
    items = [_line_item(given) for given in params["line_items"]]
    currency = _only_currency(items)
    total = sum(item["amount_total"] for item in items)
    _check_total(total, currency)
    _check_fee(call, total)
    customer_creation = None if "customer" in params else "if_required"
    return BLANK | {
        "id": new_id("cs_test_a1"),
        "adaptive_pricing": params.get("adaptive_pricing", {"enabled": False}),
        "amount_subtotal": total,
        "amount_total": total,
        "created": call.now(),
        "currency": currency,
        "customer_creation": params.get("customer_creation", customer_creation),
        "customer_details": _known_details(call),
        "expires_at": _expires_at(call),
        "metadata": params.get("metadata", {}),
        "payment_method_collection": "always" if total else "if_required",
        "payment_method_types": params.get("allowed_payment_method_types") or list(_METHODS),
        "phone_number_collection": params.get("phone_number_collection", {"enabled": False}),
        "_intent_data": params.get("payment_intent_data", {}),
        "_line_items": items,
        **{name: params.get(name) for name in COPIED},
    }


def _check_combinations(call: Call) -> None:
    params = call.params
    if params.get("mode", "payment") != "payment":
        raise refused_parameter("The Stripe emulator knows only the mode `payment`.", "mode")
    if "success_url" not in params:
        raise missing_parameter("success_url")
    if not params["line_items"]:
        raise missing_parameter("line_items")
    if "customer" in params:
        if "customer_email" in params:
            raise refused_parameter(
                "You may only specify one of these parameters: customer, customer_email.", "customer_email"
            )
        call.get("customer", params["customer"], "customer")


def _expires_at(call: Call) -> int:
    asked, now = call.params.get("expires_at"), call.now()
    if asked is None:
        return now + _LONGEST
    if asked < now + _SHORTEST:
        raise ApiError(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.", param="expires_at"
        )
    if asked > now + _LONGEST:
        raise ApiError(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.", param="expires_at"
        )
    return int(asked)


def _line_item(given: Doc) -> Doc:
    price, quantity = given["price_data"], given["quantity"]
    currency = price["currency"].lower()
    if currency not in SUPPORTED:
        raise refused_parameter(
            f"Invalid currency: {currency}. Stripe currently supports these currencies: {', '.join(sorted(SUPPORTED))}",
            "line_items[0][price_data][currency]",
        )
    amount = price["unit_amount"] * quantity
    return {
        "id": new_id("li_1"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": currency,
        "description": price["product_data"]["name"],
        "metadata": given.get("metadata", {}),
        "price": {
            "id": new_id("price_1"),
            "object": "price",
            "active": False,
            "currency": currency,
            "product": new_id("prod_"),
            "type": "one_time",
            "unit_amount": price["unit_amount"],
            "unit_amount_decimal": str(price["unit_amount"]),
        },
        "quantity": quantity,
        "_details": price["product_data"].get("description", ""),
    }


def _only_currency(items: list[Doc]) -> str:
    currencies = {item["currency"] for item in items}
    if len(currencies) > 1:
        raise ApiError("You can not combine currencies on a single Checkout Session.", param="line_items")
    return str(currencies.pop())


def _check_total(total: int, currency: str) -> None:
    least = SMALLEST_CHARGE.get(currency, 1)
    if 0 < total < least:
        raise ApiError(
            f"The Checkout Session's total amount due must add up to at least {display(least, currency)} {currency}",
            code="amount_too_small",
        )
    if total > LARGEST_CHARGE:
        raise ApiError(
            "The Checkout Session's total amount due must be no more than "
            f"{display(LARGEST_CHARGE, currency)} {currency}",
            code="amount_too_large",
        )


def _check_fee(call: Call, total: int) -> None:
    fee = call.params.get("payment_intent_data", {}).get("application_fee_amount")
    param = "payment_intent_data[application_fee_amount]"
    if fee is None:
        return
    if not call.account:
        raise ApiError(
            "Can only apply an application_fee_amount when the PaymentIntent is attempting a direct payment (using an "
            "OAuth key or Stripe-Account header) or destination payment (using `transfer_data[destination]`).",
            param=param,
        )
    if fee < 1 or fee > total:
        raise ApiError(
            "Your application fee must be at least 1 and no greater than the amount of the payment.", param=param
        )


def _known_details(call: Call) -> Doc | None:
    email, name = call.params.get("customer_email"), None
    if "customer" in call.params:
        customer = call.get("customer", call.params["customer"])
        email, name = customer["email"], customer["name"]
    if email is None:
        return None
    return {"address": None, "email": email, "name": name, "phone": None, "tax_exempt": "none", "tax_ids": None}
