"""Demo data: three businesses worth looking at, made through the services so that every promise holds for them too.

Loading twice adds nothing. Resetting empties the whole development database first, which only its owner may do.
Refused in production.
"""

import psycopg2

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.devtools import demo_catalog
from portal.devtools.demo_accounts import PASSWORD, PLATFORM_ADMIN
from portal.devtools.demo_bella import BELLA
from portal.devtools.demo_hawthorn import HAWTHORN
from portal.devtools.demo_lumiere import LUMIERE
from portal.identity import accounts
from portal.kernel import time
from portal.settings import Settings, SettingsError

BUSINESSES = (BELLA, HAWTHORN, LUMIERE)
_KEPT = "schema_migration"


def load(settings: Settings) -> None:
    """Make what is not there yet."""
    _refuse_production(settings)
    at = time.now()
    if accounts.user_id_by_email(PLATFORM_ADMIN) is None:
        accounts.create_user(email=PLATFORM_ADMIN, name="Alex Aisle", password=PASSWORD, at=at, is_platform_admin=True)
    existing = _slugs()
    for business in BUSINESSES:
        if business.slug not in existing:
            demo_catalog.open_business(business, at)


def reset(settings: Settings) -> None:
    """Empty the database and load again. Needs ``DATABASE_OWNER_URL``."""
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
    load(settings)


def _slugs() -> set[str]:
    with database.reading(), platform_scope(reason="which demo businesses exist"):
        return {row.slug for row in database.rows("SELECT slug FROM tenant")}


def _refuse_production(settings: Settings) -> None:
    if settings.is_production:
        msg = "demo data is for development and tests only"
        raise SettingsError(msg)
