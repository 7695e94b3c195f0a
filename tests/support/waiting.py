"""Somebody else's transaction that has come to a stop at ours, for tests of what happens afterwards."""

from portal.db import database


def is_waited_for() -> bool:
    """Whether another connection waits for a lock of the open transaction."""
    return bool(
        database.value(
            "SELECT EXISTS (SELECT 1 FROM pg_locks l"
            " WHERE NOT l.granted AND pg_backend_pid() = ANY (pg_blocking_pids(l.pid)))"
        )
    )
