"""Many couples at once: a date is sold to one of them, the others are told so, and different dates are all sold."""

from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from functools import partial
from uuid import uuid4

import psycopg2
import pytest

from portal.availability import locks
from portal.db import database
from portal.devtools.embedded_postgres import Cluster
from portal.kernel import time
from portal.kernel.errors import PortalError
from portal.lifecycle.hold import Held, HoldRequest, hold_date
from tests.support.couples import form, in_half_a_year
from tests.support.crowds import all_at_once
from tests.support.days import claims_of
from tests.support.world import Business, open_shop

CROWD = 200
pytestmark = pytest.mark.slow


def send(shop: Business, request: HoldRequest, held: list[Held] | None = None) -> str:
    """Send a form; how it ended, in a word."""
    try:
        done = hold_date(shop.id, request, at=time.now())
    except PortalError as error:
        return error.code
    if held is not None:
        held.append(done)
    return "held"


def send_all(shop: Business, requests: Iterable[HoldRequest]) -> Counter[str]:
    """Send these forms at once."""
    return all_at_once(partial(send, shop, request) for request in requests)


def test_two_hundred_couples_want_one_date_and_one_gets_it(shop: Business) -> None:
    requests = [form(shop, first_partner=f"Anna {n}") for n in range(CROWD)]
    ends = send_all(shop, requests)
    assert ends == {"held": 1, "date_taken": CROWD - 1}
    assert list(claims_of(shop)) == [(shop.resource_id, in_half_a_year(shop))]
    with database.reading(shop.id):
        assert database.value("SELECT count(*) FROM booking") == 1
        assert database.value("SELECT count(*) FROM customer") == 1


def test_with_the_lock_switched_off_there_is_still_one_winner(shop: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "lock_places", lambda *_, **__: None)
    requests = [form(shop) for _ in range(60)]
    ends = send_all(shop, requests)
    assert ends == {"held": 1, "date_taken": 59}


def test_without_lock_and_constraint_dates_are_sold_twice(
    cluster: Cluster, own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the two are for: this crowd does find the gap when nothing stands in its way."""
    with closing(psycopg2.connect(cluster.owner_url(own_database))) as owner, owner, owner.cursor() as cursor:
        cursor.execute("ALTER TABLE date_claim DROP CONSTRAINT date_claim_once")
    monkeypatch.setattr(locks, "lock_places", lambda *_, **__: None)
    shop = open_shop()
    for day in range(20):
        requests = [form(shop, event_on=in_half_a_year(shop, plus=day)) for _ in range(20)]
        if send_all(shop, requests)["held"] > 1:
            return
    pytest.fail("no date was sold twice, so the races above prove nothing")


def test_different_dates_are_all_booked(shop: Business) -> None:
    requests = [form(shop, event_on=in_half_a_year(shop, plus=n)) for n in range(100)]
    assert send_all(shop, requests) == {"held": 100}
    assert len(claims_of(shop)) == 100


def test_overlapping_weekends_never_share_a_day(shop: Business) -> None:
    shop.package("weekend", days=2, buffer_days=1)
    requests = [form(shop, package_slug="weekend", event_on=in_half_a_year(shop, plus=n % 10)) for n in range(60)]
    ends = send_all(shop, requests)
    assert set(ends) == {"held", "date_taken"}
    assert ends["held"] * 3 == len(claims_of(shop))


def test_one_form_sent_twenty_times_at_once_makes_one_booking(shop: Business) -> None:
    request = form(shop, nonce=uuid4())
    held: list[Held] = []
    assert all_at_once([lambda: send(shop, request, held)] * 20) == {"held": 20}
    assert len({(each.booking_id, each.checkout_id) for each in held}) == 1
    with database.reading(shop.id):
        assert database.value("SELECT count(*) FROM booking") == 1
        assert database.value("SELECT count(*) FROM customer") == 1
        assert database.value("SELECT count(*) FROM checkout") == 1
