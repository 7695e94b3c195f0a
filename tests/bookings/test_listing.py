"""The list of bookings: search, filters, pages by key, few statements."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bookings.listing import Cursor, Order, When, listing, words_query
from portal.bookings.states import BookingStatus
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Invalid
from tests.support import couples
from tests.support.couples import in_half_a_year
from tests.support.statements import statements
from tests.support.world import Business


def found(shop: Business, **asked: Any) -> list[str]:
    """The couples that a question finds, in order."""
    today = shop.tenant.today(time.now())
    with database.reading(shop.id):
        return [row.couple for row in listing(shop.id, today=today, **asked).rows]


def couple(shop: Business, first: str, plus: int = 0, **changes: Any) -> str:
    """A booking of somebody and Kim; its reference."""
    day = in_half_a_year(shop, plus=plus)
    return couples.hold(shop, first_partner=first, second_partner="Kim", event_on=day, **changes).reference


@pytest.mark.parametrize(
    "words",
    ["smith", "SMI", "anna smi", "smith anna", "anna.smith@example.com", "anna.smith@exa", "anna.smith@", "old mill",
     "o'brien", "7946", "whole", "anna & smith", "smith!"],
)  # fmt: skip
def test_a_booking_is_found_by_the_beginnings_of_its_words(shop: Business, words: str) -> None:
    couple(shop, "Anna Smith O'Brien", email="anna.smith@example.com", phone="020 7946 0958")
    couple(shop, "Zoe Nobody", plus=1, email="z@example.org", second_email=None, phone="", venue="Barn")
    if words == "whole":
        assert len(found(shop, search=words)) == 2
    else:
        assert found(shop, search=words) == ["Anna Smith O'Brien & Kim"]


def test_a_booking_is_found_by_its_reference_whole_or_begun(shop: Business) -> None:
    reference = couple(shop, "Anna")
    couple(shop, "Bea", plus=1)
    for words in (reference, reference.lower(), reference[:4], reference[:6], reference.replace("-", " ")):
        assert found(shop, search=words) == ["Anna & Kim"], words


@given(st.text(max_size=300))
def test_nothing_that_is_typed_breaks_the_query(text: str) -> None:
    words = words_query(text)
    assert words.count("'") % 2 == 0
    assert len(words) < 2_000


@pytest.mark.parametrize(
    "text",
    ["'", "''", "uu' | 'quiet", "uu | quiet", "!uu", "quiet !kim", "quiet <-> uu", "\\", "uu\\' | 'quiet", "& | !",
     "<->", "(", "%", "🎉", "@", "uu@b@c.d", "quiet:uu", "uu:*|quiet:*"],
)  # fmt: skip
def test_operators_of_the_query_language_are_only_text(shop: Business, text: str) -> None:
    couple(shop, "Quiet")
    assert found(shop, search=text) == (["Quiet & Kim"] if text == "quiet !kim" else [])


def test_a_search_without_a_word_is_no_search(shop: Business) -> None:
    couple(shop, "Anna")
    assert found(shop, search="   ") == ["Anna & Kim"]


def test_a_rival_finds_nothing(shop: Business, rival: Business) -> None:
    reference = couple(shop, "Anna")
    assert found(rival, search=reference) == []
    assert found(rival) == []


def test_upcoming_come_soonest_first_and_past_latest_first(shop: Business) -> None:
    for name, plus in (("Late", 30), ("Soon", 10), ("Sooner", 5)):
        couple(shop, name, plus=plus)
    with database.writing(shop.id):
        for name, days in (("Old", 400), ("Older", 500)):
            couple(shop, name, plus=days)
            database.execute("UPDATE booking SET event_on = event_on - 1000 WHERE couple LIKE %s", f"{name} %")
    assert found(shop, when=When.UPCOMING) == ["Sooner & Kim", "Soon & Kim", "Late & Kim"]
    assert found(shop, when=When.PAST) == ["Older & Kim", "Old & Kim"]
    assert found(shop) == ["Late & Kim", "Soon & Kim", "Sooner & Kim", "Older & Kim", "Old & Kim"]


def test_the_newest_come_first_where_that_is_asked(shop: Business) -> None:
    for name, plus in (("First", 10), ("Second", 30), ("Third", 5)):
        couple(shop, name, plus=plus)
    newest = ["Third & Kim", "Second & Kim", "First & Kim"]
    assert found(shop, order=Order.NEWEST) == found(shop, order=Order.NEWEST, when=When.UPCOMING) == newest


def test_a_status_can_be_chosen(shop: Business) -> None:
    couple(shop, "Held")
    couple(shop, "Gone", plus=1)
    with database.writing(shop.id):
        database.execute("UPDATE booking SET status = 'expired' WHERE couple LIKE 'Gone%%'")
    assert found(shop, status=BookingStatus.EXPIRED) == ["Gone & Kim"]


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("when", list(When))
def test_pages_by_key_show_every_booking_once(shop: Business, when: When, order: Order) -> None:
    shop.package("second", resource=0)
    for n in range(11):
        couple(shop, f"Couple {n:02}", plus=n)
    with database.writing(shop.id):
        shift = 400 if when is When.PAST else 0
        database.execute(
            "UPDATE booking SET event_on = (event_on - %s) - (extract(day FROM event_on)::int %% 3)", shift
        )
    seen: list[str] = []
    after: Cursor | None = None
    while True:
        with database.reading(shop.id):
            today = shop.tenant.today(time.now())
            page = listing(shop.id, today=today, when=when, order=order, after=after, limit=4)
        assert (page.count, page.has_more_than_counted) == (11, False)
        seen += [row.couple for row in page.rows]
        if page.next is None:
            break
        after = Cursor.parse(str(page.next))
    assert len(seen) == len(set(seen)) == 11


def test_a_position_survives_the_address() -> None:
    cursor = Cursor(date(2027, 6, 12), uuid4())
    assert Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize(
    "text", ["", "x", "2027-06-12", "2027-06-12_", "2027-06-12_zz", "2027-02-30_" + "0" * 32, "_" * 99]
)
def test_a_changed_position_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Cursor.parse(text)


def test_a_page_costs_two_statements_however_many_bookings_there_are(shop: Business) -> None:
    for n in range(30):
        couple(shop, f"Couple {n}", plus=n)
    with statements() as asked:
        found(shop, search="couple", when=When.UPCOMING)
    assert len(asked) == 2


def test_the_count_stops_at_a_thousand(shop: Business) -> None:
    couple(shop, "First")
    with database.writing(shop.id):
        columns = database.value(
            "SELECT string_agg(attname, ', ') FROM pg_attribute WHERE attrelid = 'booking'::regclass AND attnum > 0"
            " AND attgenerated = '' AND attname NOT IN ('id', 'reference', 'request_nonce', 'event_on')"
        )
        database.execute(
            f"INSERT INTO booking (id, reference, request_nonce, event_on, {columns})"
            f" SELECT gen_random_uuid(), 'bulk-' || md5(id::text || n), gen_random_uuid(), event_on + n, {columns}"
            " FROM booking, generate_series(1, 1200) AS n"
        )
    with database.reading(shop.id):
        page = listing(shop.id, today=shop.tenant.today(time.now()) - timedelta(days=1))
    assert (page.count, page.has_more_than_counted, len(page.rows)) == (1_000, True, 25)
