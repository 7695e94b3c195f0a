"""Demo data: three businesses worth looking at, made through the services so that every promise holds for them too.

Loading twice adds nothing. Resetting empties the whole development database first, which only its owner may do.
Refused in production.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import psycopg2

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.devtools import demo_bookings, demo_catalog, demo_effects, demo_waiting
from portal.devtools.demo_accounts import PASSWORD, PLATFORM_ADMIN
from portal.devtools.demo_bella import BELLA
from portal.devtools.demo_couples import COUPLES
from portal.devtools.demo_hawthorn import HAWTHORN
from portal.devtools.demo_lumiere import LUMIERE
from portal.devtools.demo_stripe import DemoStripe, NoEmulatorError
from portal.identity import accounts
from portal.kernel import time
from portal.messages import notices, weekly
from portal.messages.notices import Topic, Way
from portal.settings import Settings, SettingsError

BUSINESSES = (BELLA, HAWTHORN, LUMIERE)
_OPEN_FOR = timedelta(days=420)
_KEPT = "schema_migration"


def load(settings: Settings) -> None:
    """Make what is not there yet. Bookings need the Stripe emulator; without one the businesses have none."""
    _refuse_production(settings)
    now = time.now()
    if accounts.user_id_by_email(PLATFORM_ADMIN) is None:
        accounts.create_user(email=PLATFORM_ADMIN, name="Alex Aisle", password=PASSWORD, at=now, is_platform_admin=True)
    existing = _tenants()
    for business in BUSINESSES:
        if business.slug not in existing:
            existing[business.slug] = demo_catalog.open_business(business, now - _OPEN_FOR, now)
    if settings.stripe_api_base:
        _tell_stories(DemoStripe(settings.stripe_api_base), existing, now)


def reset(settings: Settings) -> None:
    """Empty the database, the mailbox and the emulator, and load again. Needs ``DATABASE_OWNER_URL``."""
    _refuse_production(settings)
    if not settings.database_owner_url:
        msg = "DATABASE_OWNER_URL must be set: only the owner of the tables can empty them"
        raise SettingsError(msg)
    connection = psycopg2.connect(settings.database_owner_url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT string_agg(format('%%I', tablename), ', ') FROM pg_tables"
                " WHERE schemaname = 'public' AND tablename <> %s",
                (_KEPT,),
            )
            (tables,) = cursor.fetchone() or ("",)
            cursor.execute(f"TRUNCATE {tables}")
    finally:
        connection.close()
    for mail in (settings.var_dir / "mail").glob("*.eml"):
        mail.unlink()
    if settings.stripe_api_base:
        with suppress(NoEmulatorError):
            DemoStripe(settings.stripe_api_base).throw("forget_everything")
    load(settings)


def _tell_stories(stripe: DemoStripe, tenants: dict[str, UUID], now: datetime) -> None:
    try:
        with stripe.without_webhooks():
            for business in BUSINESSES:
                tenant_id = tenants[business.slug]
                if not _has_bookings(tenant_id):
                    demo_bookings.tell(stripe, tenant_id, COUPLES[business.slug], now)
                    demo_waiting.tell(tenant_id, business.slug, now)
            weekly.choose(tenants[BELLA.slug], weekday=0, at_time="09:00", at=now - timedelta(days=20))
            ways = {**dict.fromkeys(Topic, Way.AT_ONCE), Topic.OVERDUE: Way.DAILY}
            notices.choose(tenants[HAWTHORN.slug], ways, at_time="08:00", at=now - _OPEN_FOR)
            demo_effects.remind(now)
            demo_effects.leave(now)
    except NoEmulatorError as error:
        print(f"The demo businesses have no bookings: {error}.")


def _has_bookings(tenant_id: UUID) -> bool:
    with database.reading(tenant_id):
        return bool(database.value("SELECT 1 FROM booking WHERE tenant_id = %s LIMIT 1", tenant_id))


def _tenants() -> dict[str, UUID]:
    with database.reading(), platform_scope(reason="which demo businesses exist"):
        return {row.slug: row.id for row in database.rows("SELECT slug, id FROM tenant")}


def _refuse_production(settings: Settings) -> None:
    if settings.is_production:
        msg = "demo data is for development and tests only"
        raise SettingsError(msg)
