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

MESSAGE = {
    "confirmation": N_("Confirmation"),
    "new_booking": N_("Notice of a new booking"),
    "manage_link": N_("Link to the booking"),
    "payment_returned": N_("Payment returned"),
    "payment_sent_back": N_("Payment sent back"),
    "payment_failed": N_("Payment failed"),
    "refund_failed": N_("Refund failed"),
    "needs_review": N_("Please look at this booking"),
    "cancelling": N_("Being cancelled"),
    "cancelled": N_("Cancelled"),
    "cancellation_undone": N_("Cancellation taken back"),
    "couple_cancels": N_("Notice of a cancellation"),
    "couple_stays": N_("Notice of a cancellation taken back"),
    "rebooked": N_("Date booked again"),
    "courtesy_held": N_("Date kept without paying"),
    "courtesy_ends": N_("Reminder of a kept date’s end"),
    "challenged": N_("Somebody else asked for the date"),
    "courtesy_ended": N_("Date no longer kept"),
    "moved": N_("Date moved"),
    "couple_moved": N_("Notice of a moved date"),
    "move_lapsed": N_("Move not paid in time"),
    "payment_received": N_("Payment received"),
    "couple_paid": N_("Notice of a payment"),
    "details_changed": N_("Notice of a change"),
    "price_changed": N_("New price"),
    "email_confirm": N_("Question to a new address"),
    "email_changed": N_("Address changed"),
    "new_link": N_("New link"),
    "documents": N_("Invoices and receipts"),
    "waitlist_joined": N_("Place on a waiting list"),
    "waitlist_offer": N_("Offer of a free date"),
    "waitlist_ended": N_("Offer of a date ended"),
    "event_soon": N_("Reminder some days before"),
    "event_eve": N_("Reminder the day before"),
    "follow_up": N_("Thanks after the day"),
    "balance_soon": N_("Payment due soon"),
    "balance_due": N_("Payment due today"),
    "balance_overdue": N_("Payment overdue"),
    "balance_last": N_("Payment still open"),
    "free_dates": N_("Your free Saturdays"),
    "couple_owes": N_("Notice of an overdue payment"),
    "dispute_opened": N_("Notice of a disputed payment"),
    "mail_failed": N_("Notice of a mail that did not arrive"),
    "daily_summary": N_("Your daily summary"),
    "busy_outside": N_("Notice of a booked day that is busy elsewhere"),
    "calendar_refused": N_("Notice of a calendar that needs you"),
}


def install(app: Flask) -> None:
    """Filters: ``booking_word`` and ``payment_word`` with their tones, ``message_word``, ``failure_word``.

    What a mail failed with may be a sentence of ours or words of a mail server.
    """
    app.jinja_env.filters["failure_word"] = lambda failure: speech.gettext(failure) if failure else ""
    app.jinja_env.filters["message_word"] = lambda kind: speech.gettext(MESSAGE[str(kind)])
    for name, known in (("booking", BOOKING), ("payment", PAYMENT)):
        app.jinja_env.filters[f"{name}_word"] = lambda state, known=known: speech.gettext(known[str(state)][1])
        app.jinja_env.filters[f"{name}_tone"] = lambda state, known=known: known[str(state)][0]
