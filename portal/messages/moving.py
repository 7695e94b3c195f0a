"""A move of the date in words and figures, as a quote of it was shown: before and after. For pages and mails alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.bookings.queries import BookingView, LineView
from portal.bookings.quotes import Quote
from portal.bookings.states import Actor
from portal.lifecycle.overview import Overview, Payment, Stage
from portal.messages import figures, terms
from portal.messages.figures import Row
from portal.messages.terms import Words
from portal.payments.states import StageStatus, StageType
from portal.tenants.language import Language


@dataclass(frozen=True, slots=True)
class Days:
    """The first and the last day of an event."""

    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class Move:
    """What a page shows of a move; of each pair the first is before it, the second after it."""

    days: tuple[Days, Days]
    packages: tuple[str, str]
    totals: tuple[int, int]
    parts: tuple[list[Row], list[Row]]
    price: list[Row]
    fee_cents: int
    due_now_cents: int
    refund_cents: int
    words: Words


@dataclass(frozen=True, slots=True)
class Told:
    """What a mail tells of a move."""

    before: date
    before_last_on: date
    after: date
    after_last_on: date
    is_couples: bool
    why_not: str  # why it came to nothing; empty when it was done


def dates(quote: Quote) -> tuple[date, date]:
    """The day that a booking moves from and the day that it moves to."""
    before, after = quote.result["event_on"]
    return date.fromisoformat(before), date.fromisoformat(after)


def told(quote: Quote, account: Overview) -> Told:
    """The days of a move that was confirmed, and what the timeline says of its end."""
    before, after = days(quote)
    ends = (each.details for each in account.timeline if each.kind == "move_lapsed")
    why_not = next((str(each["why"]) for each in ends if each.get("quote") == str(quote.id)), "")
    return Told(before.first_on, before.last_on, after.first_on, after.last_on, quote.actor is Actor.COUPLE, why_not)


def days(quote: Quote) -> tuple[Days, Days]:
    """The days before and after."""
    before, after = (
        Days(first_on, first_on + timedelta(days=length - 1))
        for first_on, length in zip(dates(quote), quote.result["days"], strict=True)
    )
    return before, after


def shown(
    language: Language, booking: BookingView, account: Overview, quote: Quote, *, tax_label: str, at: datetime
) -> Move:
    """A quote beside the booking as it stands."""
    result, today = quote.result, at.astimezone(language.zone).date()
    return Move(
        days=days(quote),
        packages=(result["package"][0], result["package"][1]),
        totals=(result["total_cents"][0], result["total_cents"][1]),
        parts=(parts_of(language, account.stages, today), parts_of(language, planned(quote), today)),
        price=price_after(language, booking, quote, tax_label),
        fee_cents=result["fee_cents"],
        due_now_cents=result["due_now_cents"],
        refund_cents=result["refund_cents"],
        words=_words(language, booking, account, quote, at),
    )


def parts_of(language: Language, stages: Sequence[Stage], today: date) -> list[Row]:
    """Each part of the price: paid, or when it is due."""
    return [_part(language, stage, today) for stage in stages if stage.is_open or stage.status is StageStatus.COMPLETED]


def _part(language: Language, stage: Stage, today: date) -> Row:
    title = language.gettext(figures.STAGE_TITLES[stage.type])
    if not stage.is_open:
        return Row(title, stage.amount_cents, "", language.gettext("Paid"))
    day = language.date_medium(stage.due_on)
    due = language.gettext("Due now") if stage.due_on <= today else language.gettext("Due on %(day)s", day=day)
    return Row(title, stage.amount_cents, "due", due)


def price_after(language: Language, booking: BookingView, quote: Quote, tax_label: str) -> list[Row]:
    """The price after the move, line by line."""
    result = quote.result
    moved = replace(booking, tax_cents=result["tax_cents"], total_cents=result["total_cents"][1])
    lines = [
        LineView(None, each["description"], each["quantity"], 0, each["net_cents"], Decimal(0), 0, each["gross_cents"])
        for each in result["lines"]
    ]
    return figures.priced(language, moved, lines, tax_label)


def _words(language: Language, booking: BookingView, account: Overview, quote: Quote, at: datetime) -> Words:
    """The terms as they will read once it is done, what is due now paid."""
    due_now, stages = quote.result["due_now_cents"], planned(quote)
    paid = Payment(quote.id, due_now, "", "", at, due_now)
    later = replace(
        account,
        stages=[stage for stage, each in zip(stages, quote.result["stages"], strict=True) if not each["is_first"]],
        payments=[*account.payments, paid] if due_now else account.payments,
    )
    moved = replace(
        booking,
        event_on=dates(quote)[1],
        total_cents=quote.result["total_cents"][1],
        moves_done=booking.moves_done + (quote.actor is Actor.COUPLE),
    )
    return terms.of_booking(language, moved, later, at=at)


def planned(quote: Quote) -> list[Stage]:
    """The stages as they will stand."""
    return [_stage(each) for each in quote.result["stages"]]


def _stage(each: Mapping[str, Any]) -> Stage:
    status = StageStatus.COMPLETED if each["is_paid"] else StageStatus.PENDING
    return Stage(UUID(int=0), StageType(each["type"]), each["amount_cents"], date.fromisoformat(each["due_on"]), status)
