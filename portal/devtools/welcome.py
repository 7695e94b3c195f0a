"""What `make run` prints once everything answers: where to look and how to log in. Reads, never writes."""

from collections.abc import Sequence

import psycopg2

from portal.devtools.demo_accounts import OWNERS, PASSWORD
from portal.devtools.development import Ports, emulator_url, uses_emulator


def has_tenants(database_url: str) -> bool:
    return bool(_rows(database_url, "SELECT 1 FROM tenant LIMIT 1"))


def welcome(environment: dict[str, str], ports: Ports) -> str:
    base = environment["BASE_URL"]
    storefronts = _rows(environment["DATABASE_URL"], "SELECT name, slug FROM tenant WHERE is_active ORDER BY name")
    lines = [("Front page", f"{base}/"), *((name, f"{base}/t/{slug}/") for name, slug in storefronts)]
    lines += [("Owner's login", f"{base}/login"), *(("", f"{email}  {PASSWORD}") for email in _owners(environment))]
    lines.append(("Mailbox", f"{base}/dev/mail"))
    if uses_emulator():
        lines.append(("Stripe emulator", f"{emulator_url(ports)}/"))
    width = max(len(label) for label, _ in lines)
    body = "\n".join(f"  {label:<{width}}  {text}" for label, text in lines)
    return f"\nAisle is running.\n\n{body}\n\nCtrl-C ends everything; the data stays.\n"


def _owners(environment: dict[str, str]) -> list[str]:
    """Of the demo data, as far as they are there."""
    known = _rows(environment["DATABASE_URL"], "SELECT email FROM user_account")
    return [email for email in OWNERS if (email,) in known]


def _rows(database_url: str, query: str) -> Sequence[tuple[str, ...]]:
    connection = psycopg2.connect(database_url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE aisle_platform")
            cursor.execute(query)
            rows: list[tuple[str, ...]] = cursor.fetchall()
            return rows
    finally:
        connection.close()
