"""Two tabs of one browser send the same form, one of them changed: whoever comes second acts on what the first left."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from portal.db import database
from portal.kernel import time
from portal.lifecycle.hold import hold_date
from portal.payments import attempts, checkouts
from tests.support.couples import form
from tests.support.till import stripe_running
from tests.support.waiting import is_waited_for
from tests.support.world import Business


def test_the_later_tab_is_sold_what_it_sent_itself(shop: Business) -> None:
    plain = form(shop)
    with_albums = replace(plain, wish=replace(plain.wish, quantities={shop.add_ons["Album"]: 2}))
    with stripe_running(), ThreadPoolExecutor(1) as another_tab:
        held = hold_date(shop.id, plain, at=time.now())
        checkouts.expire_sessions(shop.id, held.booking_id, at=time.now())
        with database.writing(shop.id):
            hold_date(shop.id, with_albums, at=time.now())
            later = another_tab.submit(hold_date, shop.id, plain, at=time.now())
            while not is_waited_for():
                assert not later.done()
        ended = later.result(timeout=30)
    assert ended.checkout_id
    with database.reading(shop.id):
        assert database.value("SELECT total_cents FROM booking WHERE id = %s", held.booking_id) == 200_000
        assert attempts.load(shop.id, ended.checkout_id).amount_cents == 100_000
