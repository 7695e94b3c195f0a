"""A tick happens once, however many schedulers there are: who writes its number first does the work.

A number other than the stored one counts as new, not only a later one, so that a clock that was set back does not
stop the jobs until it has caught up. A job that is still at it leaves its next ticks to others: while Stripe hangs,
rounds that take longer than their interval would otherwise fill every thread, and no mail would leave.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.kernel import time

log = logging.getLogger("aisle.schedule")
_lock = Lock()
_at_it: set[str] = set()


def once(name: str, every: timedelta, job: Callable[[datetime], object]) -> bool:
    """Do this tick's job unless somebody else does, or this process is still at the last one; whether we did."""
    with _lock:
        if name in _at_it:
            log.warning("%s is still at its last tick", name)
            return False
        _at_it.add(name)
    try:
        at = time.now()
        is_ours = _take(name, every, at)
        if is_ours:
            job(at)
        return is_ours
    finally:
        with _lock:
            _at_it.discard(name)


def _take(name: str, every: timedelta, at: datetime) -> bool:
    """Write the tick's number; whether nobody had."""
    number = int(at.timestamp() // every.total_seconds())
    with database.writing(), platform_scope(reason="ticks belong to the installation"):
        written = database.execute(
            "INSERT INTO platform_counter AS c (name, value, changed_at) VALUES (%s, %s, %s)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at"
            " WHERE c.value <> excluded.value",
            f"tick.{name}",
            number,
            at,
        )
    return bool(written)
