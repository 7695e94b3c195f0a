"""How a reading of a connected calendar went, as its connection tells it. One short write each."""

from datetime import datetime, timedelta
from uuid import UUID

from portal.calendars.reading import Busy
from portal.db import database

_EVERY = timedelta(minutes=30)
_SLOWEST = timedelta(hours=6)
_MOST_FAILURES = 1000
_LONGEST = timedelta(minutes=10)  # that a reading takes; a later time was told by a clock that was wrong


def is_overtaken(tenant_id: UUID, connection_id: UUID, at: datetime) -> bool:
    """Whether a reading that began later than this one has ended well already."""
    with database.reading(tenant_id):
        return bool(
            database.value(
                "SELECT 1 FROM calendar_connection WHERE tenant_id = %s AND id = %s AND read_at > %s AND read_at < %s",
                tenant_id,
                connection_id,
                at,
                at + _LONGEST,
            )
        )


def reading(tenant_id: UUID, connection_id: UUID, busy: Busy, at: datetime) -> None:
    """It was read well."""
    with database.writing(tenant_id):
        database.execute(
            "UPDATE calendar_connection SET checked_at = %s, read_at = %s, asked_at = NULL, next_check_at = %s,"
            " entries = %s, left_out = %s, failure = '', failures = 0 WHERE tenant_id = %s AND id = %s",
            at,
            at,
            at + _EVERY,
            busy.entries,
            busy.left_out,
            tenant_id,
            connection_id,
        )


def failure(tenant_id: UUID, connection_id: UUID, reason: str, at: datetime) -> None:
    """Asked less and less often while it fails, down to four times a day."""
    with database.writing(tenant_id):
        failures = database.value(
            "UPDATE calendar_connection SET checked_at = %s, asked_at = NULL, failure = %s,"
            " failures = least(failures + 1, %s) WHERE tenant_id = %s AND id = %s RETURNING failures",
            at,
            reason,
            _MOST_FAILURES,
            tenant_id,
            connection_id,
        )
        database.execute(
            "UPDATE calendar_connection SET next_check_at = %s WHERE tenant_id = %s AND id = %s",
            at + min(_EVERY * 2 ** min((failures or 1) - 1, 8), _SLOWEST),
            tenant_id,
            connection_id,
        )


def may_write(tenant_id: UUID, connection_id: UUID, *, may_write: bool) -> None:
    """Whether Google lets us write into it."""
    with database.writing(tenant_id):
        database.execute(
            "UPDATE calendar_connection SET may_write = %s WHERE tenant_id = %s AND id = %s",
            may_write,
            tenant_id,
            connection_id,
        )
