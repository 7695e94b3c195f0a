"""The client against the emulated Google: what it asks for, and what each kind of trouble is called."""

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from portal.calendars import errors, google_http, service_account
from portal.calendars.google import CalendarEvent, GoogleCalendar
from portal.devtools.google_emulator import GoogleEmulator
from portal.kernel.ids import uuid7

CALENDAR = "weddings@group.calendar.google.com"


@pytest.fixture(scope="module")
def keys() -> Iterator[GoogleEmulator]:
    with GoogleEmulator() as running:
        yield running


@pytest.fixture
def google(keys: GoogleEmulator) -> GoogleEmulator:
    keys.make_calendar(CALENDAR)
    keys.clear_faults()
    keys.calls.clear()
    return keys


@pytest.fixture
def calendar(google: GoogleEmulator) -> GoogleCalendar:
    return client(google, google.make_key())


def client(google: GoogleEmulator, key: str, calendar_id: str = CALENDAR, timeout: float = 5) -> GoogleCalendar:
    return GoogleCalendar(service_account.parse(key), calendar_id, base=google.base_url, timeout=timeout)


def event(day: date = date(2030, 6, 1), **more: str) -> CalendarEvent:
    told = {"id": uuid7().hex, "mark": "m1", "version": "1", "summary": "Ada & Grace", **more}
    return CalendarEvent(first_on=day, last_on=day, **told)


def days(calendar: GoogleCalendar, first_on: date, last_on: date) -> list[tuple[datetime, datetime]]:
    return [(each.start, each.end) for each in calendar.busy(first_on, last_on, "Europe/London")]


def test_busy_times_of_three_years_come_in_pieces_that_google_allows(
    google: GoogleEmulator, calendar: GoogleCalendar
) -> None:
    google.enter(CALENDAR, "2030-06-01T09:00:00+02:00", "2030-06-01T10:00:00+02:00")
    google.enter(CALENDAR, "2032-12-20", "2033-01-02")
    google.enter(CALENDAR, "2030-07-01", "2030-07-02", transparency="transparent")
    london = ZoneInfo("Europe/London")
    found = days(calendar, date(2030, 5, 1), date(2033, 4, 30))
    assert found[0] == (datetime(2030, 6, 1, 8, tzinfo=london), datetime(2030, 6, 1, 9, tzinfo=london))
    assert (found[1][0].date(), found[-1][1].date()) == (date(2032, 12, 20), date(2033, 1, 2))
    assert sum(path.endswith("/freeBusy") for _, path in google.calls) == 14
    assert sum(path == "/token" for _, path in google.calls) == 1


def test_an_event_is_there_once_however_often_it_is_put(google: GoogleEmulator, calendar: GoogleCalendar) -> None:
    first = event()
    for _ in range(3):
        calendar.put_event(first)
    moved = CalendarEvent(first.id, "m1", "2", date(2030, 6, 8), date(2030, 6, 9), "Ada & Grace")
    calendar.put_event(moved)
    calendar.put_event(moved)
    (stored,) = google.events(CALENDAR)
    assert (stored["start"], stored["end"]) == ({"date": "2030-06-08"}, {"date": "2030-06-10"})
    (found,) = calendar.ours("m1")
    assert (found.id, found.version, found.first_on, found.last_on) == (first.id, "2", moved.first_on, moved.last_on)


def test_a_deleted_event_comes_back_and_goes_again(google: GoogleEmulator, calendar: GoogleCalendar) -> None:
    first = event()
    calendar.put_event(first)
    calendar.delete_event(first.id)
    calendar.delete_event(first.id)
    assert calendar.ours("m1") == []
    calendar.put_event(first)
    assert [each.id for each in calendar.ours("m1")] == [first.id]
    calendar.delete_event(uuid7().hex)


def test_only_our_own_events_are_found_over_all_pages(google: GoogleEmulator, calendar: GoogleCalendar) -> None:
    google.page_size = 2
    google.enter(CALENDAR, "2030-06-01", "2030-06-02")
    put = [event(date(2030, 6, day)) for day in range(1, 6)]
    for each in put:
        calendar.put_event(each)
    calendar.put_event(event(mark="another"))
    found = calendar.ours("m1")
    google.page_size = 2500
    assert sorted(each.id for each in found) == sorted(each.id for each in put)


def test_an_event_that_somebody_gave_hours_has_no_days(google: GoogleEmulator, calendar: GoogleCalendar) -> None:
    private = {"private": {"aisle": "m1"}}
    google.enter(CALENDAR, "2030-06-01T09:00:00Z", "2030-06-01T10:00:00Z", extendedProperties=private)
    (found,) = calendar.ours("m1")
    assert (found.first_on, found.last_on, found.version) == (None, None, "")


def test_an_event_that_somebody_gave_hours_is_given_its_days_again(
    google: GoogleEmulator, calendar: GoogleCalendar
) -> None:
    ours = event()
    calendar.put_event(ours)
    there = google.calendars.all[CALENDAR].events[ours.id]
    there["start"], there["end"] = {"dateTime": "2030-06-01T09:00:00Z"}, {"dateTime": "2030-06-01T10:00:00Z"}
    calendar.put_event(ours)
    (found,) = calendar.ours("m1")
    assert (found.first_on, found.last_on) == (ours.first_on, ours.last_on)


