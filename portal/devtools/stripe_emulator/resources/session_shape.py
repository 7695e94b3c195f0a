"""The shape of a Checkout Session of the pinned API version: what every new one begins with."""

from portal.devtools.stripe_emulator.store import Doc

COPIED = (
    "allow_promotion_codes",
    "allowed_payment_method_types",
    "billing_address_collection",
    "branding_settings",
    "cancel_url",
    "client_reference_id",
    "customer",
    "customer_email",
    "integration_identifier",
    "locale",
    "origin_context",
    "submit_type",
    "success_url",
)
"""Fields that repeat the parameter of the same name, or are null."""

BLANK: Doc = {
    "id": "",
    "object": "checkout.session",
    "after_expiration": None,
    "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
    "client_secret": None,
    "consent": None,
    "consent_collection": None,
    "currency_conversion": None,
    "custom_fields": [],
    "custom_text": {
        "after_submit": None,
        "shipping_address": None,
        "submit": None,
        "terms_of_service_acceptance": None,
    },
    "discounts": [],
    "invoice": None,
    "livemode": False,
    "mode": "payment",
    "payment_intent": None,
    "payment_link": None,
    "payment_method_options": {},
    "payment_status": "unpaid",
    "presentment_details": None,
    "recovered_from": None,
    "setup_intent": None,
    "shipping_address_collection": None,
    "shipping_cost": None,
    "shipping_options": [],
    "status": "open",
    "subscription": None,
    "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    "ui_mode": "hosted_page",
    "wallet_options": None,
    "_attempted_intent": "",
}
