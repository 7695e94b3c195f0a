"""The terms beside an offer: what a cancellation would give back of the deposit and of everything."""

from collections.abc import Sequence
from datetime import date

from portal.bookings.policy.refund import Amounts
from portal.bookings.policy.snapshot import Snapshot
from portal.bookings.pricing import Price
from portal.messages import terms as wording
from portal.messages.terms import Case, Words
from portal.payments.policy import StagePlan
from portal.tenants.queries import TenantView
from portal.web import speech


def of_price(price: Price, terms: Snapshot) -> Amounts:
    """A price as the formula takes it."""
    add_ons = sum(line.gross_cents for line in price.lines if line.add_on_id)
    return Amounts(price.total_cents, add_ons, terms.deposit_cents)


def words(
    tenant: TenantView,
    terms: Snapshot,
    amounts: Amounts,
    plans: Sequence[StagePlan],
    *,
    event_on: date | None,
    today: date,
) -> Words:
    """The terms in words. ``plans`` are how the price would be paid: a deposit and the rest, or all at once."""
    cases = [Case(wording.EVERYTHING, amounts.total_cents)]
    if len(plans) > 1:
        cases.insert(0, Case(wording.DEPOSIT, plans[0].amount_cents))
    return wording.of_offer(speech.current(), terms, amounts, cases, tenant.currency, event_on=event_on, today=today)
