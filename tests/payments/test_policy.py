"""Stages and fees always add up to the whole, whatever the price."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.money import round_up, share
from portal.payments.policy import plan_stages, split_commission
from portal.payments.session_parameters import stripe_locale
from portal.payments.states import StageType

TODAY = date(2027, 1, 10)
prices = st.integers(1, 10**9)


terms = st.fixed_dictionaries(
    {
        "deposit_percent": st.one_of(st.none(), st.integers(1, 99)),
        "balance_due_days": st.integers(0, 730),
        "event_on": st.integers(0, 1100).map(lambda days: TODAY + timedelta(days=days)),
        "pays_in_full": st.booleans(),
        "offers_deposit": st.booleans(),
    }
)


@given(total=prices, terms=terms)
def test_stages_add_up_and_are_due_in_order(total: int, terms: dict[str, Any]) -> None:
    plans = plan_stages(total, today=TODAY, **terms)
    assert sum(plan.amount_cents for plan in plans) == total
    assert all(plan.amount_cents > 0 for plan in plans)
    assert [plan.number for plan in plans] == list(range(1, len(plans) + 1))
    assert plans[0].due_on == TODAY
    if len(plans) == 1:
        assert plans[0].type is StageType.FULL
    else:
        assert [plan.type for plan in plans] == [StageType.DEPOSIT, StageType.REMAINDER]
        assert terms["offers_deposit"]
        assert not terms["pays_in_full"]
        assert TODAY < plans[1].due_on <= terms["event_on"]
        assert abs(plans[0].amount_cents * 100 - total * terms["deposit_percent"]) <= 50


def test_inside_the_balance_days_everything_is_due_now() -> None:
    for ahead, count in ((29, 1), (30, 1), (31, 2)):
        plans = plan_stages(
            1000,
            deposit_percent=50,
            balance_due_days=30,
            event_on=TODAY + timedelta(days=ahead),
            today=TODAY,
            pays_in_full=False,
        )
        assert len(plans) == count


def test_a_deposit_is_rounded_half_up_and_the_rest_is_the_rest() -> None:
    plans = plan_stages(
        333, deposit_percent=50, balance_due_days=0, event_on=date(2027, 6, 1), today=TODAY, pays_in_full=False
    )
    assert [plan.amount_cents for plan in plans] == [167, 166]


@given(stages=st.lists(prices, min_size=1, max_size=6), bp=st.integers(0, 5000))
def test_fees_add_up_to_the_commission_and_none_exceeds_its_share_by_a_cent(stages: list[int], bp: int) -> None:
    commission = round_up(share(sum(stages), bp))
    fees = split_commission(commission, stages)
    assert sum(fees) == commission
    assert all(0 <= fee <= amount for fee, amount in zip(fees, stages, strict=True))
    paid = 0
    for index, amount in enumerate(stages):
        paid += amount
        exact = share(paid, bp)
        assert exact <= sum(fees[: index + 1]) <= exact + 2


def test_stripes_page_speaks_the_tenants_language() -> None:
    assert [stripe_locale(name) for name in ("fr_FR", "en_GB", "en_US", "pt_BR", "eo_XX")] == [
        "fr", "en-GB", "en", "pt-BR", "auto",
    ]  # fmt: skip
