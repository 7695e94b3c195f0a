"""Policies that make no sense are refused at their field, and documents are read strictly."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from portal.bookings.policy import cancellation, moving
from portal.bookings.policy.cancellation import CancellationPolicy, Kept, Tier
from portal.bookings.policy.documents import (
    cancellation_document,
    cancellation_policy,
    move_document,
    move_policy,
)
from portal.bookings.policy.moving import MovePolicy, MovePrice, move_fault, shift_fault
from portal.kernel.errors import Invalid
from portal.kernel.money import Money
from portal.tenants.rules import starting_terms

GOOD = CancellationPolicy((Tier(90, 100), Tier(30, 50)), Kept.FEE, 10_000, 5_000, 14, 7, 40)
MOVES = MovePolicy(30, 1, (5_000, 10_000), 365, MovePrice.NEW, may_change_package=True)
PRICE = Money(20_000, "USD")


def test_a_policy_comes_back_from_its_document_as_it_was() -> None:
    assert cancellation_policy(cancellation_document(GOOD)) == GOOD
    assert move_policy(move_document(MOVES)) == MOVES


def test_terms_from_before_there_was_a_further_share_give_none() -> None:
    document = cancellation_document(GOOD)
    del document["rebooked_percent"]
    assert cancellation_policy(document) == replace(GOOD, rebooked_percent=0)


@pytest.mark.parametrize("deposit_percent", [None, 30])
def test_the_terms_a_business_begins_with_make_sense(deposit_percent: int | None) -> None:
    terms = starting_terms(deposit_percent)
    begun = cancellation_policy(terms["cancellation_policy"])
    assert cancellation.faults(begun, has_deposit=deposit_percent is not None) == {}
    move_policy(terms["move_policy"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tiers": (Tier(30, 50), Tier(90, 40))}, "tier_days_2"),
        ({"tiers": (Tier(90, 50), Tier(90, 40))}, "tier_days_2"),
        ({"tiers": (Tier(90, 50), Tier(30, 60))}, "tier_percent_2"),
        ({"tiers": (Tier(90, 50), Tier(30, 50))}, "tier_percent_2"),
        ({"tiers": (Tier(-1, 50),)}, "tier_days_1"),
        ({"tiers": (Tier(1_096, 50),)}, "tier_days_1"),
        ({"tiers": (Tier(90, 101),)}, "tier_percent_1"),
        ({"tiers": (Tier(90, -1),)}, "tier_percent_1"),
        ({"tiers": tuple(Tier(90 - at, 90 - at) for at in range(9))}, "tiers"),
        ({"booking_fee_cents": 0}, "booking_fee"),
        ({"booking_fee_cents": -1}, "booking_fee"),
        ({"booking_fee_cents": 20_001}, "booking_fee"),
        ({"kept": Kept.NOTHING}, "booking_fee"),
        ({"flat_fee_cents": -1}, "flat_fee"),
        ({"flat_fee_cents": 20_001}, "flat_fee"),
        ({"flat_fee_cents": 10_001}, "flat_fee"),  # together with the booking fee
        ({"kept": Kept.DEPOSIT, "booking_fee_cents": 0}, "kept"),
        ({"add_ons_days": -1}, "add_ons_days"),
        ({"cooling_off_days": 91}, "cooling_off_days"),
        ({"rebooked_percent": 101}, "rebooked_percent"),
        ({"rebooked_percent": -1}, "rebooked_percent"),
    ],
)
def test_a_cancellation_policy_without_sense_is_refused_at_its_field(changes: dict[str, Any], field: str) -> None:
    assert cancellation.faults(GOOD, price=PRICE) == {}
    assert set(cancellation.faults(replace(GOOD, **changes), price=PRICE, has_deposit=False)) == {field}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"cutoff_days": -1}, "cutoff_days"),
        ({"cutoff_days": 1_096}, "cutoff_days"),
        ({"free_moves": -1}, "free_moves"),
        ({"free_moves": 21}, "free_moves"),
        ({"fees_cents": (0,)}, "move_fee_1"),
        ({"fees_cents": (5_000, 4_999)}, "move_fee_2"),
        ({"fees_cents": (5_000, 20_001)}, "move_fee_2"),
        ({"fees_cents": (1, 2, 3, 4, 5, 6)}, "move_fees"),
        ({"farthest_days": 0}, "farthest_days"),
        ({"farthest_days": 1_096}, "farthest_days"),
    ],
)
def test_a_move_policy_without_sense_is_refused_at_its_field(changes: dict[str, Any], field: str) -> None:
    assert moving.faults(MOVES, price=PRICE) == {}
    assert set(moving.faults(replace(MOVES, **changes), price=PRICE)) == {field}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tiers": {}}, "tiers"),
        ({"tiers": [{"days": True, "percent": 5}]}, "tiers"),
        ({"tiers": [{"days": 1, "percent": 5, "more": 1}]}, "tiers"),
        ({"tiers": ["x"]}, "tiers"),
        ({"kept": "all"}, "kept"),
        ({"kept": ["fee"]}, "kept"),
        ({"flat_fee_cents": 1.5}, "flat_fee_cents"),
        ({"flat_fee_cents": "1"}, "flat_fee_cents"),
        ({"flat_fee_cents": True}, "flat_fee_cents"),
        ({"cooling_off_days": None}, "cooling_off_days"),
        ({"rebooked_percent": None}, "rebooked_percent"),
        ({"rebooked_percent": 12.5}, "rebooked_percent"),
        ({"rebooked_percent": True}, "rebooked_percent"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_cancellation_document_is_read_strictly(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as told:
        cancellation_policy({**cancellation_document(GOOD), **changes})
    assert set(told.value.fields) == {field}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"fees_cents": [1, "2"]}, "fees_cents"),
        ({"fees_cents": [True]}, "fees_cents"),
        ({"price": "cheap"}, "price"),
        ({"may_change_package": 1}, "may_change_package"),
        ({"farthest_days": "all"}, "farthest_days"),
    ],
)
def test_a_move_document_is_read_strictly(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as told:
        move_policy({**move_document(MOVES), **changes})
    assert set(told.value.fields) == {field}


@pytest.mark.parametrize("document", [None, [], "terms", {}])
def test_what_is_no_document_is_no_policy(document: object) -> None:
    with pytest.raises(Invalid):
        cancellation_policy(document)
    with pytest.raises(Invalid):
        move_policy(document)


def test_moves_are_free_first_then_climb_the_ladder_and_stay_on_its_last_step() -> None:
    assert [MOVES.fee_cents(done) for done in range(5)] == [0, 5_000, 10_000, 10_000, 10_000]
    assert [replace(MOVES, fees_cents=()).fee_cents(done) for done in range(3)] == [0, None, None]


def test_a_date_moves_until_the_end_of_the_last_day_as_often_and_as_far_as_the_terms_allow() -> None:
    event = date(2027, 6, 12)
    assert move_fault(MOVES, event_on=event, moves_done=9, today=date(2027, 5, 13)) is None
    assert move_fault(MOVES, event_on=event, moves_done=0, today=date(2027, 5, 14)) is not None
    once = replace(MOVES, fees_cents=())
    assert move_fault(once, event_on=event, moves_done=1, today=date(2027, 1, 1)) is not None
    never = replace(once, free_moves=0)
    assert move_fault(never, event_on=event, moves_done=0, today=date(2027, 1, 1)) is not None
    for day, is_far in ((date(2028, 6, 11), False), (date(2028, 6, 12), True), (date(2026, 6, 12), False)):
        assert (shift_fault(MOVES, original_on=event, new_on=day) is not None) == is_far, day
    assert shift_fault(replace(MOVES, farthest_days=None), original_on=event, new_on=date(2031, 1, 1)) is None
