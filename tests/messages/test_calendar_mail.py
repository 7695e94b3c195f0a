"""A business hears once that its calendar takes no bookings any more, in a sentence that says what to do."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.calendars import trouble
from portal.db import database
from portal.kernel import time
from tests.support import google as elsewhere
from tests.support import plans, sold, world
from tests.support.couples import in_half_a_year
from tests.support.google import Diary, work
from tests.support.mailroom import Letter


@pytest.fixture
def diary(connected: object, mail_folder: Path) -> Iterator[Diary]:
    with elsewhere.running() as google:
        diary = elsewhere.connect(google, world.open_shop())
        assert work(diary.shop) == []
        yield diary
        elsewhere.forget(diary)


def told(diary: Diary, folder: Path) -> list[Letter]:
    """Mails about the calendar."""
    assert work(diary.shop) == []
    return [each for each in plans.arrived(folder) if "At Google" in each.subject]


def messages(diary: Diary) -> list[Any]:
    with database.reading(diary.shop.id):
        return database.rows("SELECT status, failure FROM message WHERE kind = 'calendar_refused' ORDER BY id")


def test_it_says_which_calendar_what_is_wrong_and_that_nothing_is_lost(diary: Diary, mail_folder: Path) -> None:
    diary.google.share(diary.calendar_id, "reader", diary.email)
    for number in range(3):
        sold.sell(diary.shop, event_on=in_half_a_year(diary.shop, plus=number))
    (letter,) = told(diary, mail_folder)
    assert letter.to == "hello@juniper.example"
    assert letter.subject == "Your calendar “At Google” needs you"
    for text in (letter.text, letter.html):
        assert f"Please let {diary.email} “make changes to events” in Google Calendar." in text
        assert "Your bookings are safe" in text
        assert f"/dashboard/{diary.shop.slug}/settings/calendars" in text
        assert "PRIVATE KEY" not in text


def test_another_time_it_is_told_again(diary: Diary, mail_folder: Path) -> None:
    for number in range(2):
        diary.google.share(diary.calendar_id, "", diary.email)
        sold.sell(diary.shop, event_on=in_half_a_year(diary.shop, plus=2 * number))
        assert len(told(diary, mail_folder)) == 1
        diary.google.share(diary.calendar_id, "writer", diary.email)
        sold.sell(diary.shop, event_on=in_half_a_year(diary.shop, plus=2 * number + 1))
        assert told(diary, mail_folder) == []


def test_one_that_works_again_before_the_mail_has_left_needs_none(diary: Diary, mail_folder: Path) -> None:
    trouble.refuse(diary.shop.id, diary.id, reason=trouble.SILENT, at=time.now())
    trouble.recover(diary.shop.id, diary.id)
    assert told(diary, mail_folder) == []
    assert [(row.status, row.failure) for row in messages(diary)] == [
        ("skipped", "the calendar works again or is not connected any more")
    ]


def test_of_one_that_is_being_removed_nothing_is_written(diary: Diary, mail_folder: Path) -> None:
    diary.google.revoke(diary.email)
    elsewhere.end(diary)
    assert told(diary, mail_folder) == []
