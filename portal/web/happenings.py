"""A booking's timeline in words, for the couple and the owner alike.

An unknown kind falls back to the state it led to.
"""

from dataclasses import dataclass
from datetime import date, datetime

from portal.bookings.queries import TimelineEntry
from portal.bookings.states import Actor, BookingStatus
from portal.kernel.text import N_
from portal.web import speech

_WORDS = {
    "held": N_("The date was held"),
    "hold_changed": N_("The booking was changed before it was paid"),
    "payment": N_("Payment received"),
    "confirmed": N_("The booking was confirmed"),
    "payment_failed": N_("The payment did not go through"),
    "hold_ended": N_("The time to pay ran out, and the date was given back"),
    "completed": N_("The day has passed"),
    "cancelled": N_("The booking was cancelled"),
    "cancelling": N_("The booking is being cancelled"),
    "cancellation_undone": N_("The cancellation was taken back"),
    "link_shared": N_("A link was shared"),
    "link_ended": N_("A link was ended"),
    "links_ended": N_("All links but one browser's were ended"),
    "link_resent": N_("The link was sent again"),
    "needs_review": N_("Somebody is looking into this booking"),
    "reviewed": N_("This was looked into"),
    "rebooked": N_("The date was booked again"),
    "refund_requested": N_("A refund was asked for"),
    "refund_completed": N_("The refund went out"),
    "refund_failed": N_("The refund did not go through"),
}
_OF_LINKS = {"link_shared", "link_ended", "link_resent"}
_OF_LINKS_MAY = {
    "manage": N_("opens everything"),
    "browser": N_("opens everything"),
    "reschedule": N_("moves the date"),
    "cancel": N_("cancels the booking"),
    "look": N_("only looks"),
    "pay": N_("only pays"),
}
_STATUS_WORDS = {
    BookingStatus.HELD: "held",
    BookingStatus.CONFIRMED: "confirmed",
    BookingStatus.COMPLETED: "completed",
    BookingStatus.EXPIRED: "hold_ended",
    BookingStatus.CANCELLING: "cancelling",
    BookingStatus.CANCELLED: "cancelled",
}
_ACTORS = {
    Actor.COUPLE: N_("the couple"),
    Actor.OWNER: N_("the business"),
    Actor.SYSTEM: N_("automatic"),
    Actor.STRIPE: N_("Stripe"),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry, as ``macros/timeline.html`` shows it."""

    at: datetime
    text: str
    detail: str | None
    actor: str


def newest_first(timeline: list[TimelineEntry]) -> list[Happening]:
    """All entries in words."""
    return [
        Happening(entry.occurred_at, _text(entry), _detail(entry), speech.gettext(_ACTORS[entry.actor]))
        for entry in reversed(timeline)
    ]


def _with_payer(amount: str, payer: object) -> str:
    """An amount, and whose shared link it came through."""
    return speech.gettext("%(amount)s, with the link for %(name)s", amount=amount, name=payer) if payer else amount


def _of_link(label: object, action: object) -> str | None:
    """Whom a link was for, and what it opens."""
    what = _OF_LINKS_MAY.get(str(action))
    parts = [str(label or ""), speech.gettext(what) if what else ""]
    return " · ".join(part for part in parts if part) or None


def _text(entry: TimelineEntry) -> str:
    words = _WORDS.get(entry.kind) or (entry.to_status and _WORDS[_STATUS_WORDS[entry.to_status]])
    return speech.gettext(words or N_("Something was noted"))


def _detail(entry: TimelineEntry) -> str | None:
    known = entry.details
    cents, currency, days = known.get("amount_cents"), known.get("currency"), known.get("event_on")
    if isinstance(cents, int) and isinstance(currency, str):
        amount = speech.current().money(cents, currency)
        return _with_payer(amount, known.get("payer"))
    if entry.kind in _OF_LINKS:
        return _of_link(known.get("label"), known.get("action"))
    back = known.get("refund_cents")
    if isinstance(back, int) and isinstance(currency, str):
        amount = speech.current().money(back, currency)
        return speech.gettext("%(amount)s goes back", amount=amount) if back else None
    if isinstance(days, list) and len(days) == 2 and days[0] != days[1]:  # noqa: PLR2004  before and after
        before, after = (speech.current().date_medium(date.fromisoformat(day)) for day in days)
        return f"{before} → {after}"
    return None
