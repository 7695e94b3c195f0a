"""Counters of the installation: what happened that leaves no row."""

from datetime import datetime

from portal.db import database


def count(name: str, *, at: datetime) -> None:
    """One more; within the caller's platform scope."""
    database.execute(
        "INSERT INTO platform_counter AS c (name, value, changed_at) VALUES (%s, 1, %s)"
        " ON CONFLICT (name) DO UPDATE SET value = c.value + 1, changed_at = excluded.changed_at",
        name,
        at,
    )
