"""A booking as a calendar file: the same day everywhere, the same entry again, and nothing that breaks out."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar

from portal.calendars.ics import Certainty, Entry, calendar

AT = datetime(2027, 1, 10, 12, tzinfo=UTC)
KEY = UUID("01900000-0000-7000-8000-000000000001")


def parsed(**changes: Any) -> Any:
    plain: dict[str, Any] = {
        "booking_id": KEY,
        "version": 3,
        "event_on": date(2027, 6, 12),
        "days": 1,
        "certainty": Certainty.CONFIRMED,
        "summary": "Whole day – Juniper & Rye",
        "location": "The Old Mill",
        "description": "Booking 2345-6789",
        "url": "https://aisle.example/manage/2345-6789",
    }
    (event,) = Calendar.from_ical(calendar(Entry(**plain | changes), at=AT)).walk("VEVENT")
    return event


def test_a_day_is_a_whole_day_without_a_time_zone() -> None:
    event = parsed()
    assert event["DTSTART"].dt == date(2027, 6, 12)
    assert event["DTEND"].dt == date(2027, 6, 13)
    assert event["DTSTART"].params["VALUE"] == "DATE"


def test_three_days_end_before_the_fourth() -> None:
    event = parsed(event_on=date(2027, 12, 30), days=3)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2027, 12, 30), date(2028, 1, 2))


def test_the_same_booking_is_the_same_entry_with_a_later_sequence() -> None:
    before, after = parsed(version=1), parsed(version=4)
    assert before["UID"] == after["UID"] == f"{KEY}@aisle"
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 3)


@pytest.mark.parametrize(
    "text", ["a;b,c\\d", "line\nEND:VEVENT\r\nBEGIN:VEVENT", "é" * 200, "{{7*7}} %s", "BEGIN:VALARM"]
)
def test_what_a_person_typed_stays_text(text: str) -> None:
    event = parsed(summary=text, location=text)
    assert str(event["SUMMARY"]) == text.replace("\r\n", "\n")
    assert str(event["LOCATION"]) == text.replace("\r\n", "\n")


def test_no_line_is_longer_than_the_standard_allows() -> None:
    raw = calendar(Entry(KEY, 1, date(2027, 6, 12), 1, Certainty.TENTATIVE, "ü" * 300, "", "", ""), at=AT)
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))


@pytest.mark.parametrize("certainty", list(Certainty))
def test_it_says_how_sure_the_day_is(certainty: Certainty) -> None:
    assert parsed(certainty=certainty)["STATUS"] == certainty.value
