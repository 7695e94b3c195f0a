"""The example beside the terms, and the worked examples of the help: every figure is the formula's."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from portal.availability.rules import furthest_on
from portal.bookings import pricing
from portal.bookings.policy import refund as formula
from portal.bookings.policy import timeline
from portal.bookings.policy.cancellation import CancellationPolicy, Kept
from portal.bookings.policy.examples import EXAMPLES, Example
from portal.bookings.policy.moving import MovePolicy
from portal.bookings.policy.refund import Amounts, Paid, Sold
from portal.bookings.policy.snapshot import Snapshot
from portal.bookings.pricing import PricedPackage
from portal.kernel.money import percent
from portal.lifecycle import hold_terms
from portal.messages.terms import Words
from portal.tenants.queries import TenantView
from portal.web import speech
from portal.web.speech import gettext as _
from portal.web.storefront import promises

_AHEAD = 180
_ONCE = datetime(2000, 1, 1, tzinfo=UTC)  # a single payment has no order


@dataclass(frozen=True, slots=True)
class Row:
    """A cancellation on a day, everything being paid."""

    on: date
    back_cents: int
    kept_cents: int
    rebooked_cents: int


@dataclass(frozen=True, slots=True)
class Shown:
    """The example."""

    package: str
    event_on: date
    total_cents: int
    words: Words
    rows: list[Row]
    has_share: bool


def shown(
    tenant: TenantView, package: PricedPackage, cancellation: CancellationPolicy, moving: MovePolicy, today: date
) -> Shown:
    """A couple that books a package today, for a day on which every row of the terms can be seen."""
    total = pricing.price(package, {}, (), tenant.tax_mode).total_cents
    terms = Snapshot(cancellation, moving, percent(total, tenant.deposit_percent or 0))
    days = (
        max([_AHEAD, *(tier.days for tier in cancellation.tiers), moving.cutoff_days]) + cancellation.cooling_off_days
    )
    event_on = min(today + timedelta(days=days + 1), furthest_on(today))
    plans = hold_terms.plan(tenant, total, event_on=event_on, today=today, pays_in_full=False)
    amounts = Amounts(total, 0, terms.deposit_cents)
    words = promises.words(tenant, terms, amounts, plans, event_on=event_on, today=today)
    sold = Sold(amounts, event_on, today)
    ends = [step.until for step in timeline.steps(cancellation, sold, total, today=today)]
    after = ends[-1] + timedelta(days=1) if ends else today
    return Shown(
        package=package.name,
        event_on=event_on,
        total_cents=total,
        words=words,
        rows=[_row(cancellation, sold, on) for on in [*ends, after] if on <= event_on],
        has_share=cancellation.rebooked_percent > 0,
    )


def worked() -> list[dict[str, object]]:
    """The examples of the help: what was paid, under which terms, what comes back."""
    return [
        {
            "paid": speech.current().number(each.paid_cents // 100),
            "terms": ", ".join(_terms(each)),
            "back": _back(each),
        }
        for each in EXAMPLES
    ]


def _back(example: Example) -> str:
    number = speech.current().number
    back = number(example.refund_cents // 100)
    if not example.rebooked_cents:
        return back
    return _("%(amount)s, then %(more)s more", amount=back, more=number(example.rebooked_cents // 100))


def _row(policy: CancellationPolicy, sold: Sold, on: date) -> Row:
    figures = formula.refund(policy, sold, [Paid(UUID(int=0), sold.amounts.total_cents, _ONCE)], on=on).figures
    further = formula.rebooked_share(policy, figures.kept_cents)
    return Row(on, figures.refund_cents, figures.kept_cents, further)


def _terms(example: Example) -> list[str]:
    """The terms of a worked example, without amounts of a currency that is not the reader's."""
    number = speech.current().number
    kept = {
        Kept.NOTHING: _("nothing is kept"),
        Kept.DEPOSIT: _("the deposit of %(amount)s is kept", amount=number(example.DEPOSIT_CENTS // 100)),
        Kept.FEE: _("a booking fee of %(amount)s is kept", amount=number(example.booking_fee_cents // 100)),
    }
    said = [kept[example.kept], _("%(share)s back", share=speech.current().percent_bp(example.percent * 100))]
    if example.flat_fee_cents:
        said.append(_("flat fee of %(amount)s", amount=number(example.flat_fee_cents // 100)))
    if example.add_ons_cents:
        said.append(_("late add-ons of %(amount)s", amount=number(example.add_ons_cents // 100)))
    if example.rebooked_percent:
        share = speech.current().percent_bp(example.rebooked_percent * 100)
        said.append(_("%(share)s of what is kept once the date is sold again", share=share))
    if example.days_after_booking:
        said.append(_("day %(day)s of a cooling-off of 14 days", day=example.days_after_booking))
    return said
