"""A booking owns its days, and nobody else's."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from portal.availability import claims, queries, service
from portal.availability.rules import span
from portal.availability.states import ClaimKind
from portal.db import database
from portal.kernel.errors import DateTaken
from portal.kernel.time import days_from
from tests.support import world
from tests.support.days import bare_booking, claims_of
from tests.support.world import Business

DAY = date(2027, 6, 12)


def claim(
    business: Business,
    booking_id: UUID,
    event_on: date = DAY,
    *,
    days: int = 1,
    buffer_days: int = 0,
    resource: int = 0,
) -> None:
    service.claim_days(
        business.id,
        resource_id=business.resource_ids[resource],
        booking_id=booking_id,
        kinds=span(event_on, days, buffer_days).held(),
    )


def days_of(business: Business, booking_id: UUID) -> dict[date, str]:
    return {day: kind for (_, day), (kind, owner) in claims_of(business).items() if owner == booking_id}


def test_a_hold_takes_every_day_of_the_event_and_its_buffer(shop: Business) -> None:
    booking_id = bare_booking(shop)
    claim(shop, booking_id, days=2, buffer_days=1)
    assert days_of(shop, booking_id) == dict.fromkeys(days_from(DAY, 3), "hold")


def test_confirming_changes_the_kind_and_keeps_the_rows(shop: Business) -> None:
    booking_id = bare_booking(shop)
    claim(shop, booking_id, days=2, buffer_days=1)
    with database.reading(shop.id):
        before = {row.id for row in database.rows("SELECT id FROM date_claim WHERE tenant_id = %s", shop.id)}
    service.claim_days(shop.id, resource_id=shop.resource_id, booking_id=booking_id, kinds=span(DAY, 2, 1).confirmed())
    with database.reading(shop.id):
        after = {row.id for row in database.rows("SELECT id FROM date_claim WHERE tenant_id = %s", shop.id)}
    assert before == after
    assert list(days_of(shop, booking_id).values()) == ["event", "event", "buffer"]


def test_moving_by_a_day_keeps_the_days_both_dates_share(shop: Business) -> None:
    booking_id = bare_booking(shop)
    claim(shop, booking_id, days=3)
    claim(shop, booking_id, event_on=DAY + timedelta(days=1), days=3)
    assert set(days_of(shop, booking_id)) == set(days_from(DAY + timedelta(days=1), 3))


def test_moving_to_another_resource_leaves_nothing_behind() -> None:
    barn = world.open_business(resources=("Great Barn", "Walled Garden"))
    barn.package()
    booking_id = bare_booking(barn)
    claim(barn, booking_id)
    claim(barn, booking_id, resource=1)
    assert claims_of(barn) == {(barn.resource_ids[1], DAY): ("hold", booking_id)}


def test_the_second_couple_is_told_the_day_that_is_taken_and_nothing_is_written(shop: Business) -> None:
    first, second = bare_booking(shop), bare_booking(shop)
    claim(shop, first, event_on=DAY + timedelta(days=1))
    with pytest.raises(DateTaken) as told:
        claim(shop, second, days=3)
    assert told.value.params == {"day": DAY + timedelta(days=1)}
    assert days_of(shop, second) == {}


def test_a_buffer_day_lies_on_no_other_claim(shop: Business) -> None:
    first, second = bare_booking(shop), bare_booking(shop)
    claim(shop, first, buffer_days=1)
    with pytest.raises(DateTaken):
        claim(shop, second, event_on=DAY + timedelta(days=1))
    with pytest.raises(DateTaken):
        claim(shop, second, event_on=DAY - timedelta(days=1), buffer_days=1)


def test_the_same_day_is_sold_once_for_each_resource_and_each_tenant(shop: Business, rival: Business) -> None:
    barn = world.open_business(resources=("Great Barn", "Walled Garden"))
    barn.package()
    for business, resource in ((barn, 0), (barn, 1), (shop, 0), (rival, 0)):
        claim(business, bare_booking(business), resource=resource)
    assert len(claims_of(barn)) == 2
    assert len(claims_of(shop)) == len(claims_of(rival)) == 1


def test_a_released_day_can_be_sold_again(shop: Business) -> None:
    first, second = bare_booking(shop), bare_booking(shop)
    claim(shop, first, days=2)
    service.release_days(shop.id, booking_id=first)
    assert claims_of(shop) == {}
    claim(shop, second)
    assert days_of(shop, second) == {DAY: "hold"}


def test_releasing_what_owns_nothing_does_nothing(shop: Business) -> None:
    service.release_days(shop.id, booking_id=bare_booking(shop))
    assert claims_of(shop) == {}


def test_a_day_is_free_for_its_own_booking_only(shop: Business) -> None:
    booking_id = bare_booking(shop)
    claim(shop, booking_id, days=2)

    def is_free(event_on: date, booking_id: UUID | None = None) -> bool:
        with database.reading(shop.id):
            return queries.is_free(
                shop.id, resource_id=shop.resource_id, event_on=event_on, days=2, buffer_days=0, booking_id=booking_id
            )

    assert not is_free(DAY - timedelta(days=1))
    assert is_free(DAY - timedelta(days=2))
    assert is_free(DAY, booking_id)


def test_a_violated_constraint_is_a_taken_date_too(shop: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    """The third layer alone: the check before it sees nothing, as when two transactions overlap without the lock."""
    first, second = bare_booking(shop), bare_booking(shop)
    claim(shop, first)
    monkeypatch.setattr(claims, "standing", lambda *_, **__: ({}, set()))
    with pytest.raises(DateTaken) as told:
        claim(shop, second)
    assert told.value.params == {"day": DAY}
    with pytest.raises(DateTaken):
        claim(shop, second, event_on=DAY - timedelta(days=1), days=2)
    assert days_of(shop, second) == {}


def test_the_month_is_read_in_one_statement(shop: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    claim(shop, bare_booking(shop))
    said: list[object] = []
    execute = database.db.execute_sql

    def listening(sql: str, *params: object) -> object:
        said.append(sql)
        return execute(sql, *params)

    monkeypatch.setattr(database.db, "execute_sql", listening)
    with database.reading(shop.id):
        said.clear()
        view = queries.month(
            shop.id, resource_id=shop.resource_id, month=date(2027, 6, 1), days=1, buffer_days=0,
            today=date(2027, 6, 1), furthest_on=date(2030, 6, 1),
        )  # fmt: skip
        assert len(said) == 1
    states = {day.on: day.state.value for week in view.weeks for day in week if day.is_in_month}
    assert states.pop(DAY) == "held"
    assert set(states.values()) == {"free"}


def test_a_rival_sees_no_claim(shop: Business, rival: Business) -> None:
    claim(shop, bare_booking(shop))
    with database.reading(rival.id):
        assert queries.claimed(shop.id, shop.resource_id, DAY, DAY) == {}
    with database.reading(shop.id):
        assert queries.claimed(shop.id, shop.resource_id, DAY, DAY) == {DAY: ClaimKind.HOLD}
