"""Which days a calendar makes busy: where the business is, within bounds, and nothing that is free or our own."""

from datetime import date
from typing import Any

import pytest

from portal.calendars import reading
from portal.calendars.ics import Certainty, Entry, feed
from portal.calendars.reading import Busy
from portal.calendars.targets import OUR_OWN, Refused
from portal.kernel import time
from portal.kernel.ids import uuid7
from tests.calendars.conftest import ics


def read(content: str | bytes, zone: str = "America/New_York", **changes: Any) -> Busy:
    raw = content.encode() if isinstance(content, str) else content
    asked = {"first_on": date(2027, 6, 1), "last_on": date(2027, 8, 31), "is_whole_days_only": False}
    return reading.read(raw, timezone=zone, **{**asked, **changes})


def days(*events: str, zone: str = "America/New_York", **changes: Any) -> list[str]:
    return sorted(f"{day:%m-%d}" for day in read(ics(*events), zone, **changes).days)


def test_whole_days_stay_the_same_days_everywhere() -> None:
    event = "DTSTART;VALUE=DATE:20270610\r\nDTEND;VALUE=DATE:20270612"
    for zone in ("Pacific/Kiritimati", "America/New_York", "Pacific/Niue"):
        assert days(event, zone=zone) == ["06-10", "06-11"]
    assert days("DTSTART;VALUE=DATE:20270610") == ["06-10"]


def test_hours_are_the_days_they_touch_where_the_business_is() -> None:
    evening = "DTSTART:20270611T020000Z\r\nDTEND:20270611T040000Z"
    assert (days(evening), days(evening, zone="Europe/London")) == (["06-10"], ["06-11"])
    assert days("DTSTART:20270610T220000\r\nDTEND:20270611T000000") == ["06-10"]
    assert days("DTSTART;TZID=Asia/Tokyo:20270611T090000\r\nDURATION:PT1H") == ["06-10"]
    assert days("DTSTART:20270610T120000\r\nDTEND:20270612T120000") == ["06-10", "06-11", "06-12"]


def test_what_repeats_is_expanded_without_what_was_taken_out_or_moved() -> None:
    weekly = "DTSTART;VALUE=DATE:20270601\r\nRRULE:FREQ=WEEKLY;COUNT=4\r\nEXDATE;VALUE=DATE:20270608"
    assert days(weekly) == ["06-01", "06-15", "06-22"]
    raw = ics(weekly, "DTSTART;VALUE=DATE:20270616\r\nRECURRENCE-ID;VALUE=DATE:20270615").replace("1@x", "0@x")
    assert sorted(f"{day:%m-%d}" for day in read(raw).days) == ["06-01", "06-16", "06-22"]


def test_what_never_ends_is_expanded_within_bounds() -> None:
    found = read(ics("DTSTART;VALUE=DATE:19700101\r\nRRULE:FREQ=DAILY"))
    assert (min(found.days), max(found.days), len(found.days)) == (date(2027, 6, 1), date(2027, 8, 31), 92)
    assert len(read(ics("DTSTART;VALUE=DATE:20200101\r\nDTEND;VALUE=DATE:99991231")).days) == 92


@pytest.mark.parametrize(
    "said",
    [
        "TRANSP:TRANSPARENT",
        "STATUS:CANCELLED",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        pytest.param(f"UID:{uuid7()}@aisle", id="ours"),
    ],
)
def test_what_takes_no_time_or_is_ours_blocks_nothing(said: str) -> None:
    raw = ics(f"DTSTART;VALUE=DATE:20270610\r\n{said}")
    assert read(raw.replace("UID:0@x\r\n", "") if said.startswith("UID") else raw).days == frozenset()


def free_busy(*lines: str) -> str:
    """A calendar that tells busy times and no entries."""
    head = ["BEGIN:VFREEBUSY", "UID:f@x", "DTSTAMP:20260101T000000Z", "DTSTART:20270601T000000Z"]
    inner = "\r\n".join([*head, *(f"FREEBUSY{line}" for line in lines), "END:VFREEBUSY"])
    return ics().replace("END:VCALENDAR", f"{inner}\r\nEND:VCALENDAR")


def test_a_summary_of_busy_times_blocks_the_days_they_touch() -> None:
    told = free_busy(
        ":20270610T160000Z/20270610T180000Z,20270612T030000Z/PT2H",
        ";FBTYPE=BUSY-TENTATIVE:20270615T040000Z/20270617T040000Z",
        ";FBTYPE=BUSY-UNAVAILABLE:20270620T160000Z/PT1H",
        ";FBTYPE=FREE:20270622T160000Z/PT1H",
        ":19000101T000000Z/19000102T000000Z",
    )
    found = read(told)
    assert sorted(f"{day:%m-%d}" for day in found.days) == ["06-10", "06-11", "06-12", "06-15", "06-16", "06-20"]
    assert (found.entries, found.left_out) == (1, 0)
    assert sorted(f"{day:%m-%d}" for day in read(told, "Europe/London").days)[:2] == ["06-10", "06-12"]


