"""A couple changes what it told of itself: saved at once, told in the timeline, never over somebody else's change."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.bookings import queries
from portal.bookings.details import Details, details_of
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Invalid
from portal.lifecycle import details
from portal.lifecycle.details import ChangedMeanwhile, NotChangeable
from tests.support import couples, leaving, sold
from tests.support.sold import Sold
from tests.support.world import Business


@pytest.fixture
def booking(shop: Business) -> Sold:
    return sold.sell(shop)


def now_of(shop: Business, booking: Sold) -> Details:
    with database.reading(shop.id):
        return details_of(queries.by_id(shop.id, booking.booking_id))


def save(shop: Business, booking: Sold, seen: Details | None = None, **changes: object) -> bool:
    before = seen or now_of(shop, booking)
    wanted = replace(before, **changes)  # type: ignore[arg-type]
    return details.save(shop.id, booking.booking_id, wanted, seen=before.fingerprint, at=time.now())


def told(shop: Business, booking: Sold) -> list[object]:
    with database.reading(shop.id):
        timeline = queries.timeline(shop.id, booking.booking_id)
    return [entry.details["changes"] for entry in timeline if entry.kind == "details_changed"]


def test_everything_can_be_changed_and_the_timeline_keeps_what_it_was(shop: Business, booking: Sold) -> None:
    with database.reading(shop.id):
        before = queries.by_id(shop.id, booking.booking_id)
    assert save(
        shop, booking, first_partner="Anna Vale", second_partner="Ben Vale", phone="", venue="The Barn",
        guest_count=None, notes="Three\nchildren.",
    )  # fmt: skip
    with database.reading(shop.id):
        after = queries.by_id(shop.id, booking.booking_id)
    assert (after.couple, after.venue, after.guest_count, after.phone) == ("Anna Vale & Ben Vale", "The Barn", None, "")
    assert (after.first_partner, after.notes) == ("Anna Vale", "Three\nchildren.")
    assert after.version == before.version + 1
    (changes,) = told(shop, booking)
    assert changes == {
        "first_partner": ["Anna Smith", "Anna Vale"], "second_partner": ["Ben Jones", "Ben Vale"],
        "phone": ["+44 20 7946 0958", ""], "venue": ["The Old Mill", "The Barn"], "guest_count": [80, None],
        "notes": ["Two small children.", "Three\nchildren."],
    }  # fmt: skip


def test_saving_the_same_again_changes_nothing(shop: Business, booking: Sold) -> None:
    assert not save(shop, booking)
    assert told(shop, booking) == []
    with database.reading(shop.id):
        assert not database.value("SELECT 1 FROM outbox WHERE kind = 'booking.details_changed'")


def test_a_form_that_was_filled_in_before_somebody_elses_change_saves_nothing(shop: Business, booking: Sold) -> None:
    seen = now_of(shop, booking)
    save(shop, booking, venue="The Barn")
    with pytest.raises(ChangedMeanwhile) as caught:
        save(shop, booking, seen=seen, notes="A surprise!")
    assert caught.value.now.venue == "The Barn"
    assert now_of(shop, booking) == replace(seen, venue="The Barn")


def test_more_guests_than_the_package_is_for_are_refused_but_what_was_agreed_stays(
    shop: Business, booking: Sold
) -> None:
    with database.writing(shop.id):
        database.execute("UPDATE package SET max_guests = 60")
    assert save(shop, booking, venue="The Barn"), "80 guests were agreed"
    with pytest.raises(Invalid) as caught:
        save(shop, booking, guest_count=81)
    assert list(caught.value.fields) == ["guest_count"]
    assert save(shop, booking, guest_count=60)


def test_only_a_booking_that_stands_can_be_changed(shop: Business) -> None:
    held = couples.hold(shop)
    with pytest.raises(NotChangeable, match="not paid yet"):
        details.save(shop.id, held.booking_id, now_of(shop, Sold(held.booking_id, "", held.booking_id)), seen="",
                     at=time.now())  # fmt: skip
    booking = sold.sell(shop, event_on=couples.in_half_a_year(shop, plus=1))
    leaving.cancelling(shop, booking)
    with pytest.raises(NotChangeable, match="being cancelled"):
        save(shop, booking, venue="The Barn")


def test_after_the_day_nothing_changes(shop: Business, booking: Sold) -> None:
    with database.reading(shop.id):
        found = queries.by_id(shop.id, booking.booking_id)
    assert details.refusal(found, today=found.event_on) is None
    refused = details.refusal(found, today=found.event_on + timedelta(days=1))
    assert refused is not None
    assert "has passed" in str(refused)


def test_another_business_knows_no_such_booking(shop: Business, rival: Business, booking: Sold) -> None:
    wanted = now_of(shop, booking)
    with pytest.raises(Exception, match="no such booking"):
        details.save(rival.id, booking.booking_id, wanted, seen=wanted.fingerprint, at=time.now())
