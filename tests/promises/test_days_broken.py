"""P5: whatever turns an event's day with a time zone, or shows another one, is seen."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from portal.calendars import ics
from portal.kernel import time
from portal.messages import composing
from portal.promises import days
from portal.tenants import language
from portal.web.storefront import book
from portal.web.visits import Visits
from tests.promises.conftest import Proof
from tests.promises.story import Story
from tests.support.couples import in_half_a_year
from tests.support.world import open_shop

pytestmark = pytest.mark.slow


def turned(on: date) -> date:
    """A mutant of every kind: midnight in Greenwich, as the server's clock shows it."""
    return datetime.combine(on, datetime.min.time(), UTC).astimezone().date()


def told(proof: Proof) -> set[str]:
    """What is seen, without the day."""
    found = days.same(Visits(proof.app), time.now())
    assert {each.promise for each in found} <= {"P5"}
    return {each.what.split(", ", maxsplit=1)[-1].split(" says ")[0] for each in found}


@pytest.fixture
def story(proof: Proof) -> Story:
    """A confirmed booking."""
    story = Story(proof.till, proof.shop)
    story.sell()
    return story


def test_p5_holds_for_every_language_and_for_several_days(proof: Proof, story: Story) -> None:
    story.completed()
    french = open_shop(locale="fr_FR", currency="EUR", timezone="Pacific/Auckland")
    french.package("three-days", days=3, buffer_days=1)
    Story(proof.till, french).sell(package_slug="three-days", event_on=in_half_a_year(french, plus=9))
    assert told(proof) == set()


def test_p5_sees_words_that_are_turned(proof: Proof, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    real = language._date
    monkeypatch.setattr(language, "_date", lambda on, style, name: real(turned(on), style, name))
    assert told(proof) == {
        "which its mail does not say",
        "which its mail's page does not say",
        "which its page does not say",
        "which the calendar does not show as taken",
    }


def test_p5_sees_a_calendar_file_that_is_turned(proof: Proof, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    real = ics.calendar
    monkeypatch.setattr(ics, "calendar", lambda entry, at: real(replace(entry, event_on=turned(entry.event_on)), at=at))
    assert told(proof) == {"and its mail's calendar file", "and its calendar file"}


def test_p5_sees_a_calendar_file_that_ends_too_early(
    proof: Proof, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = composing.calendar_entry
    monkeypatch.setattr(composing, "calendar_entry", lambda *parts: replace(real(*parts), days=0))
    assert told(proof) == {"and its mail's calendar file", "and its calendar file"}


def test_p5_sees_a_form_that_is_turned(proof: Proof, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    real = book._choose

    def choose(screen: Any, values: list[str]) -> None:
        real(screen, values)
        screen.values["date"] = turned(date.fromisoformat(values[0])).isoformat()

    monkeypatch.setattr(book, "_choose", choose)
    assert told(proof) == {"which the form for that day does not say"}


def test_p5_sees_a_calendar_that_sells_the_day(proof: Proof, story: Story) -> None:
    proof.tamper("DELETE FROM date_claim")
    assert told(proof) == {"which the calendar does not show as taken"}


@pytest.mark.parametrize(
    ("statement", "subject"),
    [
        ("ALTER TABLE booking_payment_stage ALTER due_on TYPE timestamptz", "booking_payment_stage.due_on"),
        ("ALTER TABLE booking ALTER original_on TYPE timestamp", "booking.original_on"),
    ],
)
def test_p5_sees_a_column_that_can_be_turned(proof: Proof, statement: str, subject: str) -> None:
    proof.tamper(statement)
    (violation,) = days.same(Visits(proof.app), time.now())
    assert (violation.promise, violation.subject) == ("P5", subject)


def test_p5_sees_a_booking_that_is_not_where_it_was_moved(proof: Proof, story: Story) -> None:
    proof.tamper(
        "INSERT INTO booking_event (id, tenant_id, booking_id, occurred_at, kind, actor, details)"
        " SELECT gen_random_uuid(), tenant_id, id, now(), 'moved', 'couple',"
        " jsonb_build_object('event_on', jsonb_build_array('2027-01-01', event_on + 1), 'fee_cents', 0,"
        " 'refund_cents', 0, 'currency', currency) FROM booking"
    )
    (violation,) = days.same(Visits(proof.app), time.now())
    assert violation.what.startswith("moved to ")


def test_the_server_keeps_its_clock(proof: Proof, story: Story) -> None:
    before = datetime.now().astimezone().utcoffset()
    assert told(proof) == set()
    assert datetime.now().astimezone().utcoffset() == before == timedelta()
