"""Checks what we send to Stripe against the official SDK's own typed parameters, strictly.

The SDK writes its choices as `Literal[...] | str`, which lets anything through, and nothing stops unknown keys. Here
each TypedDict is rebuilt, nested ones included: no unknown key, no other choice, no text where a number belongs.
"""

import re
import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, NotRequired, Union, get_args, get_origin

import stripe
from pydantic import ConfigDict, TypeAdapter
from stripe._request_options import RequestOptions
from stripe._stripe_object import UntypedStripeObject
from typing_extensions import TypedDict, get_type_hints, is_typeddict

from portal.devtools.stripe_emulator.api.recorder import RecordedRequest

TypeForm = Any  # whatever an annotation may be: a class, a union, a Literal ...

_ENDPOINTS = {
    ("POST", r"/v1/checkout/sessions"): "checkout.Session.create",
    ("GET", r"/v1/checkout/sessions"): "checkout.Session.list",
    ("GET", r"/v1/checkout/sessions/[^/]+"): "checkout.Session.retrieve",
    ("POST", r"/v1/checkout/sessions/[^/]+"): "checkout.Session.update",
    ("POST", r"/v1/checkout/sessions/[^/]+/expire"): "checkout.Session.expire",
    ("GET", r"/v1/checkout/sessions/[^/]+/line_items"): "checkout.Session.list_line_items",
    ("POST", r"/v1/customers"): "Customer.create",
    ("GET", r"/v1/customers"): "Customer.list",
    ("GET", r"/v1/customers/[^/]+"): "Customer.retrieve",
    ("POST", r"/v1/customers/[^/]+"): "Customer.update",
    ("GET", r"/v1/payment_intents"): "PaymentIntent.list",
    ("GET", r"/v1/payment_intents/[^/]+"): "PaymentIntent.retrieve",
    ("POST", r"/v1/payment_intents/[^/]+"): "PaymentIntent.update",
    ("GET", r"/v1/charges"): "Charge.list",
    ("GET", r"/v1/charges/[^/]+"): "Charge.retrieve",
    ("POST", r"/v1/charges/[^/]+"): "Charge.update",
    ("POST", r"/v1/refunds"): "Refund.create",
    ("GET", r"/v1/refunds"): "Refund.list",
    ("GET", r"/v1/refunds/[^/]+"): "Refund.retrieve",
    ("POST", r"/v1/refunds/[^/]+"): "Refund.update",
    ("POST", r"/v1/accounts"): "Account.create",
    ("GET", r"/v1/accounts/[^/]+"): "Account.retrieve",
    ("POST", r"/v1/accounts/[^/]+"): "Account.update",
    ("POST", r"/v1/account_links"): "AccountLink.create",
    ("GET", r"/v1/events"): "Event.list",
    ("GET", r"/v1/events/[^/]+"): "Event.retrieve",
    ("GET", r"/v1/disputes"): "Dispute.list",
    ("GET", r"/v1/disputes/[^/]+"): "Dispute.retrieve",
    ("GET", r"/v1/balance_transactions/[^/]+"): "BalanceTransaction.retrieve",
}


def validate(call: str, params: object) -> None:
    """Raise pydantic's ValidationError unless the SDK's types allow these parameters: `checkout.Session.create`."""
    _adapter(call).validate_python(params, strict=True)


def validate_request(request: RecordedRequest) -> None:
    """The same for a request that the emulator recorded, whose parameters came as text over the wire."""
    _adapter(call_of(request.method, request.path)).validate_python(_listed(request.params), strict=False)


def call_of(method: str, path: str) -> str:
    """The SDK's name of the call behind this method and path."""
    for (known_method, pattern), call in _ENDPOINTS.items():
        if method == known_method and re.fullmatch(pattern, path):
            return call
    raise LookupError(f"{method} {path} is no call that the validator knows")


@cache
def _adapter(call: str) -> TypeAdapter[Any]:
    *packages, resource, verb = call.split(".")
    module: Any = stripe.params
    for package in packages:
        module = getattr(module, package)
    words = "".join(word.title() for word in verb.split("_"))
    return TypeAdapter(_strict(getattr(module, f"{resource}{words}Params")))


@cache
def _strict(kind: TypeForm) -> TypeForm:
    """The type without the SDK's loopholes."""
    if is_typeddict(kind):
        return _strict_dict(kind)
    origin, parts = _origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _strict_union(parts)
    if origin is NotRequired:
        return NotRequired[_strict(parts[0])]
    if origin is list:
        return list[_strict(parts[0])]  # type: ignore[misc] # a type made at run time
    if origin is dict:
        return dict[str, _strict(parts[1])]  # type: ignore[misc] # as above
    return kind


def _origin(kind: TypeForm) -> TypeForm:
    return get_origin(kind)


def _strict_dict(kind: TypeForm) -> TypeForm:
    # The options of a request travel beside its parameters and would be sent as parameters if given among them.
    fields = {name: hint for name, hint in _hints(kind).items() if name not in RequestOptions.__annotations__}
    strict = TypedDict(kind.__name__, {name: _strict(hint) for name, hint in fields.items()})  # type: ignore[misc] # as above
    strict.__pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[attr-defined] # read by pydantic
    return strict


def _hints(kind: TypeForm) -> dict[str, Any]:
    # The SDK names these two only for type checkers; they belong to the options, which are left out.
    return get_type_hints(kind, localns={"StripeContext": object, "Mapping": Mapping}, include_extras=True)


def _strict_union(parts: tuple[TypeForm, ...]) -> TypeForm:
    choices = [part for part in parts if _origin(part) is Literal and set(get_args(part)) != {""}]
    kept = [
        _strict(part) for part in parts if _origin(part) is not UntypedStripeObject and not (choices and part is str)
    ]
    return Union[tuple(kept)]  # noqa: UP007 - made at run time


def _listed(value: object) -> object:
    """Lists travel as hashes with the keys 0, 1, 2 ...; make them lists again."""
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_listed(value[key]) for key in sorted(value, key=int)]
    return {key: _listed(one) for key, one in value.items()}
