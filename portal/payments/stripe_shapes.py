"""From Stripe's JSON to our own values. Pure: dictionaries in, frozen values out.

Only what we decide on is read. Currencies become upper case, seconds become aware instants.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from portal.payments.gateway import Event, Intent, ProviderDispute, ProviderRefund, Session

# Our ids as session_parameters and refunds write them into metadata.
_LONGEST_NAME = 255
_NAMES = ("tenant", "booking", "checkout", "refund_request")


def session(raw: Mapping[str, Any]) -> Session:
    """A Checkout Session; its intent is read when it was expanded."""
    money = raw.get("payment_intent")
    return Session(
        id=raw["id"],
        status=raw.get("status") or "",
        payment_status=raw.get("payment_status") or "",
        amount_total=raw.get("amount_total") or 0,
        currency=(raw.get("currency") or "").upper(),
        is_live=bool(raw.get("livemode")),
        url=raw.get("url") or "",
        expires_at=_instant(raw.get("expires_at")),
        metadata=dict(raw.get("metadata") or {}),
        intent=intent(money) if isinstance(money, Mapping) else None,
    )


def intent(raw: Mapping[str, Any]) -> Intent:
    """A payment intent; its card and fee are read when the charge was expanded."""
    charge = raw.get("latest_charge")
    details: Mapping[str, Any] = charge if isinstance(charge, Mapping) else {}
    method = details.get("payment_method_details") or {}
    card = method.get("card") or {}
    return Intent(
        id=raw["id"],
        status=raw.get("status") or "",
        amount_received=raw.get("amount_received") or 0,
        currency=(raw.get("currency") or "").upper(),
        is_live=bool(raw.get("livemode")),
        charge_id=id_of(charge) or None,
        card_brand=card.get("brand") or "",
        card_last4=card.get("last4") or "",
        fee_id=id_of(details.get("application_fee")) or None,
        fee_cents=details.get("application_fee_amount") or 0,
        captured_at=_instant(details["created"]) if details.get("created") else None,
    )


def refund(raw: Mapping[str, Any]) -> ProviderRefund:
    """A refund."""
    return ProviderRefund(
        id=raw["id"],
        status=raw.get("status") or "pending",
        amount_cents=raw["amount"],
        currency=(raw.get("currency") or "").upper(),
        intent_id=id_of(raw.get("payment_intent")),
        created_at=_instant(raw.get("created")),
        metadata=dict(raw.get("metadata") or {}),
        failure=raw.get("failure_reason") or "",
    )


def dispute(raw: Mapping[str, Any]) -> ProviderDispute:
    """A dispute; its movements on the account's balance say what was withdrawn and what came back."""
    return ProviderDispute(
        id=raw["id"],
        status=raw.get("status") or "",
        currency=(raw.get("currency") or "").upper(),
        withdrawn_cents=-sum(movement["amount"] for movement in raw.get("balance_transactions") or []),
        opened_at=_instant(raw.get("created")),
    )


def event(raw: Mapping[str, Any]) -> Event:
    """An event as a hint; raises KeyError, TypeError, AttributeError or OverflowError when it has not its shape."""
    if raw["object"] != "event":
        msg = "this is something else than an event"
        raise TypeError(msg)
    subject = raw["data"]["object"]
    metadata = subject.get("metadata")
    named = metadata if isinstance(metadata, Mapping) else {}
    return Event(
        id=_text(raw["id"]),
        type=_text(raw["type"]),
        account=_text(raw.get("account") or ""),
        is_live=raw.get("livemode") is True,
        created_at=_instant(raw["created"]),
        object_type=_text(subject.get("object") or ""),
        object_id=_text(subject.get("id") or ""),
        named={name: named[name] for name in _NAMES if _is_name(named.get(name))},
    )


def id_of(value: object) -> str:
    """The id of something that Stripe gives as an id or, expanded, as an object."""
    if isinstance(value, Mapping):
        return str(value["id"])
    return str(value) if value else ""


def _instant(seconds: object) -> datetime:
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        msg = "an instant of Stripe's is a whole number of seconds"
        raise TypeError(msg)
    return datetime.fromtimestamp(seconds, UTC)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_NAME and value.isascii() and value.isprintable()


def _text(value: object) -> str:
    if not _is_name(value):
        msg = "a name of Stripe's is a short line of ASCII"
        raise TypeError(msg)
    return str(value)
