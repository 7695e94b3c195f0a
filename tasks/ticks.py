"""A tick happens once, however many schedulers there are: who writes its number first does the work.

A number other than the stored one counts as new, not only a later one, so that a clock that was set back does not
stop the jobs until it has caught up.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.kernel import time

log = logging.getLogger("aisle.schedule")


def once(name: str, every: timedelta, job: Callable[[datetime], object]) -> bool:
    """Do this tick's job unless somebody else does; whether we did."""
    at = time.now()
    number = int(at.timestamp() // every.total_seconds())
    with database.writing(), platform_scope(reason="ticks belong to the installation"):
        is_ours = database.execute(
            "INSERT INTO platform_counter AS c (name, value, changed_at) VALUES (%s, %s, %s)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at"
            " WHERE c.value <> excluded.value",
            f"tick.{name}",
            number,
            at,
        )
    if is_ours:
        job(at)
    return bool(is_ours)
