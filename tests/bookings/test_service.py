"""A booking's lock, states, timeline and flag."""

from itertools import product
from uuid import uuid4

import pytest

from portal.bookings import queries, service
from portal.bookings.states import TRANSITIONS, Actor, BookingStatus
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import NotFound, Stale
from tests.support import couples
from tests.support.world import Business

BEFORE_AND_AFTER = list(product(BookingStatus, BookingStatus))


@pytest.mark.parametrize(("before", "after"), BEFORE_AND_AFTER)
def test_only_the_ways_in_the_table_can_be_gone(shop: Business, before: BookingStatus, after: BookingStatus) -> None:
    booking_id = couples.hold(shop).booking_id
    with database.writing(shop.id):
        database.execute(
            "UPDATE booking SET status = %s, cancel_requested_at = now(), cancel_undo_until = now(),"
            " cancel_actor = 'owner', cancel_refund_cents = 0 WHERE id = %s",
            before,
            booking_id,
        )

    def go() -> None:
        service.transition(
            shop.id, booking_id, frm=before, to=after, at=time.now(), actor=Actor.OWNER, kind="test", user_id=uuid4()
        )

    if after in TRANSITIONS[before]:
        go()
        with pytest.raises(Stale):
            go()
        with database.reading(shop.id):
            last = queries.timeline(shop.id, booking_id)[-1]
            assert (last.from_status, last.to_status, last.actor) == (before, after, Actor.OWNER)
            assert database.value("SELECT status FROM booking WHERE id = %s", booking_id) == after
    else:
        with pytest.raises(ValueError, match="does not go"):
            go()


def test_instants_follow_the_states(shop: Business) -> None:
    booking_id = couples.hold(shop).booking_id
    at = time.now()

    def go(frm: BookingStatus, to: BookingStatus) -> queries.BookingView:
        service.transition(shop.id, booking_id, frm=frm, to=to, at=at, actor=Actor.SYSTEM, kind="test")
        with database.reading(shop.id):
            return queries.by_id(shop.id, booking_id)

    expired = go(BookingStatus.HELD, BookingStatus.EXPIRED)
    assert (expired.confirmed_at, expired.ended_at) == (None, at)
    confirmed = go(BookingStatus.EXPIRED, BookingStatus.CONFIRMED)
    assert (confirmed.confirmed_at, confirmed.ended_at, confirmed.version) == (at, None, 3)


def test_one_of_several_states_may_be_left(shop: Business) -> None:
    booking_id = couples.hold(shop).booking_id
    left = service.transition(
        shop.id,
        booking_id,
        frm={BookingStatus.EXPIRED, BookingStatus.HELD},
        to=BookingStatus.CONFIRMED,
        at=time.now(),
        actor=Actor.STRIPE,
        kind="confirmed",
    )
    assert left is BookingStatus.HELD


def test_what_is_another_tenants_is_not_there(shop: Business, rival: Business) -> None:
    held = couples.hold(shop)
    with database.writing(rival.id), pytest.raises(NotFound):
        service.lock(rival.id, held.booking_id)
    with pytest.raises(NotFound):
        service.transition(
            rival.id, held.booking_id, frm=BookingStatus.HELD, to=BookingStatus.EXPIRED, at=time.now(),
            actor=Actor.SYSTEM, kind="test",
        )  # fmt: skip
    with database.reading(rival.id):
        with pytest.raises(NotFound):
            queries.by_reference(rival.id, held.reference)
        assert queries.timeline(rival.id, held.booking_id) == []
    with database.reading():
        assert queries.tenant_of(held.reference) == shop.id
        assert queries.tenant_of("nonsense") is None


def test_a_reason_for_review_is_said_once_and_others_are_added(shop: Business) -> None:
    booking_id = couples.hold(shop).booking_id
    at = time.now()
    assert service.flag_for_review(shop.id, booking_id, "amount differs", at)
    assert not service.flag_for_review(shop.id, booking_id, "amount differs", at)
    assert service.flag_for_review(shop.id, booking_id, "paid twice", at)
    with database.reading(shop.id):
        booking = queries.by_id(shop.id, booking_id)
        told = [entry.details for entry in queries.timeline(shop.id, booking_id) if entry.kind == "needs_review"]
    assert (booking.needs_review, booking.review_reason) == (True, "amount differs\npaid twice")
    assert told == [{"reason": "amount differs"}, {"reason": "paid twice"}]


def test_the_timeline_cannot_be_rewritten(shop: Business) -> None:
    couples.hold(shop)
    for statement in ("UPDATE booking_event SET kind = 'forged'", "DELETE FROM booking_event"):
        with pytest.raises(Exception, match="permission denied"), database.writing(shop.id):
            database.execute(statement)
