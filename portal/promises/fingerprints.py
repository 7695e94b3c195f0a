"""A short sum over all rows of each business table: equal before and after means that nothing was changed.

Summed in the database, row by row, so that its size does not matter here.
"""

from portal.db import database
from portal.promises.violations import everything

# Not business: who is logged in, bells and counters. Looking may write these, through the one named door.
NOT_BUSINESS = frozenset({"login_session", "outbox", "webhook_event", "platform_counter", "security_event"})


def fingerprints() -> dict[str, tuple[object, ...]]:
    """By table: how many rows, and two independent sums over their hashes, whatever their order."""
    with everything():
        tables = database.rows(
            "SELECT c.oid::regclass::text AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
            " AND c.relkind IN ('r', 'p') AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1"
        )
        return {name: _sum(name) for (name,) in tables if name not in NOT_BUSINESS}


def differing(before: dict[str, tuple[object, ...]], after: dict[str, tuple[object, ...]]) -> set[str]:
    """The tables that changed in between."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _sum(table: str) -> tuple[object, ...]:
    found = database.row(
        "SELECT count(*) AS rows, sum(hashtextextended(t::text, 1)::numeric) AS one,"
        f" sum(hashtextextended(t::text, 2)::numeric) AS other FROM {table} t"
    )
    return tuple(found or ())
