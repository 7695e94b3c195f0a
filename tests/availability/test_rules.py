"""Which days a booking takes, and which months and days a couple sees: the parts without a database."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.availability import month as months
from portal.availability.month import Rules
from portal.availability.rules import furthest_on, is_startable, span
from portal.availability.states import ClaimKind, DayState

TODAY = date(2027, 6, 10)
any_day = st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31))
near_day = st.dates(min_value=TODAY - timedelta(days=90), max_value=TODAY + timedelta(days=1200))
lengths = st.tuples(st.integers(1, 30), st.integers(0, 14))
takings = st.dictionaries(near_day, st.sampled_from(list(ClaimKind)), max_size=60)


@given(any_day, lengths)
def test_a_span_is_its_event_days_then_its_buffer_days_without_a_gap(event_on: date, length: tuple[int, int]) -> None:
    taken = span(event_on, *length)
    assert (len(taken.event_days), len(taken.buffer_days)) == length
    assert taken.event_days[0] == event_on
    assert taken.all_days == tuple(event_on + timedelta(days=offset) for offset in range(sum(length)))


@given(any_day, lengths)
def test_a_span_claims_each_day_once_as_a_hold_and_once_as_what_it_becomes(
    event_on: date, length: tuple[int, int]
) -> None:
    taken = span(event_on, *length)
    assert set(taken.held()) == set(taken.confirmed()) == set(taken.all_days)
    assert set(taken.held().values()) == {ClaimKind.HOLD}
    assert [taken.confirmed()[day] for day in taken.event_days] == [ClaimKind.EVENT] * length[0]
    assert [taken.confirmed()[day] for day in taken.buffer_days] == [ClaimKind.BUFFER] * length[1]


@given(any_day)
def test_three_years_ahead_is_the_same_day_or_the_last_of_february(today: date) -> None:
    last = furthest_on(today)
    assert last.year == today.year + 3
    assert (last.month, last.day) in {(today.month, today.day), (2, 28)}


@given(near_day, lengths, takings)
def test_an_event_may_start_only_when_every_day_it_takes_is_unclaimed(
    event_on: date, length: tuple[int, int], claimed: dict[date, ClaimKind]
) -> None:
    assert is_startable(event_on, *length, claimed) == (not set(span(event_on, *length).all_days) & set(claimed))


@given(any_day, st.integers(0, 6))
def test_a_table_holds_whole_weeks_and_every_day_of_the_month_once(day: date, first_weekday: int) -> None:
    month = day.replace(day=1)
    table = months.grid(month, first_weekday)
    assert len(table) % 7 == 0
    assert table[0].weekday() == first_weekday
    inside = [on for on in table if on.month == month.month]
    assert inside == [month + timedelta(days=at) for at in range((months.next_month(month) - month).days)]
    assert len(table) - len(inside) < 14


@given(any_day)
def test_the_month_before_the_next_one_is_this_one(day: date) -> None:
    month = day.replace(day=1)
    assert months.previous_month(months.next_month(month)) == month


@given(near_day, lengths, takings, st.integers(0, 6))
def test_a_day_is_bookable_exactly_when_it_is_shown_as_free(
    day: date, length: tuple[int, int], claimed: dict[date, ClaimKind], first_weekday: int
) -> None:
    rules = Rules(*length, TODAY, furthest_on(TODAY))
    view = months.month_view(day.replace(day=1), claimed, rules, first_weekday=first_weekday)
    for shown in (shown for week in view.weeks for shown in week):
        in_reach = TODAY <= shown.on <= rules.furthest_on
        assert shown.is_bookable == (in_reach and is_startable(shown.on, *length, claimed))
        assert shown.is_bookable == (shown.state is DayState.FREE)
        assert shown.is_in_month == (shown.on.month == day.month)


def test_each_day_is_told_by_its_own_claim_and_the_days_before_one_cannot_start() -> None:
    claimed = {
        date(2027, 6, 15): ClaimKind.EVENT,
        date(2027, 6, 16): ClaimKind.BUFFER,
        date(2027, 6, 20): ClaimKind.HOLD,
        date(2027, 6, 25): ClaimKind.BLACKOUT,
    }
    rules = Rules(2, 1, TODAY, date(2027, 6, 28))
    view = months.month_view(date(2027, 6, 1), claimed, rules, first_weekday=0)
    told = {day.on.day: day.state.value for week in view.weeks for day in week if day.is_in_month}
    assert [told[day] for day in (9, 10, 12, 13, 14)] == ["past", "free", "free", "not_startable", "not_startable"]
    assert [told[day] for day in (15, 16, 17, 18)] == ["taken", "taken", "free", "not_startable"]
    assert [told[day] for day in (20, 24, 25, 28, 29)] == ["held", "not_startable", "blacked_out", "free", "beyond"]


def test_months_lead_no_further_than_days_can_be_booked() -> None:
    rules = Rules(1, 0, TODAY, furthest_on(TODAY))
    first = months.month_view(date(2027, 6, 1), {}, rules, first_weekday=0)
    last = months.month_view(date(2030, 6, 1), {}, rules, first_weekday=0)
    assert (first.previous, first.next) == (None, date(2027, 7, 1))
    assert (last.previous, last.next) == (date(2030, 5, 1), None)


@given(st.one_of(near_day, st.sampled_from([date.min, date.max])), lengths, takings, st.integers(1, 8))
def test_the_nearest_free_days_are_free_and_none_nearer_is_left_out(
    around: date, length: tuple[int, int], claimed: dict[date, ClaimKind], count: int
) -> None:
    rules = Rules(*length, TODAY, TODAY + timedelta(days=300))
    found = months.nearest(around, claimed, rules, count=count)
    reach = [TODAY + timedelta(days=offset) for offset in range(301)]
    free = [on for on in reach if is_startable(on, *length, claimed)]
    assert len(found) == len(set(found)) == min(count, len(free))
    assert set(found) <= set(free)
    distances = sorted(abs(on - around) for on in free)
    assert [abs(on - around) for on in found] == distances[: len(found)]
