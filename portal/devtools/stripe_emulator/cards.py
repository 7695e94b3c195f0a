"""The test cards the pay page understands, and what each of them does.

Numbers and refusals are Stripe's own (https://docs.stripe.com/testing), but for the two delayed ones:
Stripe reaches those through bank debits, we through a number typed into the same form.
"""

from dataclasses import dataclass
from enum import StrEnum

CARD_PAYS = "4242424242424242"
CARD_DECLINED = "4000000000000002"
CARD_DELAYED = "4000000000005555"
CARD_DELAYED_FAILS = "4000000000002222"
CARD_DISPUTED = "4000000000000259"
CARD_REFUND_PENDING = "4000000000007726"
CARD_REFUND_FAILS = "4000000000005126"

_LONGEST_NUMBER = 19
_SHORTEST_NUMBER = 12


class Outcome(StrEnum):
    """What happens when the pay button is pressed."""

    PAYS = "pays"
    DECLINES = "declines"
    DELAYED = "delayed"


@dataclass(frozen=True)
class Card:
    """One card as the emulator treats it."""

    number: str
    outcome: Outcome = Outcome.PAYS
    brand: str = "visa"
    decline_code: str = ""
    error_code: str = "card_declined"
    message: str = ""
    delayed_success: bool = True

    @property
    def last4(self) -> str:
        """The digits a receipt may show."""
        return self.number[-4:]


def _declines(number: str, decline_code: str, message: str, error_code: str = "card_declined") -> Card:
    return Card(number, Outcome.DECLINES, decline_code=decline_code, error_code=error_code, message=message)


_KNOWN = {
    card.number: card
    for card in (
        Card(CARD_PAYS),
        Card("5555555555554444", brand="mastercard"),
        Card("378282246310005", brand="amex"),
        Card(CARD_DISPUTED),
        Card(CARD_REFUND_PENDING),
        Card(CARD_REFUND_FAILS),
        Card(CARD_DELAYED, Outcome.DELAYED),
        Card(CARD_DELAYED_FAILS, Outcome.DELAYED, delayed_success=False),
        _declines(CARD_DECLINED, "generic_decline", "Your card was declined."),
        _declines("4000000000009995", "insufficient_funds", "Your card has insufficient funds."),
        _declines("4000000000009987", "lost_card", "Your card was declined."),
        _declines("4000000000000069", "expired_card", "Your card has expired.", "expired_card"),
        _declines("4000000000000127", "incorrect_cvc", "Your card's security code is incorrect.", "incorrect_cvc"),
        _declines(
            "4000000000000119",
            "processing_error",
            "An error occurred while processing your card. Try again in a little bit.",
            "processing_error",
        ),
    )
}


def digits(number: str) -> str:
    """The card number without the spaces and dashes people type."""
    return "".join(character for character in number if character not in " -\u00a0")


def is_plausible(number: str) -> bool:
    """Whether the number has a card's length and passes the Luhn check."""
    plain = digits(number)
    if not (plain.isascii() and plain.isdigit() and _SHORTEST_NUMBER <= len(plain) <= _LONGEST_NUMBER):
        return False
    total = 0
    for position, character in enumerate(reversed(plain)):
        doubled = int(character) * (2 if position % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled  # noqa: PLR2004 - the Luhn rule: add the two digits
    return total % 10 == 0


def find(number: str) -> Card:
    """The card with this number; one we do not know is refused, as live cards are in Stripe's test mode."""
    plain = digits(number)
    refused = _declines(
        plain,
        "test_mode_live_card",
        "Your card was declined. Your request was in test mode, but used a non test card.",
    )
    return _KNOWN.get(plain, refused)
