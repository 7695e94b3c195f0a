"""A stand-in for Stripe, for development and tests only.

It speaks Stripe's HTTP API to the official SDK, shows a hosted pay page and sends signed webhooks.
It knows nothing of the portal: no module of ours is imported here, and nothing in production imports this.
"""

from portal.devtools.stripe_emulator.cards import (
    CARD_DECLINED,
    CARD_DELAYED,
    CARD_DELAYED_FAILS,
    CARD_DISPUTED,
    CARD_PAYS,
    CARD_REFUND_FAILS,
    CARD_REFUND_PENDING,
)
from portal.devtools.stripe_emulator.emulator import StripeEmulator

__all__ = [
    "CARD_DECLINED",
    "CARD_DELAYED",
    "CARD_DELAYED_FAILS",
    "CARD_DISPUTED",
    "CARD_PAYS",
    "CARD_REFUND_FAILS",
    "CARD_REFUND_PENDING",
    "StripeEmulator",
]
