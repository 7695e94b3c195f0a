"""What the pages of a change share, the couple's and the owner's: figures, the tick, and why they are shown anew."""

from datetime import datetime
from uuid import UUID

from portal.bookings import quotes
from portal.bookings.quotes import Quote
from portal.bookings.states import Actor, ChangeKind, QuoteStatus
from portal.kernel.errors import Invalid, NotFound
from portal.kernel.text import N_
from portal.lifecycle.quote import WhyNot

WHY_NOT = {
    WhyNot.EXPIRED: N_(
        "More than 15 minutes have passed since you saw the figures, so nothing was done. These are the figures of now."
    ),
    WhyNot.CHANGED: N_(
        "Something about the booking has changed since you saw the figures, so nothing was done. These are the figures"
        " of now."
    ),
    WhyNot.USED: N_("These figures were used already, so nothing was done now. These are the figures of now."),
    WhyNot.UNKNOWN: N_("These figures were not for this booking, so nothing was done. These are the figures of now."),
}


def shown_quote(tenant_id: UUID, booking_id: UUID, quote_id: UUID) -> Quote:
    """What a page of figures is about. Raises NotFound."""
    quote = quotes.load(tenant_id, booking_id, quote_id)
    if quote is None:
        raise NotFound(N_("There is nothing at this address. Please check that you copied all of it."))
    return quote


def is_open(quote: Quote, actor: Actor, at: datetime, *, kind: ChangeKind = ChangeKind.CANCEL) -> bool:
    """Whether a change of this kind that this person was shown can still be confirmed."""
    is_theirs = quote.kind is kind and quote.actor is actor
    return is_theirs and quote.status is QuoteStatus.OFFERED and at <= quote.expires_at


_UNTICKED = N_("Please tick this, so that nobody cancels by mistake.")


def ticked(text: str, *, otherwise: str = _UNTICKED) -> None:
    """Refuse a confirmation without its tick."""
    if text != "1":
        raise Invalid(otherwise, {"is_sure": otherwise})
