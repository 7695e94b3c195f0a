"""A booking that waits for a person tells its business at once."""

from pathlib import Path

from portal.bookings import service
from portal.kernel import time
from tests.support import mailroom, people
from tests.support.mailroom import letters
from tests.support.sold import sell
from tests.support.world import Business


def test_the_business_hears_of_a_review_in_words_and_once(shop: Business, mail_folder: Path) -> None:
    sold = sell(shop)
    for _ in range(2):
        service.flag_for_review(shop.id, sold.booking_id, "payment_mismatch: amount", time.now())
    mailroom.drain(shop.id)
    (letter,) = [each for each in letters(mail_folder) if "Please look" in each.subject]
    assert "A payment differs from what was sold (amount)" in letter.text
    assert f"/dashboard/bookings/{sold.reference}" in letter.text


def test_a_review_that_has_ended_meanwhile_is_not_mailed(shop: Business, mail_folder: Path) -> None:
    sold = sell(shop)
    service.flag_for_review(shop.id, sold.booking_id, "dispute: dp_1", time.now())
    service.end_review(shop.id, sold.booking_id, user_id=people.person(shop.id).user_id, at=time.now())
    mailroom.drain(shop.id)
    assert not [each for each in letters(mail_folder) if "Please look" in each.subject]
