"""The exact parameters of a Checkout Session, built once and stored before Stripe is called.

Pure. A repeat after a lost answer sends the same bytes; a new attempt changes its end and our id and nothing else.
https://docs.stripe.com/api/checkout/sessions/create
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

# Languages of Stripe's page that a locale can name (https://docs.stripe.com/js/appendix/supported_locales).
_LANGUAGES = (
    "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fil", "fr", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv",
    "ms", "mt", "nb", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "th", "tr", "vi", "zh",
)  # fmt: skip
_REGIONAL = {
    "en_GB": "en-GB", "es_MX": "es-419", "fr_CA": "fr-CA", "pt_BR": "pt-BR", "zh_HK": "zh-HK", "zh_TW": "zh-TW",
}  # fmt: skip
_PLACEHOLDER = "{CHECKOUT_SESSION_ID}"


@dataclass(frozen=True, slots=True)
class Item:
    """What the couple reads on Stripe's page beside an amount."""

    name: str
    description: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Sale:
    """Everything a session needs to know."""

    tenant_id: UUID
    checkout_id: UUID
    reference: str
    email: str
    locale: str
    currency: str
    items: Sequence[Item]
    fee_cents: int
    expires_at: datetime
    success_url: str
    cancel_url: str


def build(sale: Sale) -> dict[str, Any]:
    """The parameters as they are stored and sent."""
    metadata = {"tenant": str(sale.tenant_id), "booking": sale.reference, "checkout": str(sale.checkout_id)}
    intent: dict[str, Any] = {"metadata": dict(metadata)}
    if sale.fee_cents:
        intent["application_fee_amount"] = sale.fee_cents
    return {
        "mode": "payment",
        "line_items": [_line(item, sale.currency) for item in sale.items],
        **({"customer_email": sale.email} if sale.email else {}),  # without one Stripe's page asks for it
        "client_reference_id": sale.reference,
        "metadata": metadata,
        "payment_intent_data": intent,
        "expires_at": int(sale.expires_at.timestamp()),
        "success_url": _with_session(sale.success_url),
        "cancel_url": sale.cancel_url,
        "locale": stripe_locale(sale.locale),
    }


def renewed(parameters: Mapping[str, Any], *, checkout_id: UUID, expires_at: datetime) -> dict[str, Any]:
    """The same sale for another attempt."""
    metadata = {**parameters["metadata"], "checkout": str(checkout_id)}
    return {
        **parameters,
        "metadata": metadata,
        "payment_intent_data": {**parameters["payment_intent_data"], "metadata": dict(metadata)},
        "expires_at": int(expires_at.timestamp()),
    }


def stripe_locale(locale: str) -> str:
    """The language of Stripe's page for a tenant's locale."""
    language = locale.partition("_")[0]
    return _REGIONAL.get(locale) or (language if language in _LANGUAGES else "auto")


def _line(item: Item, currency: str) -> dict[str, Any]:
    product = {"name": item.name}
    if item.description:
        product["description"] = item.description
    return {
        "quantity": 1,
        "price_data": {"currency": currency.lower(), "unit_amount": item.amount_cents, "product_data": product},
    }


def _with_session(url: str) -> str:
    if _PLACEHOLDER in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}session={_PLACEHOLDER}"