def test_of_a_summary_the_days_that_are_taken_wholly_may_count_alone() -> None:
    told = free_busy(":20270610T160000Z/20270613T030000Z", ":20270615T040000Z/20270616T040000Z")
    assert sorted(f"{day:%m-%d}" for day in read(told, is_whole_days_only=True).days) == ["06-11", "06-15"]


def test_a_summary_without_times_blocks_nothing_and_one_that_never_ends_is_bounded() -> None:
    assert read(free_busy()).days == frozenset()
    assert len(read(free_busy(":00010101T000000Z/99991231T235959Z")).days) == 92
    with pytest.raises(Refused):  # the last good days stay
        read(free_busy(":20270613T030000Z/20270610T160000Z"))


def test_only_whole_days_may_count() -> None:
    events = ("DTSTART;VALUE=DATE:20270610", "DTSTART:20270615T100000Z\r\nDTEND:20270615T110000Z")
    assert days(*events, is_whole_days_only=True) == ["06-10"]


def test_what_repeats_by_the_hour_is_left_out_and_counted() -> None:
    found = read(
        ics(
            "DTSTART:20270610T100000Z\r\nRRULE:FREQ=SECONDLY",
            "DTSTART:20270611T100000Z\r\nRRULE:FREQ=DAILY;BYHOUR=0,1,2;BYSECOND=0,1,2",
            "SUMMARY:no date",
            "DTSTART;VALUE=DATE:20270620",
        )
    )
    assert (found.entries, found.left_out, sorted(found.days)) == (4, 3, [date(2027, 6, 20)])


BROKEN_SERIES = [
    "DTSTART;VALUE=DATE:20270601\r\nDTEND:20270601T100000Z\r\nRRULE:FREQ=WEEKLY",
    "DTSTART:20270601T100000\r\nDTEND:20270601T110000Z\r\nRRULE:FREQ=WEEKLY",
    "DTSTART:20270601T100000Z\r\nDTEND:20270602T100000Z\r\nDTEND:20270603T100000Z\r\nRRULE:FREQ=WEEKLY",
    "DTSTART:20270601T100000Z\r\nDTEND:soon\r\nRRULE:FREQ=WEEKLY",
    "DTSTART:20270601T100000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;UNTIL=late",
    "DTSTART:20270601T100000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;INTERVAL=0",
    "DTSTART;VALUE=DATE:20200101\r\nDTEND;VALUE=DATE:99991231\r\nRDATE;VALUE=DATE:20210101",
]


@pytest.mark.parametrize("broken", BROKEN_SERIES)
def test_a_broken_series_is_left_out_and_keeps_nothing_else(broken: str) -> None:
    found = read(ics("DTSTART;VALUE=DATE:20270620", broken))
    assert (found.entries, found.left_out, sorted(found.days)) == (2, 1, [date(2027, 6, 20)])


def test_a_file_that_cannot_be_worked_out_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PATIENCE", 3.0)
    endless = "DTSTART;VALUE=DATE:00010101\r\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31"
    with pytest.raises(Refused) as refused:
        read(ics(*[endless] * 300))
    assert refused.value.reason == reading.TOO_MUCH


def test_our_own_feed_is_known_by_its_content_too() -> None:
    entry = Entry(uuid7(), 1, date(2027, 6, 10), 1, Certainty.CONFIRMED, "A & B", "", "", "")
    with pytest.raises(Refused) as refused:
        read(feed("Ours", [(entry, time.now())]))
    assert refused.value.reason == OUR_OWN


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", reading.EMPTY),
        (b" \r\n", reading.EMPTY),
        (b"<!doctype html><title>Log in</title>", reading.A_PAGE),
        (b"\xef\xbb\xbf<html>", reading.A_PAGE),
        (b"hello", reading.NO_CALENDAR),
        (b"BEGIN:VCALENDAR", reading.NO_CALENDAR),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n", reading.NO_CALENDAR),
        (b"\x00\xff\xfe", reading.NO_CALENDAR),
    ],
)
def test_what_is_no_calendar_is_told_in_words(content: bytes, said: str) -> None:
    with pytest.raises(Refused) as refused:
        read(content)
    assert refused.value.reason == said
