"""States in words and tones, for badges. One look-up and one translation per badge: lists show hundreds."""

from flask import Flask

from portal.kernel.text import N_
from portal.web import speech

# tone: good | wait | bad | over | done, see static/css/components.css
BOOKING = {
    "held": ("wait", N_("Date held")),
    "confirmed": ("good", N_("Confirmed")),
    "completed": ("done", N_("Completed")),
    "expired": ("over", N_("Expired")),
    "cancelling": ("wait", N_("Being cancelled")),
    "cancelled": ("over", N_("Cancelled")),
    "needs_review": ("bad", N_("Needs review")),
}
PAYMENT = {
    "unpaid": ("wait", N_("Not paid yet")),
    "deposit_paid": ("wait", N_("Deposit paid")),
    "paid": ("good", N_("Paid")),
    "overdue": ("bad", N_("Overdue")),
    "partly_refunded": ("over", N_("Partly refunded")),
    "refunded": ("over", N_("Refunded")),
}


def install(app: Flask) -> None:
    """Filters ``booking_word``, ``booking_tone``, ``payment_word``, ``payment_tone``."""
    for name, known in (("booking", BOOKING), ("payment", PAYMENT)):
        app.jinja_env.filters[f"{name}_word"] = lambda state, known=known: speech.gettext(known[str(state)][1])
        app.jinja_env.filters[f"{name}_tone"] = lambda state, known=known: known[str(state)][0]
