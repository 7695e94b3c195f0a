"""Time: aware instants, plain dates, and local times that daylight saving skips or doubles."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from portal.kernel import time as clock


def test_now_is_aware_and_utc() -> None:
    assert clock.now().tzinfo is UTC


def test_a_time_that_daylight_saving_skips_moves_forward() -> None:
    at = clock.local_instant(date(2027, 3, 14), time(2, 30), "America/New_York")
    assert at == datetime(2027, 3, 14, 7, 30, tzinfo=UTC)  # 03:30 there


def test_a_time_that_daylight_saving_doubles_is_the_first_of_the_two() -> None:
    at = clock.local_instant(date(2027, 11, 7), time(1, 30, fold=1), "America/New_York")
    assert at == datetime(2027, 11, 7, 5, 30, tzinfo=UTC)


def test_an_ordinary_local_time_is_what_the_wall_clock_says() -> None:
    assert clock.local_instant(date(2027, 6, 12), time(10), "Europe/Paris") == datetime(2027, 6, 12, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day"), [("Pacific/Kiritimati", date(2027, 6, 13)), ("America/New_York", date(2027, 6, 12))]
)
def test_today_depends_on_where(zone: str, day: date) -> None:
    assert clock.today(zone, datetime(2027, 6, 12, 12, tzinfo=UTC)) == day


def test_a_frozen_clock_stands_and_goes_on_afterwards() -> None:
    at = datetime(2027, 6, 12, tzinfo=UTC)
    with clock.frozen(at):
        assert clock.now() == at == clock.now()
        with clock.frozen(at + timedelta(days=1)):
            assert clock.now().day == 13
        assert clock.now() == at
    assert clock.now() != at


def test_a_naive_datetime_cannot_freeze_the_clock() -> None:
    with pytest.raises(ValueError, match="naive"), clock.frozen(datetime(2027, 6, 12)):  # noqa: DTZ001
        pytest.fail("it is no instant")


def test_a_shifted_clock_is_ahead() -> None:
    clock.shift(timedelta(days=2))
    try:
        assert clock.now() - datetime.now(UTC) > timedelta(days=1, hours=23)
    finally:
        clock.shift(timedelta())


def test_days_follow_each_other_across_a_month() -> None:
    assert clock.days_from(date(2028, 2, 28), 3) == [date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)]
