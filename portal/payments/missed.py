"""What Stripe says happened and we never heard: events, listed per account and brought in through the inbox.

For each account a mark says up to which instant its events were looked through. Every look begins a little before the
mark, because events can appear late, and goes a bounded stretch further; after an outage the next looks catch up.
"""

from datetime import UTC, datetime, timedelta

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.payments import gateway, inbox
from portal.payments.inbox import Receipt

_OVERLAP = timedelta(minutes=15)
_STRETCH = timedelta(hours=6)
_FIRST_LOOK = timedelta(days=1)
_OLDEST = timedelta(days=29)  # Stripe lists events for 30 days
_STRETCHES_AT_ONCE = 4
_EVENTS_AT_ONCE = 1000
_SECOND = timedelta(seconds=1)


def bring_in(account: str | None, *, at: datetime) -> int:
    """Take in what was missed on one account; how many events that were. Raises GatewayError."""
    seen_until = _mark(account, at)
    missed = 0
    for _ in range(_STRETCHES_AT_ONCE):
        until = min(seen_until + _STRETCH, at)
        missed += _look_through(account, seen_until - _OVERLAP, until + _SECOND, at)
        _set_mark(account, until, at)
        if until >= at:
            break
        seen_until = until
    return missed


def _look_through(account: str | None, since: datetime, until: datetime, at: datetime) -> int:
    """Everything of a stretch, the latest first as Stripe lists it, a handful of pages at a time."""
    missed = 0
    while True:
        events = gateway.current().events(
            account=account, types=inbox.TYPES, since=since, until=until, limit=_EVENTS_AT_ONCE
        )
        missed += inbox.take_in(reversed(events), at=at).count(Receipt.STORED)
        if len(events) < _EVENTS_AT_ONCE or events[-1].created_at + _SECOND >= until:
            return missed
        until = events[-1].created_at + _SECOND


def _mark(account: str | None, at: datetime) -> datetime:
    with database.reading(), platform_scope(reason="marks belong to the platform"):
        seconds = database.value("SELECT value FROM platform_counter WHERE name = %s", _name(account))
    if seconds is None:
        return at - _FIRST_LOOK
    return min(max(datetime.fromtimestamp(seconds, UTC), at - _OLDEST), at)


def _set_mark(account: str | None, until: datetime, at: datetime) -> None:
    with database.writing(), platform_scope(reason="marks belong to the platform"):
        database.execute(
            "INSERT INTO platform_counter AS c (name, value, changed_at) VALUES (%s, %s, %s)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at",
            _name(account),
            int(until.timestamp()),
            at,
        )


def _name(account: str | None) -> str:
    return f"stripe.events_seen.{account or 'platform'}"
