"""The demo data is worth looking at and true: every state is there, and every promise holds for it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.bookings.states import BookingStatus
from portal.db import database
from portal.db.tenancy import platform_scope
from portal.devtools import demo
from portal.devtools.demo_accounts import OWNERS, PASSWORD
from portal.devtools.demo_catalog import picture
from portal.devtools.embedded_postgres import Cluster
from portal.devtools.stripe_emulator import StripeEmulator
from portal.identity import passwords
from portal.kernel import time
from portal.promises import dates, money, orphans
from portal.settings import Settings, SettingsError
from tests.support.till import stripe_running

STATIC = Path(__file__).resolve().parents[2] / "static"
PROMISES = (dates.claims, dates.timelines, dates.holds, money.sums, orphans.orphans, money.belongings)


def rows(sql: str) -> list[tuple[object, ...]]:
    with database.reading(), platform_scope(reason="test"):
        return [tuple(row) for row in database.rows(sql)]


@pytest.fixture
def stripe(own_database: str) -> Iterator[StripeEmulator]:
    with stripe_running() as emulator:
        yield emulator


def installation(settings: Settings, stripe: StripeEmulator, **changes: object) -> Settings:
    return replace(settings, stripe_api_base=stripe.base_url, **changes)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("today", [(2026, 12, 23), (2028, 2, 29)])
def test_on_any_day_there_are_bookings_in_every_state_and_all_promises_hold(
    settings: Settings, stripe: StripeEmulator, today: tuple[int, int, int]
) -> None:
    now = datetime(*today, 15, 20, tzinfo=UTC)
    with time.frozen(now):
        demo.load(installation(settings, stripe))
        first = rows("SELECT count(*), min(id::text), max(id::text) FROM booking")
        demo.load(installation(settings, stripe))
    assert rows("SELECT count(*), min(id::text), max(id::text) FROM booking") == first
    states = {status for (status,) in rows("SELECT DISTINCT status FROM booking")}
    assert states == set(BookingStatus)
    assert rows("SELECT count(*) > 0 AS has_some FROM booking WHERE needs_review") == [(True,)]
    assert rows("SELECT count(*) > 0 AS has_some FROM checkout WHERE status = 'processing'") == [(True,)]
    assert rows("SELECT count(*) FROM booking WHERE status = 'held' AND is_courtesy") == [(1,)]
    assert rows("SELECT count(*) > 0 AS has_some FROM refund_request WHERE status = 'COMPLETED'") == [(True,)]
    assert rows("SELECT reason, status FROM refund_request WHERE reason = 'rebooked'") == [("rebooked", "COMPLETED")]
    waiting = "SELECT t.slug, count(*) FROM waitlist_entry JOIN tenant t ON t.id = tenant_id GROUP BY 1 ORDER BY 1"
    assert rows(waiting) == [("atelier-lumiere", 1), ("bella-weddings", 3), ("hawthorn-barn", 2)]
    assert rows("SELECT moves_done FROM booking WHERE original_on <> event_on") == [(1,)]
    assert rows("SELECT count(*) FROM message WHERE status NOT IN ('sent', 'planned', 'cancelled')") == [(0,)]
    kinds = {kind for (kind,) in rows("SELECT DISTINCT kind FROM message WHERE status = 'sent'")}
    assert {"event_soon", "event_eve", "follow_up", "balance_soon"} <= kinds
    assert rows("SELECT count(*) > 0 AS has_some FROM message WHERE status = 'planned'") == [(True,)]
    assert [violation for promise in PROMISES for violation in promise(now)] == []


def test_the_three_businesses_are_as_different_as_they_should_be(settings: Settings, own_database: str) -> None:
    demo.load(replace(settings, stripe_api_base=""))
    found = rows(
        "SELECT slug, timezone, currency, locale, tax_mode, deposit_percent, balance_due_days FROM tenant ORDER BY 1"
    )
    assert found == [
        ("atelier-lumiere", "Europe/Paris", "EUR", "fr_FR", "inclusive", None, 30),
        ("bella-weddings", "America/New_York", "USD", "en_US", "exclusive", 50, 30),
        ("hawthorn-barn", "Europe/London", "GBP", "en_GB", "inclusive", 25, 60),
    ]
    rates = rows("SELECT DISTINCT t.slug, p.tax_rate_bp FROM package p JOIN tenant t ON t.id = p.tenant_id ORDER BY 1")
    assert [str(rate) for _, rate in rates] == ["2000.00", "887.50", "2000.00"]
    sold = rows("SELECT t.slug, count(*) FROM package p JOIN tenant t ON t.id = p.tenant_id GROUP BY 1")
    assert all(4 <= int(str(count)) <= 5 for _, count in sold)
    assert rows("SELECT count(*) FROM resource r JOIN tenant t ON t.id = r.tenant_id WHERE slug = 'hawthorn-barn'") == [
        (2,)
    ]
    assert rows("SELECT count(DISTINCT tenant_id) FROM blackout_date WHERE last_on < current_date") == [(3,)]
    assert rows("SELECT count(DISTINCT tenant_id) FROM blackout_date WHERE first_on > current_date") == [(3,)]


def test_the_owners_can_log_in(settings: Settings, own_database: str) -> None:
    demo.load(replace(settings, stripe_api_base=""))
    for email in OWNERS:
        ((password_hash,),) = rows(f"SELECT password_hash FROM user_account WHERE email = '{email}'")
        assert passwords.matches(PASSWORD, str(password_hash))


def test_every_picture_is_a_file_of_ours() -> None:
    for business in demo.BUSINESSES:
        for name in {"hero", *(name for package in business.packages for name in package.pictures)}:
            assert (STATIC / picture(business, name).src).is_file()


def test_without_the_emulator_the_businesses_have_no_bookings(
    settings: Settings, own_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    demo.load(settings)
    assert rows("SELECT count(*) FROM booking") == [(0,)]
    assert "no Stripe emulator answers" in capsys.readouterr().out


@pytest.mark.slow
def test_a_reset_leaves_nothing_of_before_here_or_at_the_emulator(
    settings: Settings, stripe: StripeEmulator, cluster: Cluster, own_database: str
) -> None:
    ours = installation(settings, stripe, database_owner_url=cluster.owner_url(own_database))
    demo.load(ours)
    before = {row for (row,) in rows("SELECT id FROM tenant")}
    demo.reset(ours)
    after = {row for (row,) in rows("SELECT id FROM tenant")}
    assert len(after) == 3
    assert not before & after
    assert [violation for promise in PROMISES for violation in promise(time.now())] == []


def test_production_has_no_demo_data(settings: Settings) -> None:
    for verb in (demo.load, demo.reset):
        with pytest.raises(SettingsError):
            verb(replace(settings, app_env="production"))
