"""P28: looking changes nothing. Every address that answers GET is asked, and every row is compared.

The walk fills addresses from the rows that exist, so that pages are really rendered and not only refused.
"""

import hashlib
from datetime import datetime
from typing import Any

from portal.db import database
from portal.promises.violations import Violation, everything

# Written by looking on purpose, through the one named door: a login that is in use, and what is owed to a doorbell.
NOT_BUSINESS = frozenset({"login_session", "outbox", "webhook_event", "platform_counter", "security_event"})


def looking_changes_nothing(app: Any, _at: datetime) -> list[Violation]:  # noqa: ANN401  a Flask app, unknown below web
    """P28, always. Compares twice, because other people may be working meanwhile."""
    before = fingerprints()
    addresses = list(_addresses(app))
    client = app.test_client()
    for address in addresses:
        client.get(address)
        client.head(address)
    changed = {table for table, sum_ in fingerprints().items() if before.get(table) != sum_}
    return [
        Violation("P28", table, f"changed while {len(addresses)} addresses were looked at") for table in sorted(changed)
    ]


def fingerprints() -> dict[str, str]:
    """A hash over all rows of every business table."""
    sums = {}
    with everything():
        tables = database.rows(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
            " AND relname NOT LIKE 'huey%%' AND has_table_privilege(oid, 'SELECT') ORDER BY 1"
        )
        for (table,) in tables:
            if table in NOT_BUSINESS:
                continue
            rows = database.value(f"SELECT coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '') FROM {table} t")
            sums[table] = hashlib.sha256(rows.encode()).hexdigest()
    return sums


def _addresses(app: Any) -> list[str]:  # noqa: ANN401
    with everything():
        known = {
            "slug": [row.v for row in database.rows("SELECT slug AS v FROM tenant WHERE is_active LIMIT 5")],
            "package": [row.v for row in database.rows("SELECT slug AS v FROM package ORDER BY id LIMIT 25")],
            "reference": [
                row.v for row in database.rows("SELECT reference AS v FROM booking ORDER BY id DESC LIMIT 25")
            ],
        }
    found = []
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        for values in _fillings(sorted(rule.arguments), known):
            try:
                found.append(adapter.build(rule.endpoint, values))
            except Exception:  # noqa: BLE001, S112  a value that this rule's converter does not take
                continue
    return found


def _fillings(names: list[str], known: dict[str, list[str]]) -> list[dict[str, str]]:
    fillings: list[dict[str, str]] = [{}]
    for name in names:
        fillings = [{**filling, name: value} for filling in fillings for value in known.get(name, ["x" * 43])]
    return fillings
