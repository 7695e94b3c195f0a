"""The refund formula: worked examples, and what holds for any policy, price, payments and day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bookings.policy.cancellation import CancellationPolicy, Kept, Tier, faults
from portal.bookings.policy.examples import EXAMPLES, Example
from portal.bookings.policy.refund import Amounts, Paid, Reason, Sold, rebooked_share, refund
from portal.bookings.policy.timeline import steps, steps_before

EVENT = date(2027, 6, 12)
LONG_AGO = date(2026, 1, 1)


def paid(*cents: int) -> list[Paid]:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    return [Paid(uuid4(), amount, at + timedelta(days=number)) for number, amount in enumerate(cents)]


def policy(
    *tiers: tuple[int, int], kept: Kept = Kept.NOTHING, fee: int = 0, flat: int = 0, add_ons: int | None = None,
    cooling_off: int = 0,
) -> CancellationPolicy:  # fmt: skip
    return CancellationPolicy(tuple(Tier(*tier) for tier in tiers), kept, fee, flat, add_ons, cooling_off)


def sold(total: int = 180_000, add_ons: int = 0, deposit: int = 90_000, booked_on: date = LONG_AGO) -> Sold:
    return Sold(Amounts(total, add_ons, deposit), EVENT, booked_on)


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_worked_example_is_what_the_formula_says(example: Example) -> None:
    on = EVENT - timedelta(days=example.DAYS_BEFORE)
    booked_on = on - timedelta(days=example.days_after_booking or 0)
    found = refund(example.policy, Sold(example.amounts, EVENT, booked_on), paid(example.paid_cents), on=on)
    assert found.figures.refund_cents == example.refund_cents
    assert found.figures.refund_cents + found.figures.kept_cents == example.paid_cents
    assert rebooked_share(example.policy, found.figures.kept_cents) == example.rebooked_cents


@pytest.mark.parametrize(
    ("terms", "payments", "refunded"),
    [
        (policy((60, 100), kept=Kept.DEPOSIT), [90_000], 0),
        (policy((60, 100), kept=Kept.DEPOSIT), [90_000, 90_000], 90_000),
        (policy((60, 50)), [180_000], 90_000),
        (policy((60, 50), flat=10_000), [180_000], 85_000),
        (policy((60, 100), add_ons=61), [180_000], 150_000),
        (policy((60, 50), kept=Kept.FEE, fee=20_000, flat=10_000), [180_000], 75_000),
        (policy((61, 100)), [180_000], 0),
        (policy(), [180_000], 0),
    ],
)
def test_the_table_of_the_terms(terms: CancellationPolicy, payments: list[int], refunded: int) -> None:
    add_ons = 30_000 if terms.add_ons_days else 0
    found = refund(terms, sold(add_ons=add_ons), paid(*payments), on=EVENT - timedelta(days=60))
    assert found.figures.refund_cents == refunded


def test_on_the_third_day_of_a_cooling_off_all_comes_back_and_after_the_last_the_terms_hold() -> None:
    terms = policy((60, 100), kept=Kept.DEPOSIT, cooling_off=14)
    booked_on = date(2027, 1, 1)
    made = sold(booked_on=booked_on)
    for days, refunded in ((3, 180_000), (14, 180_000), (15, 90_000)):
        found = refund(terms, made, paid(90_000, 90_000), on=booked_on + timedelta(days=days))
        assert found.figures.refund_cents == refunded, days


def test_a_boundary_favours_the_couple() -> None:
    terms = policy((90, 100), (30, 50))
    for days, refunded in ((90, 1_000), (89, 500), (30, 500), (29, 0), (0, 0), (-1, 0)):
        found = refund(terms, sold(1_000), paid(1_000), on=EVENT - timedelta(days=days))
        assert found.figures.refund_cents == refunded, days


def test_while_half_is_paid_half_of_the_late_add_ons_stay_rounded_half_up() -> None:
    found = refund(policy((0, 100), add_ons=10), sold(1_001, add_ons=101), paid(500), on=EVENT)
    assert found.figures.basis.late_add_ons_cents == 50  # 101 × 500 / 1001 = 50.45
    found = refund(policy((0, 100), add_ons=10), sold(1_000, add_ons=101), paid(500), on=EVENT)
    assert found.figures.basis.late_add_ons_cents == 51  # 50.5
    assert found.figures.refund_cents == 449


def test_add_ons_come_back_to_the_end_of_their_last_day() -> None:
    terms = policy((0, 100), add_ons=10)
    for days, refunded in ((10, 1_000), (9, 700)):
        found = refund(terms, sold(1_000, add_ons=300), paid(1_000), on=EVENT - timedelta(days=days))
        assert found.figures.refund_cents == refunded, days


def test_half_a_cent_goes_to_the_couple() -> None:
    assert refund(policy((0, 50)), sold(), paid(101), on=EVENT).figures.refund_cents == 51


@pytest.mark.parametrize(("percent", "kept", "back"), [(50, 101, 51), (1, 50, 1), (1, 49, 0), (100, 7, 7), (0, 7, 0)])
def test_a_date_that_is_sold_again_gives_a_share_of_what_was_kept_rounded_half_up(
    percent: int, kept: int, back: int
) -> None:
    assert rebooked_share(replace(policy(), rebooked_percent=percent), kept) == back


def test_the_newest_payment_is_given_back_first() -> None:
    payments = paid(90_000, 60_000, 30_000)
    found = refund(policy((0, 50)), sold(), payments, on=EVENT)
    assert [(part.payment_id, part.cents) for part in found.parts] == [
        (payments[2].payment_id, 30_000),
        (payments[1].payment_id, 60_000),
    ]


def test_why_is_told_in_values() -> None:
    terms = policy((60, 50), kept=Kept.DEPOSIT, flat=1_000, cooling_off=3)
    basis = refund(terms, sold(), paid(180_000), on=EVENT - timedelta(days=70)).figures.basis
    assert (basis.reason, basis.percent, basis.tier_days, basis.fixed_cents) == (Reason.TIER, 50, 60, 91_000)
    assert refund(terms, sold(), paid(1), on=EVENT).figures.basis.reason is Reason.TOO_LATE
    assert refund(terms, sold(booked_on=EVENT), paid(1), on=EVENT).figures.basis.reason is Reason.COOLING_OFF


# ---- for any policy, price, payments and day ----


@st.composite
def policies(draw: st.DrawFn) -> CancellationPolicy:
    days = sorted(draw(st.sets(st.integers(0, 400), max_size=5)), reverse=True)
    percents = sorted(draw(st.sets(st.integers(0, 100), min_size=len(days), max_size=len(days))), reverse=True)
    kept = draw(st.sampled_from(Kept))
    found = CancellationPolicy(
        tiers=tuple(Tier(*pair) for pair in zip(days, percents, strict=True)),
        kept=kept,
        booking_fee_cents=draw(st.integers(1, 300_000)) if kept is Kept.FEE else 0,
        flat_fee_cents=draw(st.integers(0, 300_000)),
        add_ons_days=draw(st.none() | st.integers(0, 400)),
        cooling_off_days=draw(st.integers(0, 90)),
        rebooked_percent=draw(st.integers(0, 100)),
    )
    assert faults(found) == {}
    return found


@st.composite
def sales(draw: st.DrawFn) -> tuple[Sold, list[Paid]]:
    total = draw(st.integers(1, 1_000_000))
    amounts = Amounts(total, draw(st.integers(0, total)), draw(st.integers(0, total)))
    booked_on = EVENT - timedelta(days=draw(st.integers(0, 450)))
    lefts = draw(st.lists(st.integers(0, total), max_size=4))
    same = datetime(2026, 5, 1, tzinfo=UTC)
    payments = [Paid(UUID(int=number), left, same) for number, left in enumerate(lefts)]
    return Sold(amounts, EVENT, booked_on), payments


@given(policies(), sales(), st.integers(-5, 460))
def test_parts_add_up_and_nothing_is_more_than_is_left(
    terms: CancellationPolicy, sale: tuple[Sold, list[Paid]], days: int
) -> None:
    made, payments = sale
    captured = sum(each.left_cents for each in payments)
    found = refund(terms, made, payments, on=EVENT - timedelta(days=days))
    assert found.figures.refund_cents + found.figures.kept_cents == found.figures.captured_cents == captured
    assert 0 <= found.figures.refund_cents <= captured
    assert 0 <= rebooked_share(terms, found.figures.kept_cents) <= found.figures.kept_cents
    assert sum(part.cents for part in found.parts) == found.figures.refund_cents
    left = {each.payment_id: each.left_cents for each in payments}
    assert all(0 < part.cents <= left[part.payment_id] for part in found.parts)


@given(policies(), sales())
def test_the_timeline_says_on_every_day_what_a_cancellation_then_gives_back(
    terms: CancellationPolicy, sale: tuple[Sold, list[Paid]]
) -> None:
    made, payments = sale
    captured = sum(each.left_cents for each in payments)
    told = steps(terms, made, captured, today=made.booked_on)
    for number in range((EVENT - made.booked_on).days + 3):
        on = made.booked_on + timedelta(days=number)
        step = next((step for step in told if on <= step.until), None)
        assert (step.cents if step else 0) == refund(terms, made, payments, on=on).figures.refund_cents, on


@given(policies(), sales())
def test_steps_fall_with_time(terms: CancellationPolicy, sale: tuple[Sold, list[Paid]]) -> None:
    made, payments = sale
    told = steps(terms, made, sum(each.left_cents for each in payments), today=made.booked_on)
    assert [step.until for step in told] == sorted({step.until for step in told})
    assert [step.cents for step in told] == sorted({step.cents for step in told}, reverse=True)
    assert all(made.booked_on <= step.until <= EVENT and step.cents > 0 for step in told)


@given(policies(), sales(), st.integers(0, 460))
def test_a_timeline_that_begins_later_is_the_rest_of_the_same(
    terms: CancellationPolicy, sale: tuple[Sold, list[Paid]], days: int
) -> None:
    made, payments = sale
    captured = sum(each.left_cents for each in payments)
    today = EVENT - timedelta(days=days)
    whole = steps(terms, made, captured, today=EVENT - timedelta(days=2_000))
    assert steps(terms, made, captured, today=today) == tuple(step for step in whole if step.until >= today)


@given(policies(), sales())
def test_without_a_date_the_steps_are_those_of_any_date(
    terms: CancellationPolicy, sale: tuple[Sold, list[Paid]]
) -> None:
    made, payments = sale
    captured = sum(each.left_cents for each in payments)
    long_ago = Sold(made.amounts, EVENT, EVENT - timedelta(days=3_000))
    dated = steps(terms, long_ago, captured, today=EVENT - timedelta(days=2_000))
    before = steps_before(terms, made.amounts, captured)
    assert [(EVENT - timedelta(days=step.days), step.cents) for step in before] == [
        (step.until, step.cents) for step in dated
    ]
