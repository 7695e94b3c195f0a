"""A booking's figures as rows with words: what it costs, what was paid, what is due. For pages and mails alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from portal.bookings.queries import BookingView, LineView
from portal.kernel.tax import TaxMode
from portal.kernel.text import N_
from portal.lifecycle.overview import Overview, Payment, Refund, Stage
from portal.messages.schedule import BALANCE, Slot
from portal.payments.states import RefundStatus, StageType
from portal.tenants.language import Language

Kind = Literal["", "total", "due", "credit", "overdue"]
STAGE_TITLES = {
    StageType.FULL: N_("Full payment"),
    StageType.DEPOSIT: N_("Deposit"),
    StageType.REMAINDER: N_("Remainder"),
    StageType.INSTALLMENT: N_("Instalment"),
    StageType.FEE: N_("Fee"),
}
_REFUND_WORDS = {
    RefundStatus.PENDING: N_("Refund on its way"),
    RefundStatus.PROCESSING: N_("Refund on its way"),
    RefundStatus.COMPLETED: N_("Refunded on %(day)s"),
    RefundStatus.FAILED: N_("Refund did not go through; we are looking into it"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of figures."""

    label: str
    cents: int
    kind: Kind = ""
    note: str = ""


def price_rows(language: Language, booking: BookingView, overview: Overview, tax_label: str) -> list[Row]:
    """Lines, tax and total. Prices without tax are shown as they were advertised, the tax below them."""
    return priced(language, booking, overview.lines, tax_label)


def priced(language: Language, booking: BookingView, lines: Sequence[LineView], tax_label: str) -> list[Row]:
    """The same for the lines that it is going to have."""
    is_added = booking.tax_mode is TaxMode.EXCLUSIVE
    rows = [Row(_line_label(language, line), line.net_cents if is_added else line.gross_cents) for line in lines]
    label = tax_label or language.gettext("Tax")
    if is_added and booking.tax_cents:
        rows.append(Row(label[:1].upper() + label[1:], booking.tax_cents))
    included = ""
    if booking.tax_mode is TaxMode.INCLUSIVE and booking.tax_cents:
        amount = language.money(booking.tax_cents, booking.currency)
        included = language.gettext("including %(amount)s %(tax)s", amount=amount, tax=label)
    rows.append(Row(language.gettext("Total"), booking.total_cents, "total", included))
    return rows


def paid_rows(language: Language, overview: Overview) -> list[Row]:
    """What arrived and what went back, in order."""
    paid = [Row(_payment_label(language, payment), payment.amount_cents) for payment in overview.payments]
    returned = overview.standing_refunds
    return paid + [Row(_refund_label(language, refund), -refund.amount_cents, "credit") for refund in returned]


def due_rows(language: Language, overview: Overview, today: date, *, kept_until: datetime | None = None) -> list[Row]:
    """What is still to be paid and when; what books a date that is kept for some days, until then."""
    return [_due_row(language, overview, stage, today, kept_until) for stage in overview.open_stages]


def due_now_cents(overview: Overview, today: date) -> int:
    """What is due by now, in all."""
    return sum(stage.amount_cents for stage in overview.open_stages if stage.due_on <= today)


@dataclass(frozen=True, slots=True)
class Balance:
    """What a reminder of a payment speaks of: everything that is open and due by its day."""

    due_on: date
    cents: int


def balance(overview: Overview, slot: Slot | None) -> Balance | None:
    """What a planned message asks for; None for one that asks for nothing."""
    if slot is None or slot.kind not in BALANCE:
        return None
    due = [stage.amount_cents for stage in overview.open_stages if stage.due_on <= slot.about_on]
    return Balance(slot.about_on, sum(due))


def is_overdue(overview: Overview, stage: Stage, today: date) -> bool:
    """Whether its day has passed. What a date is held for is due now, however long ago the form was sent."""
    return stage.due_on < today and overview.received_cents > 0


def due_label(
    language: Language, overview: Overview, stage: Stage, today: date, kept_until: datetime | None = None
) -> str:
    """When something is due, or since when it is overdue."""
    if kept_until is not None and stage.due_on <= today:
        return language.gettext("To book it, until %(time)s", time=language.datetime_medium(kept_until))
    day = language.date_medium(stage.due_on)
    if is_overdue(overview, stage, today):
        return language.gettext("Overdue since %(day)s", day=day)
    return language.gettext("Due now") if stage.due_on <= today else language.gettext("Due on %(day)s", day=day)


def _line_label(language: Language, line: LineView) -> str:
    if line.quantity == 1:
        return line.description
    return language.gettext("%(name)s × %(quantity)s", name=line.description, quantity=language.number(line.quantity))


def _payment_label(language: Language, payment: Payment) -> str:
    day = language.date_medium(payment.captured_at.astimezone(language.zone).date())
    if payment.card_last4:
        return language.gettext("Paid on %(day)s, card ending in %(last4)s", day=day, last4=payment.card_last4)
    return language.gettext("Paid on %(day)s", day=day)


def _refund_label(language: Language, refund: Refund) -> str:
    day = language.date_medium(refund.changed_at.astimezone(language.zone).date())
    return language.gettext(_REFUND_WORDS[refund.status], day=day)


def _due_row(language: Language, overview: Overview, stage: Stage, today: date, kept_until: datetime | None) -> Row:
    kind: Kind = "overdue" if is_overdue(overview, stage, today) else "due"
    return Row(due_label(language, overview, stage, today, kept_until), stage.amount_cents, kind)
