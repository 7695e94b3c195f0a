"""A booked day that becomes busy elsewhere: the business hears of it once and sees it for as long as it is so."""

from pathlib import Path
from uuid import UUID

from portal.bookings.states import Actor
from portal.db import database
from portal.kernel import time
from portal.lifecycle import undo
from portal.web.application import Application
from tests.calendars.conftest import Server
from tests.calendars.test_busy import diary, on, refresh
from tests.support import couples, leaving, plans, sold
from tests.support.couples import in_half_a_year
from tests.support.mailroom import mail_folder
from tests.support.people import logged_in, person
from tests.support.world import Business

__all__ = ["diary", "mail_folder"]


def notices(shop: Business, folder: Path) -> list[str]:
    """Carry out what is owed; the subjects of what came for the business about days that are busy elsewhere."""
    plans.work(shop, time.now())
    return [each.subject for each in plans.arrived(folder) if "busy in another calendar" in each.subject]


def test_the_business_hears_of_each_clash_once(
    shop: Business, server: Server, diary: UUID, mail_folder: Path, app: Application
) -> None:
    shop.package("weekend", days=2)
    day, next_day = in_half_a_year(shop), in_half_a_year(shop, plus=1)
    booking = sold.sell(shop, event_on=day, package_slug="weekend")
    assert notices(shop, mail_folder) == []
    server.says(on(day, in_half_a_year(shop, plus=9)))
    refresh(shop, server, diary)
    (subject,) = notices(shop, mail_folder)
    assert f"{day:%Y}" in subject
    refresh(shop, server, diary)
    server.says(on())
    refresh(shop, server, diary)
    server.says(on(day))
    refresh(shop, server, diary)
    assert notices(shop, mail_folder) == []  # the same again
    page = logged_in(app, person(shop.id)).get(f"/dashboard/{shop.slug}/bookings/{booking.reference}").text
    assert "is also busy in “Private”. The booking stands." in page
    server.says(on(day, next_day))
    refresh(shop, server, diary)
    assert len(notices(shop, mail_folder)) == 1
    with database.reading(shop.id):
        slots = [
            row.slot for row in database.rows("SELECT slot FROM message WHERE kind = 'busy_outside' ORDER BY slot")
        ]
        assert slots == [day.isoformat(), next_day.isoformat()]
        assert database.value("SELECT status FROM booking WHERE id = %s", booking.booking_id) == "confirmed"


def test_days_that_become_busy_together_are_told_together_and_only_while_they_are(
    shop: Business, server: Server, diary: UUID, mail_folder: Path
) -> None:
    shop.package("weekend", days=2)
    sold.sell(shop, event_on=in_half_a_year(shop), package_slug="weekend")
    sold.sell(shop, event_on=in_half_a_year(shop, plus=5))
    plans.work(shop, time.now())
    server.says(on(in_half_a_year(shop), in_half_a_year(shop, plus=1)))
    refresh(shop, server, diary)
    assert len(notices(shop, mail_folder)) == 1
    server.says(on(in_half_a_year(shop, plus=5)))
    refresh(shop, server, diary)
    server.says(on())
    refresh(shop, server, diary)  # before a worker comes to it
    assert notices(shop, mail_folder) == []


def test_a_hold_that_becomes_a_booking_on_a_busy_day_is_told_when_it_does(
    shop: Business, server: Server, diary: UUID, mail_folder: Path
) -> None:
    held = couples.hold(shop)
    server.says(on(in_half_a_year(shop)))
    refresh(shop, server, diary)
    assert notices(shop, mail_folder) == []
    assert held.checkout_id
    sold.pay(shop, held.checkout_id, at=time.now())
    assert len(notices(shop, mail_folder)) == 1


def test_a_day_that_became_busy_while_a_cancellation_could_be_undone_is_told_when_it_is(
    shop: Business, server: Server, diary: UUID, mail_folder: Path
) -> None:
    booking = sold.sell(shop)
    leaving.cancelling(shop, booking)
    server.says(on(in_half_a_year(shop)))
    refresh(shop, server, diary)
    assert notices(shop, mail_folder) == []
    undo.undo(shop.id, booking.booking_id, actor=Actor.COUPLE, at=time.now())
    assert len(notices(shop, mail_folder)) == 1
