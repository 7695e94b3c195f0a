"""A date that was given up is sold again: its couple gets its further share, once, of what is really kept."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal import settings as settings_module
from portal.invoices import service as invoices
from portal.kernel import time
from portal.lifecycle import finish, rebooked, refund, release
from portal.lifecycle.hold import Held
from portal.messages import clash_plans, planning, plans
from portal.settings import Features, Settings
from tasks import reactions
from tasks.claims import Effect
from tests.concurrency.test_settle_races import race
from tests.support import moving
from tests.support.couples import in_half_a_year
from tests.support.leaving import WINDOW, cancelling, pay_the_rest, sold, terms
from tests.support.till import Till, booking, ledger, owed, refunds, rows
from tests.support.world import Business, open_business

HALF_BACK = {"kept": '"deposit"', "rebooked_percent": "50"}


def given_up(
    till: Till, shop: Business, *, is_paid: bool = False, changes: dict[str, str] = HALF_BACK, **wish: Any
) -> Held:
    """A booking whose cancellation is final: the deposit of 1,000.00 is kept, and half of it may still come back."""
    held = sold(till, shop, **wish)
    if is_paid:
        pay_the_rest(till, shop, held)
    terms(shop, held, **changes)
    assert finish.finish(shop.id, held.booking_id, at=cancelling(shop, held).undo_until)
    till.work(shop)
    return held


def look(shop: Business, held: Held) -> int:
    return rebooked.look(shop.id, held.booking_id, at=time.now())


def shares(shop: Business) -> list[tuple[int, str]]:
    return [(cents, status) for reason, cents, status in refunds(shop) if reason == "rebooked"]


def test_a_date_that_is_sold_again_gives_half_of_what_was_kept_back(till: Till, shop: Business) -> None:
    first = given_up(till, shop)
    second = sold(till, shop)
    assert look(shop, second) == 1
    till.work(shop)
    assert shares(shop) == [(50_000, "COMPLETED")]
    row = booking(shop, first)
    assert (row.rebooked_cents, row.rebooked_at is not None) == (50_000, True)
    story = rows(shop, "SELECT details FROM booking_event WHERE kind = 'rebooked'")
    assert story == [({"refund_cents": 50_000, "currency": "USD"},)]
    assert sum(cents for _, cents in ledger(shop)) == 50_000 + 100_000


def test_the_worker_does_it_when_the_next_couple_has_paid(till: Till, shop: Business, monkeypatch: Any) -> None:
    monkeypatch.setattr("tests.support.till.KINDS", ("webhook.handle", "refund.execute", "booking.confirmed"))
    given_up(till, shop)
    sold(till, shop)
    till.work(shop)
    assert shares(shop) == [(50_000, "COMPLETED")]
    assert owed(shop).count("booking.rebooked") == 1


def test_a_booking_that_moves_onto_the_date_is_a_sale_as_well(till: Till, shop: Business) -> None:
    given_up(till, shop)
    other = sold(till, shop, event_on=moving.later(shop))
    moving.terms(shop, other, moving.FOR_A_FEE)
    moving.waiting(shop, other, in_half_a_year(shop))
    assert look(shop, other) == 0  # the date is only kept while the move is paid
    moving.pay(till, shop, other)
    assert look(shop, other) == 1
    assert shares(shop) == [(50_000, "PENDING")]


@pytest.mark.parametrize("kind", ["booking.confirmed", "booking.moved", "booking.cancellation_undone"])
def test_each_way_to_a_sale_is_looked_at(kind: str, monkeypatch: pytest.MonkeyPatch, shop: Business) -> None:
    seen: list[UUID] = []
    monkeypatch.setattr(rebooked, "look", lambda _, sold_id, **__: seen.append(sold_id))
    for name in ("booking_confirmed", "moved", "cancellation_undone"):
        monkeypatch.setattr(plans, name, lambda *_, **__: None)
    monkeypatch.setattr(invoices, "keep_up", lambda *_, **__: [])
    monkeypatch.setattr(planning, "keep_up", lambda *_, **__: None)
    monkeypatch.setattr(clash_plans, "busy_outside", lambda *_, **__: None)
    key = uuid4()
    payload = {"quote_id": str(uuid4()), "actor": "couple"}
    reactions.react(Effect(uuid4(), shop.id, kind, key, payload, 1))
    assert seen == [key]


def test_it_comes_once_however_often_the_date_is_sold(till: Till, shop: Business) -> None:
    given_up(till, shop)
    second = given_up(till, shop, changes={"kept": '"deposit"'})
    assert look(shop, second) == 0  # it was sold, and given up before anybody looked
    third = sold(till, shop)
    assert [look(shop, third) for _ in range(3)] == [1, 0, 0]
    assert shares(shop) == [(50_000, "PENDING")]
    assert owed(shop).count("booking.rebooked") == 1


def test_each_couple_that_gave_the_date_up_gets_its_own_share(till: Till, shop: Business) -> None:
    given_up(till, shop)
    given_up(till, shop, changes={"kept": '"deposit"', "rebooked_percent": "10"})
    assert look(shop, sold(till, shop)) == 2
    assert shares(shop) == [(50_000, "PENDING"), (10_000, "PENDING")]


def test_the_newest_payment_gives_first_and_halves_go_up(till: Till, shop: Business) -> None:
    given_up(till, shop, is_paid=True, changes={"kept": '"nothing"', "tiers": "[]", "rebooked_percent": "51"})
    assert look(shop, sold(till, shop)) == 1
    assert shares(shop) == [(100_000, "PENDING"), (2_000, "PENDING")]


def test_a_hold_is_no_sale(till: Till, shop: Business) -> None:
    given_up(till, shop)
    held = till.hold(shop)
    assert look(shop, held) == 0
    release.release(shop.id, held.booking_id, at=time.now() + timedelta(hours=1))
    assert shares(shop) == []


def test_terms_without_a_share_give_none_and_neither_do_those_from_before(till: Till, shop: Business) -> None:
    given_up(till, shop, changes={"kept": '"deposit"', "rebooked_percent": "0"})
    assert look(shop, sold(till, shop)) == 0


def test_nothing_kept_is_nothing_to_share(till: Till, shop: Business) -> None:
    given_up(till, shop, changes={"kept": '"nothing"', "rebooked_percent": "100"})
    assert look(shop, sold(till, shop)) == 0
    assert booking_rows(shop) == [None, None]


def booking_rows(shop: Business) -> list[Any]:
    return [at for (at,) in rows(shop, "SELECT rebooked_at FROM booking ORDER BY created_at")]


def test_every_day_of_the_event_must_be_sold_again(till: Till, shop: Business) -> None:
    shop.package("three-days", days=3, buffer_days=1)
    start = in_half_a_year(shop)
    given_up(till, shop, package_slug="three-days", event_on=start)
    shop.package("evening", days=1, buffer_days=1)
    first = sold(till, shop, event_on=start)
    second = sold(till, shop, event_on=start + timedelta(days=1), package_slug="evening")
    assert [look(shop, each) for each in (first, second)] == [0, 0]  # the third is a buffer: nobody has bought it
    assert finish.finish(shop.id, second.booking_id, at=cancelling(shop, second).undo_until)
    halves = [sold(till, shop, event_on=start + timedelta(days=days)) for days in (1, 2)]
    assert look(shop, halves[1]) == 1
    assert look(shop, halves[0]) == 0


def test_two_confirmations_at_once_give_it_once(till: Till, shop: Business) -> None:
    shop.package("two-days", days=2)
    start = in_half_a_year(shop)
    given_up(till, shop, package_slug="two-days", event_on=start)
    halves = [sold(till, shop, event_on=start + timedelta(days=days)) for days in (0, 1)]
    answers = race(*[lambda each=each: look(shop, each) for each in halves * 3])
    assert [answers.count(count) for count in (0, 1)] == [5, 1]
    assert shares(shop) == [(50_000, "PENDING")]


def test_a_day_of_another_calendar_is_another_day(till: Till) -> None:
    shop = open_business(resources=("Barn", "Garden"))
    shop.package("barn")
    shop.package("garden", resource=1)
    given_up(till, shop, package_slug="barn")
    assert look(shop, sold(till, shop, package_slug="garden")) == 0
    assert look(shop, sold(till, shop, package_slug="barn")) == 1


def test_a_booking_that_is_itself_being_given_up_is_no_sale_until_that_is_taken_back(
    till: Till, shop: Business
) -> None:
    given_up(till, shop)
    second = sold(till, shop)
    cancelling(shop, second)
    assert look(shop, second) == 0
    assert shares(shop) == []


def test_what_the_business_gave_back_itself_is_no_longer_kept(till: Till, shop: Business) -> None:
    first = given_up(till, shop)
    refund.refund(
        shop.id, first.booking_id, amount_cents=30_001, reason="A favour.", seen_left_cents=100_000, user_id=None,
        at=time.now(),
    )  # fmt: skip
    assert look(shop, sold(till, shop)) == 1
    assert shares(shop) == [(35_000, "PENDING")]  # half of 699.99, halves up


def test_a_refund_that_failed_is_owed_and_not_kept(till: Till, shop: Business) -> None:
    first = given_up(till, shop, is_paid=True)
    ((refund_id, request_id),) = rows(shop, "SELECT stripe_refund_id, id FROM refund_request")
    till.stripe.settle_refund(refund_id, is_success=False)
    till.deliver()
    assert refunds(shop) == [("cancellation", 100_000, "FAILED")]
    assert look(shop, sold(till, shop)) == 1
    refund.try_again(shop.id, first.booking_id, request_id, user_id=None, at=time.now())
    till.work(shop)
    assert shares(shop) == [(50_000, "COMPLETED")]
    assert sum(cents for _, cents in ledger(shop)) == 50_000 + 100_000


def test_a_share_that_does_not_go_through_is_seen_and_tried_again(till: Till, shop: Business) -> None:
    first = given_up(till, shop)
    look(shop, sold(till, shop))
    till.work(shop)
    ((refund_id, request_id),) = rows(shop, "SELECT stripe_refund_id, id FROM refund_request")
    till.stripe.settle_refund(refund_id, is_success=False)
    till.deliver()
    assert shares(shop) == [(50_000, "FAILED")]
    assert booking(shop, first).needs_review
    refund.try_again(shop.id, first.booking_id, request_id, user_id=None, at=time.now())
    till.work(shop)
    assert shares(shop) == [(50_000, "FAILED"), (50_000, "COMPLETED")]
    assert look(shop, first) == 0


@pytest.fixture
def refunds_off(connected: Settings) -> Iterator[None]:
    """An installation that gives nothing back by itself."""
    yield
    settings_module.install(connected)


def test_with_refunds_switched_off_a_person_is_asked_once(
    till: Till, shop: Business, connected: Settings, refunds_off: None
) -> None:
    first, second = given_up(till, shop), sold(till, shop)
    settings_module.install(replace(connected, features=Features(refunds=False)))
    assert [look(shop, second) for _ in range(2)] == [1, 0]
    row = booking(shop, first)
    assert (row.review_reason, row.rebooked_cents) == ("refund_owed: rebooked", 50_000)
    assert shares(shop) == []


def test_a_cancellation_that_a_person_still_has_to_pay_back_is_not_kept(
    till: Till, shop: Business, connected: Settings, refunds_off: None
) -> None:
    settings_module.install(replace(connected, features=Features(refunds=False)))
    given_up(till, shop, is_paid=True)
    settings_module.install(connected)
    assert refunds(shop) == []
    assert look(shop, sold(till, shop)) == 1
    assert shares(shop) == [(50_000, "PENDING")]


def test_a_rival_that_sells_the_same_day_gives_nobody_anything(till: Till, shop: Business, rival: Business) -> None:
    given_up(till, shop)
    assert look(rival, sold(till, rival)) == 0
    assert rebooked.look(rival.id, sold(till, shop).booking_id, at=time.now() + WINDOW) == 0
    assert shares(shop) == []
