"""A booking's timeline in words, for the couple and the owner alike.

An unknown kind falls back to the state it led to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.bookings.queries import TimelineEntry
from portal.bookings.states import Actor, BookingStatus
from portal.kernel.text import N_
from portal.messages import changes
from portal.web import speech

_WORDS = {
    "held": N_("The date was held"),
    "hold_changed": N_("The booking was changed before it was paid"),
    "payment": N_("Payment received"),
    "confirmed": N_("The booking was confirmed"),
    "payment_failed": N_("The payment did not go through"),
    "hold_ended": N_("The time to pay ran out, and the date was given back"),
    "courtesy_held": N_("The date was kept without paying"),
    "challenged": N_("Somebody else asked for the date"),
    "released": N_("The date was given back without paying"),
    "courtesy_ended": N_("The time was over, and the date was given back"),
    "completed": N_("The day has passed"),
    "cancelled": N_("The booking was cancelled"),
    "cancelling": N_("The booking is being cancelled"),
    "cancellation_undone": N_("The cancellation was taken back"),
    "moved": N_("The date was moved"),
    "move_waits": N_("Another date is kept while it is paid for"),
    "move_lapsed": N_("The date was not moved and stays as it was"),
    "details_changed": N_("Details were changed"),
    "add_ons_changed": N_("The add-ons were changed"),
    "email_asked": N_("Another email address was given; it waits to be confirmed"),
    "email_given_up": N_("A new email address was given up before it was confirmed"),
    "email_changed": N_("An email address was changed"),
    "link_shared": N_("A link was shared"),
    "link_opened": N_("A shared link was opened for the first time"),
    "link_ended": N_("A link was ended"),
    "links_ended": N_("All links but one browser's were ended"),
    "messages_paused": N_("The coming messages were paused"),
    "messages_resumed": N_("The coming messages go on"),
    "message_skipped": N_("A coming message was left out"),
    "message_sent_now": N_("A coming message was sent early"),
    "link_resent": N_("The link was sent again"),
    "needs_review": N_("Somebody is looking into this booking"),
    "reviewed": N_("This was looked into"),
    "rebooked": N_("The date was booked again"),
    "refund_requested": N_("A refund was asked for"),
    "refund_completed": N_("The refund went out"),
    "refund_failed": N_("The refund did not go through"),
}
_OF_LINKS = {"link_shared", "link_opened", "link_ended", "link_resent"}
_OF_LINKS_MAY = {
    "manage": N_("opens everything"),
    "browser": N_("opens everything"),
    "reschedule": N_("moves the date"),
    "cancel": N_("cancels the booking"),
    "look": N_("only looks"),
    "pay": N_("only pays"),
}
_OF_MOVES = {"moved", "move_waits", "move_lapsed"}
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


def _of_challenge(entry: TimelineEntry) -> str:
    """How long a date stays its couple's that somebody else has asked for."""
    if entry.kind != "challenged":
        return ""
    until = datetime.fromisoformat(str(entry.details["until"]))
    return speech.gettext("kept until %(time)s", time=speech.current().datetime_medium(until))


def _of_move(entry: TimelineEntry) -> str:
    """From when to when a date moved, what that cost and what it gave back; of a day that was only kept, which."""
    if entry.kind not in _OF_MOVES:
        return ""
    language = speech.current()
    known: Mapping[str, Any] = entry.details
    before, after = (language.date_medium(date.fromisoformat(day)) for day in known["event_on"])
    if entry.kind != "moved":
        return after
    said, currency = [f"{before} → {after}"], known["currency"]
    if fee_cents := known["fee_cents"]:
        said.append(language.gettext("fee %(amount)s", amount=language.money(fee_cents, currency)))
    if back_cents := known["refund_cents"]:
        said.append(language.gettext("%(amount)s goes back", amount=language.money(back_cents, currency)))
    return " · ".join(said)


def _text(entry: TimelineEntry) -> str:
    words = _WORDS.get(entry.kind) or (entry.to_status and _WORDS[_STATUS_WORDS[entry.to_status]])
    return speech.gettext(words or N_("Something was noted"))


def _detail(entry: TimelineEntry) -> str | None:
    known = entry.details
    asked = str(known.get("email", "")) if entry.kind == "email_asked" else ""
    if said := changes.in_a_line(speech.current(), entry) or _of_move(entry) or _of_challenge(entry) or asked:
        return said
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
