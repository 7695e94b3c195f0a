"""Pure decisions about money: the stages of a price, and the platform's commission over them.

Parts always add up to the whole: the last stage is the rest, and the fees over all stages are the commission
of the total, to the cent. No database, no clock, no settings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Protocol
from uuid import UUID

from portal.kernel.money import percent, round_up
from portal.payments.gateway import Session
from portal.payments.states import StageType

# Stripe wants at least 30 minutes when it reads the request; the hold lives as long as the session.
SESSION_LIFETIME = timedelta(minutes=35)
# A session with less left than this is no good to somebody who still has to find their card.
LEAST_LEFT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One part of a price before it is written down."""

    number: int
    type: StageType
    amount_cents: int
    due_on: date


class Sold(Protocol):
    """What a checkout was made for."""

    @property
    def id(self) -> UUID: ...
    @property
    def tenant_id(self) -> UUID: ...
    @property
    def amount_cents(self) -> int: ...
    @property
    def currency(self) -> str: ...
    @property
    def stripe_checkout_session_id(self) -> str | None: ...


def plan_stages(
    total_cents: int,
    *,
    deposit_percent: int | None,
    balance_due_days: int,
    event_on: date,
    today: date,
    pays_in_full: bool,
    offers_deposit: bool = True,
) -> list[StagePlan]:
    """How a price is paid: a deposit today and the rest before the event, or all of it today.

    ``offers_deposit`` is the installation's switch FEATURE_DEPOSITS_ENABLED.
    """
    whole = [StagePlan(1, StageType.FULL, total_cents, today)]
    rest_due_on = event_on - timedelta(days=balance_due_days)
    if pays_in_full or not offers_deposit or deposit_percent is None or rest_due_on <= today:
        return whole
    deposit_cents = percent(total_cents, deposit_percent)
    if not 0 < deposit_cents < total_cents:  # a price of a few cents
        return whole
    return [
        StagePlan(1, StageType.DEPOSIT, deposit_cents, today),
        StagePlan(2, StageType.REMAINDER, total_cents - deposit_cents, rest_due_on),
    ]


def split_commission(commission_cents: int, stage_cents: Sequence[int]) -> list[int]:
    """The fee of each stage: rounded up on the running sum, so that together they are the commission."""
    whole = sum(stage_cents)
    fees: list[int] = []
    paid = 0
    for amount in stage_cents:
        paid += amount
        upto = round_up(Fraction(commission_cents * paid, whole))
        fees.append(upto - sum(fees))
    return fees


def differences(sold: Sold, session: Session, *, is_live: bool) -> list[str]:
    """In what a paid session differs from what was sold; empty when it may confirm a booking."""
    intent = session.intent
    checks = {
        "amount": session.amount_total == sold.amount_cents
        and intent is not None
        and intent.amount_received == sold.amount_cents,
        "currency": session.currency == sold.currency and intent is not None and intent.currency == sold.currency,
        "mode": session.is_live == is_live and intent is not None and intent.is_live == is_live,
        "session": session.id == sold.stripe_checkout_session_id,
        "checkout": session.metadata.get("checkout") == str(sold.id),
        "tenant": session.metadata.get("tenant") == str(sold.tenant_id),
    }
    return [name for name, is_equal in checks.items() if not is_equal]
