"""An attempt that came to nothing is followed by another one, unless word of its money comes in the same moment."""

from concurrent.futures import ThreadPoolExecutor

from portal.bookings import service as bookings
from portal.db import database
from portal.kernel import time
from portal.payments import attempts, checkouts, preparing
from portal.payments.states import CheckoutStatus
from tests.support.couples import hold
from tests.support.till import stripe_running
from tests.support.waiting import is_waited_for
from tests.support.world import Business


def test_money_on_its_way_is_not_asked_for_again(shop: Business) -> None:
    at = time.now()
    with stripe_running(), ThreadPoolExecutor(1) as another_tab:
        held = hold(shop)
        assert held.checkout_id
        checkouts.expire_sessions(shop.id, held.booking_id, at=at)
        with database.writing(shop.id):
            bookings.lock(shop.id, held.booking_id)
            attempts.change_status(shop.id, held.checkout_id, to=CheckoutStatus.PROCESSING, at=at)
            renewed = another_tab.submit(preparing.renew, shop.id, held.checkout_id, at=at)
            while not is_waited_for():
                assert not renewed.done()
        assert renewed.result(timeout=30) is None