def test_an_answer_that_was_cut_off_is_none(
    google: GoogleEmulator, calendar: GoogleCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    calendar.put_event(event())
    monkeypatch.setattr(google_http, "_LARGEST", 40)
    for ask in (calendar.about, lambda: calendar.ours("m1")):
        with pytest.raises(errors.GoogleError) as caught:
            ask()
        assert not caught.value.is_final


def test_it_says_whether_we_may_write(google: GoogleEmulator, calendar: GoogleCalendar) -> None:
    assert (calendar.about().zone, calendar.about().may_write) == ("Europe/London", True)
    google.share(CALENDAR, "reader")
    assert not calendar.about().may_write
    with pytest.raises(errors.CalendarMissing) as caught:
        calendar.put_event(event())
    assert caught.value.reason == errors.READ_ONLY


# A key of an algorithm that does not exist.
OF_NO_KIND = "-----BEGIN PRIVATE KEY-----\nMBwCAQAwCwYJKoZIhvcNAQFjBAoAAAAAAAAAAAAA\n-----END PRIVATE KEY-----\n"


def break_key(google: GoogleEmulator) -> None:
    google.make_key()


Trouble = Callable[[GoogleEmulator], object]
TROUBLES: list[tuple[Trouble, type[errors.GoogleError], str]] = [
    (lambda google: google.revoke(), errors.KeyRefused, errors.WRONG_KEY),
    (break_key, errors.KeyRefused, errors.WRONG_KEY),
    (lambda google: google.fail_next(path="/calendar/*", status=401), errors.KeyRefused, errors.WRONG_KEY),
    (lambda google: google.share(CALENDAR, ""), errors.CalendarMissing, errors.NOT_SHARED),
    (
        lambda google: google.fail_next(path="/calendar/*", status=403, reason="accessNotConfigured"),
        errors.KeyRefused,
        errors.NOT_ENABLED,
    ),
    (lambda google: google.fail_next(path="/calendar/*", status=403), errors.QuotaReached, errors.QUOTA),
    (lambda google: google.fail_next(path="/calendar/*", status=429), errors.QuotaReached, errors.QUOTA),
    (lambda google: google.fail_next(path="/token", status=429), errors.QuotaReached, errors.QUOTA),
    (lambda google: google.fail_next(path="/token", status=503), errors.Unreachable, errors.TROUBLE),
    (lambda google: google.fail_next(path="/calendar/*"), errors.UnknownOutcome, errors.TROUBLE),
    (lambda google: google.drop_answers(path="/calendar/*"), errors.UnknownOutcome, errors.NO_ANSWER),
    (lambda google: google.hang_next(path="/calendar/*"), errors.UnknownOutcome, errors.NO_ANSWER),
]
FINAL = (errors.KeyRefused, errors.CalendarMissing)


@pytest.mark.parametrize(("trouble", "kind", "said"), TROUBLES)
def test_each_trouble_has_its_name_and_its_sentence(
    google: GoogleEmulator, trouble: Trouble, kind: type, said: str
) -> None:
    calendar = client(google, google.make_key(), timeout=0.5)
    trouble(google)
    with pytest.raises(errors.GoogleError) as caught:
        calendar.busy(date(2030, 6, 1), date(2030, 6, 2), "Europe/London")
    assert (type(caught.value), caught.value.reason) == (kind, said)
    assert caught.value.is_final is (kind in FINAL)


def test_a_lost_answer_of_an_insert_leaves_one_event(google: GoogleEmulator, calendar: GoogleCalendar) -> None:
    first = event()
    google.drop_answers("POST", "/calendar/*/events")
    with pytest.raises(errors.UnknownOutcome):
        calendar.put_event(first)
    calendar.put_event(first)
    assert len(google.events(CALENDAR)) == 1


def test_nobody_there_is_told_apart_from_no_answer(google: GoogleEmulator) -> None:
    account = service_account.parse(google.make_key())
    with pytest.raises(errors.Unreachable):
        GoogleCalendar(account, CALENDAR, base="http://127.0.0.1:9").about()


def test_only_the_key_file_of_a_service_account_is_one(google: GoogleEmulator) -> None:
    good = google.make_key()
    told = json.loads(good)
    assert service_account.parse(good).client_email == told["client_email"]
    assert told["private_key"] not in repr(service_account.parse(good))
    for text, said in [
        ("", service_account.NOT_JSON),
        ("[" * 7000, service_account.NOT_JSON),
        ("[]", service_account.NOT_JSON),
        (json.dumps({**told, "type": "authorized_user"}), service_account.OTHER_KIND),
        (json.dumps({"installed": {}}), service_account.OTHER_KIND),
        (json.dumps({**told, "client_email": 5}), service_account.NOT_JSON),
        (json.dumps({**told, "client_email": "a@b.example"}), service_account.NOT_JSON),
        (json.dumps({**told, "private_key": told["private_key"][:500]}), service_account.BROKEN_KEY),
        (json.dumps({**told, "private_key": "\ud800"}), service_account.BROKEN_KEY),
        (json.dumps({**told, "private_key": OF_NO_KIND}), service_account.BROKEN_KEY),
        (good + " " * 9000, service_account.NOT_JSON),
    ]:
        with pytest.raises(service_account.NotAKey) as caught:
            service_account.parse(text)
        assert caught.value.reason == said, text[:40]


def test_addresses_in_a_key_file_are_never_asked(google: GoogleEmulator) -> None:
    told = json.loads(google.make_key())
    client(google, json.dumps({**told, "token_uri": "http://127.0.0.1:1/steal"})).about()
