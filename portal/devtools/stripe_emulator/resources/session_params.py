"""The parameters of creating a Checkout Session, as of the pinned API version.

`payment_method_types` is gone from this version; `allowed_payment_method_types` took its place. What is marked
`anything` Stripe knows and the emulator takes without acting on it.
"""

from portal.devtools.stripe_emulator.api.schema import (
    EXPAND,
    Hash,
    anything,
    array,
    boolean,
    choice,
    email,
    integer,
    metadata,
    text,
    url,
)
from portal.devtools.stripe_emulator.money import LARGEST_CHARGE

_PRODUCT = Hash(
    {
        "name": text(5000),
        "description": text(40_000),
        "images": array(url, 8),
        "metadata": metadata,
        "tax_code": text(),
        "tax_details": anything,
        "unit_label": text(12),
    },
    required=("name",),
)

_PRICE = Hash(
    {
        "currency": text(3),
        "product_data": _PRODUCT,
        "tax_behavior": choice("exclusive", "inclusive", "unspecified"),
        "unit_amount": integer(0, LARGEST_CHARGE),
    },
    required=("currency", "product_data", "unit_amount"),
)

_LINE_ITEM = Hash(
    {"price_data": _PRICE, "quantity": integer(1, 999_999), "metadata": metadata}, required=("price_data", "quantity")
)

_PAYMENT_INTENT = Hash(
    {
        "application_fee_amount": integer(0),
        "capture_method": choice("automatic", "automatic_async"),
        "description": text(1000),
        "metadata": metadata,
        "receipt_email": email,
        "setup_future_usage": choice("off_session", "on_session"),
        "statement_descriptor": text(22),
        "statement_descriptor_suffix": text(22),
        "transfer_group": text(),
    }
)

_BRANDING = Hash(
    {
        "background_color": text(7),
        "border_style": choice("pill", "rectangular", "rounded"),
        "button_color": text(7),
        "display_name": text(),
        "font_family": text(),
        "icon": anything,
        "logo": anything,
    }
)

_LOCALES = """
auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR
ro ru sk sl sv th tr vi zh zh-HK zh-TW
"""

CREATE = Hash(
    {
        "adaptive_pricing": Hash({"enabled": boolean}),
        "after_expiration": anything,
        "allow_promotion_codes": boolean,
        "allowed_payment_method_types": array(text(40)),
        "automatic_tax": anything,
        "billing_address_collection": choice("auto", "required"),
        "branding_settings": _BRANDING,
        "cancel_url": url,
        "client_reference_id": text(200),
        "consent_collection": anything,
        "custom_fields": anything,
        "custom_text": anything,
        "customer": text(),
        "customer_creation": choice("always", "if_required"),
        "customer_email": email,
        "customer_update": anything,
        "excluded_payment_method_types": array(text(40)),
        "expand": EXPAND,
        "expires_at": integer(0),
        "integration_identifier": text(200),
        "invoice_creation": anything,
        "line_items": array(_LINE_ITEM),
        "locale": choice(*_LOCALES.split()),
        "metadata": metadata,
        "mode": choice("payment", "setup", "subscription"),
        "name_collection": anything,
        "origin_context": choice("mobile_app", "web"),
        "payment_intent_data": _PAYMENT_INTENT,
        "payment_method_collection": choice("always", "if_required"),
        "payment_method_configuration": text(),
        "payment_method_options": anything,
        "phone_number_collection": Hash({"enabled": boolean}, required=("enabled",)),
        "submit_type": choice("auto", "book", "donate", "pay", "subscribe"),
        "success_url": url,
        "tax_id_collection": anything,
        "ui_mode": choice("hosted_page"),
        "wallet_options": anything,
    },
    required=("line_items",),
)
