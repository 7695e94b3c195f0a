"""The product's three roles in an embedded cluster, made by the superuser.

`aisle_owner` owns databases and runs migrations, `aisle_app` serves requests, `aisle_platform` cannot log in
and is taken by the app for cross-tenant work. None is a superuser or bypasses row security, exactly as in
production.
"""

import psycopg2

GRANTS_WITH_OPTIONS = 16_00_00

# NOINHERIT stands before the grant: from 16 on, a grant keeps what the attribute said when it was made.
# The owner may give functions to the platform role, which is why it is a member with ADMIN.
STATEMENTS = """
DO $roles$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'aisle_platform') THEN
    CREATE ROLE aisle_platform NOLOGIN NOSUPERUSER NOBYPASSRLS NOINHERIT;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'aisle_owner') THEN
    CREATE ROLE aisle_owner LOGIN NOSUPERUSER NOBYPASSRLS CREATEROLE CREATEDB;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'aisle_app') THEN
    CREATE ROLE aisle_app LOGIN NOSUPERUSER NOBYPASSRLS NOINHERIT NOCREATEDB NOCREATEROLE;
  END IF;
END
$roles$;
GRANT aisle_platform TO aisle_owner WITH ADMIN OPTION;
GRANT aisle_platform TO aisle_app;
-- Dropping a database ends the sessions that the app still has in it.
GRANT pg_signal_backend TO aisle_owner;
"""


def ensure_roles(superuser_url: str, *, owner_password: str, app_password: str) -> None:
    """Make the roles where they are missing and set their passwords."""
    connection = psycopg2.connect(superuser_url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(STATEMENTS)
            cursor.execute("ALTER ROLE aisle_owner PASSWORD %s", (owner_password,))
            cursor.execute("ALTER ROLE aisle_app PASSWORD %s", (app_password,))
            if connection.server_version >= GRANTS_WITH_OPTIONS:
                # There a CREATEROLE role manages only roles that it is an admin of.
                cursor.execute("GRANT aisle_app TO aisle_owner WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
    finally:
        connection.close()
