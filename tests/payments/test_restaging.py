"""Whatever a change does to a price, the parts add up to it, and no more goes back than there is too much."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Conflict
from portal.payments.restaging import How, Part, Restaging, Stage, Target, after, plan
from portal.payments.states import StageStatus, StageType

TODAY, EVENT = date(2027, 1, 10), date(2027, 6, 12)
DUE = EVENT - timedelta(days=30)
LATER = date(2027, 8, 14)


def stage(
    cents: int, *, status: StageStatus = StageStatus.PENDING, kind: StageType = StageType.REMAINDER, due_on: date = DUE,
    number: int = 2, is_on_its_way: bool = False,
) -> Stage:  # fmt: skip
    return Stage(uuid4(), number, kind, cents, due_on, status, is_on_its_way)


def deposit(cents: int = 900) -> Stage:
    return stage(cents, status=StageStatus.COMPLETED, kind=StageType.DEPOSIT, due_on=TODAY, number=1)


def target(total: int, *, fee: int = 0, captured: int = 900, how: How = How.NEW_DATE_PAID_FIRST) -> Target:
    return Target(total, fee, captured, LATER if how is not How.SAME_DATE else EVENT, 30, TODAY, how)


def ids(*stages: Stage) -> tuple[UUID, ...]:
    return tuple(each.id for each in stages)


def test_a_free_move_at_the_old_price_only_moves_the_due_date() -> None:
    rest = stage(900)
    assert plan([deposit(), rest], target(1_800), credited_cents=0) == Restaging(
        (), (), (), {rest.id: LATER - timedelta(days=30)}
    )


def test_a_fee_is_paid_first_and_touches_nothing_else() -> None:
    rest = stage(900)
    done = plan([deposit(), rest], target(1_850, fee=50), credited_cents=0)
    assert (done.voided, done.added, done.first) == ((), (), (Part(StageType.FEE, 50, TODAY),))


def test_a_higher_price_goes_into_the_last_open_stage() -> None:
    first, last = stage(300), stage(600, due_on=DUE + timedelta(days=9), number=3)
    done = plan([deposit(), last, first], target(2_000, how=How.SAME_DATE), credited_cents=0)
    assert (done.voided, done.added) == (ids(last), (Part(StageType.REMAINDER, 800, last.due_on),))
    assert [part.amount_cents for part in after([deposit(), first, last], done)] == [300, 800]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (How.SAME_DATE, ((Part(StageType.INSTALLMENT, 200, DUE),), ())),
        (How.NEW_DATE, ((Part(StageType.INSTALLMENT, 200, LATER - timedelta(days=30)),), ())),
        (How.NEW_DATE_PAID_FIRST, ((), (Part(StageType.INSTALLMENT, 200, TODAY),))),
    ],
)
def test_a_higher_price_with_nothing_open_is_a_stage_of_its_own(how: How, expected: tuple[object, object]) -> None:
    done = plan([deposit(1_800)], target(2_000, captured=1_800, how=how), credited_cents=0)
    assert (done.added, done.first) == expected


def test_a_lower_price_shrinks_open_stages_from_the_last() -> None:
    first, last = stage(300), stage(600, due_on=DUE + timedelta(days=9), number=3)
    done = plan([deposit(), first, last], target(1_100, how=How.SAME_DATE), credited_cents=0)
    assert (done.voided, done.added) == (ids(last, first), (Part(StageType.REMAINDER, 200, DUE),))
    assert done.refund_cents == 0


def test_what_was_paid_above_the_new_price_goes_back() -> None:
    rest = stage(900)
    done = plan([deposit(), rest], target(700), credited_cents=0)
    assert (done.voided, done.added, done.refund_cents, done.credited_cents) == (ids(rest), (), 200, 200)


def test_a_fee_is_taken_from_what_would_go_back() -> None:
    done = plan([deposit(1_800)], target(1_650, fee=50, captured=1_800), credited_cents=0)
    assert (done.first, done.refund_cents, done.credited_cents) == ((), 150, 150)
    done = plan([deposit(1_800)], target(1_830, fee=50, captured=1_800), credited_cents=0)
    assert (done.first, done.refund_cents) == ((Part(StageType.FEE, 30, TODAY),), 0)


def test_what_the_business_gave_back_before_is_not_given_back_again() -> None:
    done = plan([deposit(1_800)], target(1_600, captured=1_500), credited_cents=0)
    assert (done.refund_cents, done.credited_cents) == (0, 200)


def test_after_a_price_that_fell_a_higher_one_asks_for_the_difference() -> None:
    done = plan([deposit(1_800)], target(1_700, captured=1_600, how=How.SAME_DATE), credited_cents=200)
    assert (done.added, done.credited_cents) == ((Part(StageType.INSTALLMENT, 100, DUE),), 200)


def test_a_fee_that_is_open_neither_grows_with_the_price_nor_moves_with_the_date() -> None:
    fee = stage(50, kind=StageType.FEE, due_on=TODAY, number=3)
    done = plan([deposit(1_800), fee], target(1_950, captured=1_800, how=How.NEW_DATE), credited_cents=0)
    assert (done.voided, done.due_on) == ((), {})
    assert done.added == (Part(StageType.INSTALLMENT, 100, LATER - timedelta(days=30)),)


def test_a_due_date_never_lies_before_today() -> None:
    rest = stage(900)
    soon = Target(1_800, 0, 900, TODAY + timedelta(days=3), 30, TODAY, How.NEW_DATE)
    assert plan([deposit(), rest], soon, credited_cents=0).due_on == {rest.id: TODAY}


def test_a_stage_that_a_bank_works_on_is_left_alone() -> None:
    rest = stage(900, is_on_its_way=True)
    with pytest.raises(Conflict, match="on its way"):
        plan([deposit(), rest], target(2_000), credited_cents=0)
    assert plan([deposit(), rest], target(1_850, fee=50), credited_cents=0).voided == ()


CENTS = st.integers(1, 1_000_000)
STAGES = st.lists(
    st.builds(
        Stage, st.uuids(), st.integers(1, 99), st.sampled_from(StageType), CENTS,
        st.dates(date(2026, 1, 1), date(2028, 1, 1)), st.sampled_from(StageStatus),
    ),
    min_size=1, max_size=6, unique_by=lambda each: each.id,
)  # fmt: skip


@given(STAGES, CENTS, st.integers(0, 50_000), st.integers(0, 2_000_000), st.sampled_from(How), st.data())
def test_the_parts_always_add_up_to_the_new_total(  # noqa: PLR0917
    stages: list[Stage], price: int, fee: int, captured: int, how: How, data: st.DataObject
) -> None:
    standing = [each for each in stages if each.status is not StageStatus.VOID]
    paid = sum(each.amount_cents for each in standing if not each.is_open)
    credited = data.draw(st.integers(0, paid))
    wanted = Target(price + fee, fee, captured, LATER, 30, TODAY, how)
    done = plan(stages, wanted, credited_cents=credited)
    left = [each.amount_cents for each in standing if each.id not in done.voided]
    new = [part.amount_cents for part in (*done.added, *done.first)]
    assert sum(left) + sum(new) - done.credited_cents == wanted.total_cents
    assert all(cents > 0 for cents in new)
    assert 0 <= done.refund_cents <= max(0, captured - wanted.total_cents)
    assert done.credited_cents >= credited
    assert not done.refund_cents or after(stages, done) == []
    gone = {each.id: each for each in stages if each.id in done.voided}
    assert len(gone) == len(done.voided)
    assert all(each.is_open for each in gone.values())
    assert how is How.NEW_DATE_PAID_FIRST or not done.first
    assert how is not How.SAME_DATE or not done.due_on


@given(STAGES, CENTS, st.integers(0, 50_000), st.integers(0, 2_000_000))
def test_done_in_two_steps_it_ends_as_it_was_shown(stages: list[Stage], price: int, fee: int, captured: int) -> None:
    """A move that is paid first plans twice: when it is shown, and when its money has come."""
    wanted = Target(price + fee, fee, captured, LATER, 30, TODAY, How.NEW_DATE_PAID_FIRST)
    shown = plan(stages, wanted, credited_cents=0)
    paid = [
        Stage(uuid4(), 100 + number, part.type, part.amount_cents, part.due_on, StageStatus.COMPLETED)
        for number, part in enumerate(shown.first)
    ]
    came = captured + shown.first_cents
    done = plan([*stages, *paid], Target(price + fee, 0, came, LATER, 30, TODAY, How.NEW_DATE), credited_cents=0)
    assert (done.voided, done.added, done.due_on) == (shown.voided, shown.added, shown.due_on)
    assert (done.first, done.credited_cents) == ((), shown.credited_cents)
