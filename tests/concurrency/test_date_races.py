"""A date is sold once, whoever comes at the same instant: real threads, each with a connection of its own.

The three layers are taken away one by one. Without the lock the constraint still leaves one winner; without both the
same race shows doubles, which proves that it can.
"""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import psycopg2
import pytest

from portal.availability import locks, service
from portal.availability.rules import span
from portal.db import database
from portal.devtools.embedded_postgres import Cluster
from portal.kernel.errors import DateTaken
from portal.kernel.time import days_from
from tests.support import world
from tests.support.days import AT, bare_booking, claims_of
from tests.support.world import Business

pytestmark = pytest.mark.slow
DAY = date(2027, 6, 12)
RACERS = 40


@pytest.fixture
def arena(own_database: str, cluster: Cluster) -> Business:
    """A tenant in a database of its own, with a connection for every racer."""
    database.db.close_all()
    database.configure(cluster.app_url(own_database), connections=RACERS + 2)
    return world.open_shop()


def race(acts: list[Callable[[], object]]) -> list[object]:
    """Start everything at one instant; each outcome, an error being one."""
    outcomes: list[object] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(at: int) -> None:
        start.wait()
        try:
            outcomes[at] = acts[at]()
        except Exception as error:  # noqa: BLE001  an outcome like any other
            outcomes[at] = error

    racers = [threading.Thread(target=run, args=(at,)) for at in range(len(acts))]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)
    return outcomes


def claiming(business: Business, booking_id: UUID, event_on: date = DAY, days: int = 1) -> Callable[[], object]:
    """Claim days for a booking; True when it got them."""

    def act() -> bool:
        service.claim_days(
            business.id,
            resource_id=business.resource_id,
            booking_id=booking_id,
            kinds=span(event_on, days, 0).held(),
        )
        return True

    return act


def winners(outcomes: list[object]) -> int:
    """How many got their days; everybody else was told that the date is taken, and nothing else."""
    others = [outcome for outcome in outcomes if outcome is not True]
    assert all(isinstance(outcome, DateTaken) for outcome in others), others
    return len(outcomes) - len(others)


def test_forty_couples_want_one_day_and_one_gets_it(arena: Business) -> None:
    outcomes = race([claiming(arena, bare_booking(arena)) for _ in range(RACERS)])
    assert winners(outcomes) == 1
    assert len(claims_of(arena)) == 1


def test_forty_couples_want_forty_days_and_all_get_theirs(arena: Business) -> None:
    bookings = {day: bare_booking(arena) for day in days_from(DAY, RACERS)}
    outcomes = race([claiming(arena, booking_id, day) for day, booking_id in bookings.items()])
    assert winners(outcomes) == RACERS


def test_overlapping_ranges_never_share_a_day_and_nobody_waits_for_ever(arena: Business) -> None:
    bookings = [bare_booking(arena) for _ in range(30)]
    acts = [claiming(arena, one, DAY + timedelta(days=at % 10), days=4) for at, one in enumerate(bookings)]
    outcomes = race(acts)
    owned = [owner for _, owner in claims_of(arena).values()]
    assert winners(outcomes) >= 1
    assert len(owned) == 4 * winners(outcomes)
    assert {owned.count(owner) for owner in owned} == {4}


def test_two_bookings_that_want_each_others_days_end_with_their_own(arena: Business) -> None:
    """Swaps in both directions at once: the order of the locks keeps them from waiting for each other."""
    for round_ in range(10):
        first_on, second_on = DAY + timedelta(days=round_ * 4), DAY + timedelta(days=round_ * 4 + 1)
        first, second = bare_booking(arena), bare_booking(arena)
        claiming(arena, first, first_on)()
        claiming(arena, second, second_on)()
        outcomes = race([claiming(arena, first, second_on), claiming(arena, second, first_on)])
        assert winners(outcomes) == 0
        claims = claims_of(arena)
        assert claims[arena.resource_id, first_on][1] == first
        assert claims[arena.resource_id, second_on][1] == second


def test_bookings_that_move_onto_one_free_day_leave_one_there_and_the_rest_where_they_were(arena: Business) -> None:
    bookings = {day: bare_booking(arena) for day in days_from(DAY, 20)}
    for day, booking_id in bookings.items():
        claiming(arena, booking_id, day)()
    wanted = DAY + timedelta(days=30)
    outcomes = race([claiming(arena, booking_id, wanted) for booking_id in bookings.values()])
    assert winners(outcomes) == 1
    claims = claims_of(arena)
    assert len(claims) == 20
    kept = [
        day for day, booking_id in bookings.items() if claims.get((arena.resource_id, day), ("", 0))[1] == booking_id
    ]
    assert len(kept) == 19


def test_blackouts_against_holds_share_no_day_and_list_exactly_what_they_missed(arena: Business) -> None:
    def blacking_out() -> object:
        return service.black_out(
            arena.id, resource_id=arena.resource_id, first_on=DAY, last_on=DAY + timedelta(days=29), at=AT
        )

    bookings = [(day, bare_booking(arena)) for day in days_from(DAY, 30)]
    acts = [claiming(arena, booking_id, day) for day, booking_id in bookings]
    outcomes = race([*acts[:15], blacking_out, *acts[15:]])
    blackout = outcomes.pop(15)
    assert isinstance(blackout, service.BlackoutResult), blackout
    held = [day for (day, _), outcome in zip(bookings, outcomes, strict=True) if outcome is True]
    assert winners(outcomes) == len(held)
    assert blackout.days_taken == held
    assert len(claims_of(arena)) == 30


def test_releases_and_claims_of_one_day_leave_it_to_at_most_one(arena: Business) -> None:
    owner = bare_booking(arena)
    claiming(arena, owner)()

    def releasing() -> object:
        service.release_days(arena.id, booking_id=owner)
        return "released"

    outcomes = race([releasing, *(claiming(arena, bare_booking(arena)) for _ in range(20))])
    assert outcomes.pop(0) == "released"
    assert winners(outcomes) == len(claims_of(arena)) <= 1


def test_without_the_lock_there_is_still_one_winner(arena: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    switch_the_lock_off(monkeypatch)
    for day in days_from(DAY, 5):
        outcomes = race([claiming(arena, bare_booking(arena), day) for _ in range(RACERS)])
        assert winners(outcomes) == 1
    assert len(claims_of(arena)) == 5


def test_without_lock_and_constraint_the_race_shows_doubles(
    arena: Business, own_database: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_the_lock_off(monkeypatch)
    with psycopg2.connect(cluster.owner_url(own_database)) as owner, owner.cursor() as cursor:
        cursor.execute("ALTER TABLE date_claim DROP CONSTRAINT date_claim_once")
    owner.close()
    most = 0
    for day in days_from(DAY, 20):
        most = max(most, winners(race([claiming(arena, bare_booking(arena), day) for _ in range(RACERS)])))
        if most > 1:
            break
    assert most > 1


def switch_the_lock_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "lock_places", lambda *_, **__: None)
