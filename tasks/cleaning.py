"""Forgetting what nobody needs: ended secrets, logins that ran out, the security log of last season, effects and events
that are long done.

In small batches, so that no transaction lives long. What still tells somebody something stays: dead effects, failed
events, links that ended lately (their page offers a new one).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from portal.db import database
from portal.db.tenancy import platform_scope

_BATCH = 1_000
_MOST_BATCHES = 100

# table, what may go, and how long it stays after it ended
_ENDED = (
    ("booking_action_token", "expires_at < %s", timedelta(days=90)),
    ("waitlist_entry", "ended_at < %s", timedelta(days=90)),  # with the links to it
    ("invoice_export", "created_at < %s", timedelta(days=2)),  # with its parts; the documents stay
    ("follow_up_link", "expires_at < %s", timedelta(days=1)),
    ("account_token", "expires_at < %s", timedelta(days=1)),
    ("login_session", "expires_at < %s", timedelta(days=1)),
    ("outbox", "status = 'done' AND ended_at < %s", timedelta(days=30)),
    ("security_event", "occurred_at < %s", timedelta(days=90)),  # it holds addresses of people
    ("webhook_event", "status IN ('processed', 'ignored') AND received_at < %s", timedelta(days=90)),
)


def clean(at: datetime) -> int:
    """Forget what ended long enough ago; how many rows went."""
    return sum(_forget(table, condition, at - stays) for table, condition, stays in _ENDED)


def _forget(table: str, condition: str, before: datetime) -> int:
    return sum(_batches(table, condition, before))


def _batches(table: str, condition: str, before: datetime) -> Iterator[int]:
    for _ in range(_MOST_BATCHES):
        with database.writing(), platform_scope(reason="cleaning crosses tenants"):
            gone = database.execute(
                f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {condition} LIMIT {_BATCH})", before
            )
        yield gone
        if gone < _BATCH:
            return
