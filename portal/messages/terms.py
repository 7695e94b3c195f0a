"""A booking's terms in words: until when a cancellation gives how much back, and how the date may move.

The steps are the formula's; here they only become sentences in the tenant's language, for pages and mails alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.bookings.policy import timeline
from portal.bookings.policy.cancellation import CancellationPolicy
from portal.bookings.policy.moving import MovePolicy, MovePrice
from portal.bookings.policy.refund import Amounts, Sold
from portal.bookings.policy.snapshot import Snapshot
from portal.bookings.policy.timeline import Step, StepBefore
from portal.bookings.queries import BookingView
from portal.kernel.text import N_
from portal.lifecycle import terms as lifecycle
from portal.lifecycle.overview import Overview
from portal.tenants.language import Language

DEPOSIT = N_("Once the deposit of %(amount)s is paid")
EVERYTHING = N_("Once the whole %(amount)s is paid")
SO_FAR = N_("Of the %(amount)s that you have paid")


@dataclass(frozen=True, slots=True)
class Said:
    """What a cancellation gives back of a sum; the label says of which."""

    label: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Words:
    """The terms, ready to be read."""

    cancelling: list[Said]
    moving: list[str]


@dataclass(frozen=True, slots=True)
class Case:
    """A sum that may have been paid; ``label`` is one of the three above."""

    label: str
    cents: int


def of_offer(
    language: Language,
    terms: Snapshot,
    amounts: Amounts,
    cases: Sequence[Case],
    currency: str,
    *,
    event_on: date | None,
    today: date,
) -> Words:
    """The terms of what is not booked yet, for a date or for any."""
    policy, said = terms.cancellation, []
    for case in cases:
        if event_on:
            found = timeline.steps(policy, Sold(amounts, event_on, today), case.cents, today=today)
            sentence = dated(language, found, currency)
        else:
            sentence = undated(language, timeline.steps_before(policy, amounts, case.cents), currency)
        said.append(_said(language, case, sentence, currency))
    if policy.cooling_off_days and not event_on:
        said.append(Said(language.gettext("If you change your mind"), _cooling_off(language, policy)))
    said += _rebooked(language, policy)
    return Words(said, moving(language, terms.moving, currency, event_on=event_on))


def of_booking(language: Language, booking: BookingView, account: Overview, *, at: datetime) -> Words:
    """The terms of a booking, for what was paid so far and for everything."""
    zone, captured = language.timezone, lifecycle.captured_cents(account)
    cases = [(Case(SO_FAR, captured), lifecycle.steps_of(booking, account, zone=zone, at=at))]
    if account.open_cents:
        everything = Case(EVERYTHING, captured + account.open_cents)
        cases.append((everything, lifecycle.steps_when_paid(booking, account, zone=zone, at=at)))
    currency = booking.currency
    said = [_said(language, case, dated(language, steps, currency), currency) for case, steps in cases]
    said += _rebooked(language, booking.policy.cancellation)
    today = at.astimezone(language.zone).date()
    return Words(said, moves_of(language, booking, today))


def moves_of(language: Language, booking: BookingView, today: date) -> list[str]:
    """How the date of a booking may still move, in whole sentences."""
    policy, done = booking.policy.moving, booking.moves_done
    if today > policy.last_on(booking.event_on) or (policy.is_possible and policy.fee_cents(done) is None):
        return [language.gettext("The date cannot be moved any more.")]
    return moving(language, policy, booking.currency, event_on=booking.event_on, moves_done=done)


def dated(language: Language, steps: Sequence[Step], currency: str) -> str:
    """``Until May 3, 2027 you get $900.00 back, until June 2, 2027 $450.00, then nothing.``"""
    parts = []
    for number, step in enumerate(steps):
        text = N_("until %(day)s %(amount)s") if number else N_("Until %(day)s you get %(amount)s back")
        day, amount = language.date_medium(step.until), language.money(step.cents, currency)
        parts.append(language.gettext(text, day=day, amount=amount))
    return _sentence(language, parts)


def undated(language: Language, steps: Sequence[StepBefore], currency: str) -> str:
    """``Up to 90 days before the day you get $900.00 back, up to 30 days $450.00, then nothing.``"""
    parts = []
    for number, step in enumerate(steps):
        amount = language.money(step.cents, currency)
        if step.days == 0:
            text = (
                N_("until the day itself %(amount)s") if number else N_("Until the day itself you get %(amount)s back")
            )
            parts.append(language.gettext(text, amount=amount))
        elif number:
            parts.append(
                language.ngettext(
                    "up to %(num)d day %(amount)s", "up to %(num)d days %(amount)s", step.days, amount=amount
                )
            )
        else:
            parts.append(
                language.ngettext(
                    "Up to %(num)d day before your day you get %(amount)s back",
                    "Up to %(num)d days before your day you get %(amount)s back",
                    step.days,
                    amount=amount,
                )
            )
    return _sentence(language, parts)


def moving(
    language: Language, policy: MovePolicy, currency: str, *, event_on: date | None, moves_done: int = 0
) -> list[str]:
    """How the date may move, in whole sentences; after some moves, what the next ones cost."""
    if not policy.is_possible:
        return [language.gettext("The date cannot be moved.")]
    costs = _next_costs(language, policy, currency, moves_done) if moves_done else _costs(language, policy, currency)
    said = [_until(language, policy, event_on), *costs]
    if policy.farthest_days is not None:
        said.append(
            language.ngettext(
                "The new date can be at most %(num)d day from the first one.",
                "The new date can be at most %(num)d days from the first one.",
                policy.farthest_days,
            )
        )
    if policy.price is MovePrice.OLD:
        said.append(language.gettext("The price stays as it is."))
    else:
        said.append(language.gettext("The price is that of the new date."))
    if policy.may_change_package:
        said.append(language.gettext("You may change the package with it."))
    return said


def _until(language: Language, policy: MovePolicy, event_on: date | None) -> str:
    if event_on:
        day = language.date_medium(policy.last_on(event_on))
        return language.gettext("You can move your date until %(day)s.", day=day)
    if policy.cutoff_days == 0:
        return language.gettext("You can move your date until the day itself.")
    return language.ngettext(
        "You can move your date up to %(num)d day before it.",
        "You can move your date up to %(num)d days before it.",
        policy.cutoff_days,
    )


def _costs(language: Language, policy: MovePolicy, currency: str) -> list[str]:
    fees = [language.money(cents, currency) for cents in policy.fees_cents]
    amounts = language.gettext(", then ").join(fees)
    if not policy.free_moves:
        return [language.gettext("A move costs %(amounts)s.", amounts=amounts)]
    free = language.ngettext("The first move is free.", "The first %(num)d moves are free.", policy.free_moves)
    if not fees:
        return [free, language.gettext("After that the date stays.")]
    return [free, language.gettext("After that a move costs %(amounts)s.", amounts=amounts)]


def _next_costs(language: Language, policy: MovePolicy, currency: str, moves_done: int) -> list[str]:
    free = max(0, policy.free_moves - moves_done)
    rest = policy.fees_cents[max(0, moves_done - policy.free_moves) :] or policy.fees_cents[-1:]
    amounts = language.gettext(", then ").join(language.money(cents, currency) for cents in rest)
    if not free:
        return [language.gettext("The next move costs %(amounts)s.", amounts=amounts)]
    said = language.ngettext("The next move is free, too.", "The next %(num)d moves are free, too.", free)
    if not rest:
        return [said, language.gettext("After that the date stays.")]
    return [said, language.gettext("After that a move costs %(amounts)s.", amounts=amounts)]


def _said(language: Language, case: Case, sentence: str, currency: str) -> Said:
    return Said(language.gettext(case.label, amount=language.money(case.cents, currency)), sentence)


def _cooling_off(language: Language, policy: CancellationPolicy) -> str:
    return language.ngettext(
        "For %(num)d day after booking you get everything back.",
        "For %(num)d days after booking you get everything back.",
        policy.cooling_off_days,
    )


def _rebooked(language: Language, policy: CancellationPolicy) -> list[Said]:
    if not policy.rebooked_percent:
        return []
    share = language.percent_bp(policy.rebooked_percent * 100)
    label = language.gettext("If others book your date after you have cancelled")
    return [Said(label, language.gettext("%(share)s of what was kept goes back to you as well.", share=share))]


def _sentence(language: Language, parts: list[str]) -> str:
    if not parts:
        return language.gettext("If you cancel, nothing is given back.")
    return ", ".join([*parts, language.gettext("then nothing")]) + "."
