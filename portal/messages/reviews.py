"""Why a booking needs a person, in words, with what to do about it.

The reasons are kept as ``code: detail`` by whoever raised them (payments, lifecycle).
"""

from portal.kernel.text import N_
from portal.tenants.language import Language

_WORDS = {
    "payment_mismatch": N_(
        "A payment differs from what was sold (%(detail)s), so it confirmed nothing. Compare it with Stripe, then"
        " refund it there or confirm the date with the couple."
    ),
    "refund_owed": N_(
        "Money is owed back to the couple (%(detail)s). Refunds are switched off here: make it at Stripe."
    ),
    "refund_stopped": N_("Stripe will not carry out a refund (%(detail)s). Agree with the couple on another way."),
    "refund_failed": N_(
        "A refund did not reach the couple (%(detail)s). Make it once more, or agree with them on another way."
    ),
    "external_refund": N_("A refund was made at Stripe by hand. Is the booking still on?"),
    "dispute": N_("The couple's bank disputes a payment (%(detail)s). Answer it at Stripe before its deadline."),
    "event_mismatch": N_("Stripe says something about this booking that does not fit (%(detail)s). Compare it there."),
}


def in_words(language: Language, reasons: str) -> list[str]:
    """Each reason as a sentence; one that is already a sentence stays as it is."""
    return [_sentence(language, reason) for reason in reasons.splitlines()]


def is_dispute_alone(reasons: str) -> bool:
    """Whether a booking needs a person for nothing but a dispute."""
    return bool(reasons) and all(reason.startswith("dispute: ") for reason in reasons.splitlines())


def _sentence(language: Language, reason: str) -> str:
    code, _, detail = reason.partition(": ")
    words = _WORDS.get(code)
    return language.gettext(words, detail=detail or "-") if words else reason
