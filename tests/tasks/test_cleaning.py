"""What is forgotten, and what stays because it still tells somebody something."""

from datetime import timedelta

from portal.bookings import tokens
from portal.bookings.states import LinkAction
from portal.db import database
from portal.db.tenancy import platform_scope
from portal.kernel import time
from tasks import cleaning
from tests.support import sold, world
from tests.tasks.conftest import Errands, change, stored


def test_done_effects_go_after_a_month_and_dead_ones_stay(errands: Errands) -> None:
    old, fresh, dead = (errands.owe() for _ in range(3))
    change(old, "status = 'done', ended_at = now() - interval '31 days'")
    change(fresh, "status = 'done', ended_at = now() - interval '29 days'")
    change(dead, "status = 'dead', ended_at = now() - interval '300 days'")
    assert cleaning.clean(time.now()) == 1
    assert stored(old) is None
    assert stored(fresh)
    assert stored(dead)


def test_a_link_stays_long_enough_to_offer_a_new_one(own_database: str) -> None:
    shop = world.open_shop()
    booking = sold.sell(shop)
    at = time.now()
    tokens.mint(shop.id, booking.booking_id, action=LinkAction.MANAGE, at=at)
    with database.reading(shop.id):
        ends_at = database.value("SELECT max(expires_at) FROM booking_action_token")
    cleaning.clean(ends_at + timedelta(days=89))
    with database.reading(shop.id):
        assert database.value("SELECT count(*) FROM booking_action_token") == 2
    cleaning.clean(ends_at + timedelta(days=91))
    with database.reading(shop.id):
        assert database.value("SELECT count(*) FROM booking_action_token") == 0


def test_logins_that_ran_out_go_and_live_ones_stay(own_database: str) -> None:
    at = time.now()
    with database.writing(), platform_scope(reason="test"):
        database.execute(
            "INSERT INTO user_account (id, email, name, password_hash, created_at)"
            " VALUES (gen_random_uuid(), 'a@b.example', 'A', '', now())"
        )
        for days in (-2, 2):
            database.execute(
                "INSERT INTO login_session (id, user_id, token_hash, created_at, last_seen_at, expires_at)"
                " SELECT gen_random_uuid(), id, %s, now(), now(), %s FROM user_account",
                str(days).encode(),
                at + timedelta(days=days),
            )
    assert cleaning.clean(at) == 1


def test_the_security_log_is_kept_for_a_season(own_database: str) -> None:
    at = time.now()
    with database.writing(), platform_scope(reason="test"):
        for days in (89, 91):
            database.execute(
                "INSERT INTO security_event (id, occurred_at, kind, remote_address)"
                " VALUES (gen_random_uuid(), %s, 'login.failed', '192.0.2.1')",
                at - timedelta(days=days),
            )
    assert [cleaning.clean(at), cleaning.clean(at)] == [1, 0]


def test_more_than_one_batch_goes_in_one_run(errands: Errands) -> None:
    with database.writing(), platform_scope(reason="test"):
        database.execute(
            "INSERT INTO outbox (id, kind, subject_id, status, due_at, created_at, ended_at)"
            " SELECT gen_random_uuid(), 'x', gen_random_uuid(), 'done', now(), now(), now() - interval '40 days'"
            " FROM generate_series(1, 2500)"
        )
    assert cleaning.clean(time.now()) == 2500
