"""What stands in a calendar to subscribe: bookings that are sold, and those that were and are cancelled.

Holds are not in it: most of them end within the hour. Whoever has the address sees it, often another company's servers;
so it holds names, package, place and reference, and no way to reach the couple, no note and no price.
"""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

from portal.bookings.states import BookingStatus
from portal.calendars import feeds
from portal.calendars.ics import Certainty, Entry, feed
from portal.db import database
from portal.kernel.errors import NotFound

_YEAR = timedelta(days=366)
_MOST = 5000
_FORMAT = b"1"  # raised when the same rows come to make another file
_ROWS = """
SELECT b.id, b.reference, b.version, b.status, b.event_on, b.days, b.couple, b.package_name, b.venue,
  coalesce(e.changed_at, b.created_at) AS changed_at, t.name AS business, r.name AS resource
FROM calendar_feed f JOIN tenant t ON t.id = f.tenant_id
LEFT JOIN resource r ON r.tenant_id = f.tenant_id AND r.id = f.resource_id
LEFT JOIN booking b ON b.tenant_id = f.tenant_id AND (f.resource_id IS NULL OR b.resource_id = f.resource_id)
  AND b.event_on >= %s AND (b.status IN ('confirmed', 'cancelling', 'completed')
    OR (b.status = 'cancelled' AND b.confirmed_at IS NOT NULL))
LEFT JOIN LATERAL (SELECT max(occurred_at) AS changed_at FROM booking_event
  WHERE tenant_id = b.tenant_id AND booking_id = b.id) e ON true
WHERE f.tenant_id = %s AND f.id = %s ORDER BY b.event_on DESC, b.id DESC LIMIT %s
"""


class Published:
    """A feed as it stands: ``tag`` changes whenever the file would."""

    def __init__(self, rows: list[database.Row]) -> None:
        self._rows = [row for row in rows if row.id is not None]
        self.name = " – ".join(name for name in (rows[0].business, rows[0].resource) if name)
        told = hashlib.sha256(_FORMAT)
        for row in rows:
            told.update(repr(tuple(row)).encode())
        self.tag = told.hexdigest()[:32]

    def file(self, cancelled: str, url_of: Callable[[str], str]) -> bytes:
        """The file; ``cancelled`` is the word before what is not going to be."""
        return feed(self.name, [(_entry(row, cancelled, url_of), row.changed_at) for row in self._rows])


def published(tenant_id: UUID, feed_id: UUID, *, today: date) -> Published:
    """What a feed shows: a year back, and everything ahead. Raises NotFound when it has just been replaced."""
    found = database.rows(_ROWS, today - _YEAR, tenant_id, feed_id, _MOST)
    if not found:
        raise NotFound(feeds.NONE)
    return Published(found)


def _entry(row: database.Row, cancelled: str, url_of: Callable[[str], str]) -> Entry:
    is_cancelled = row.status == BookingStatus.CANCELLED
    summary = f"{row.couple} – {row.package_name}"
    return Entry(
        booking_id=row.id,
        version=row.version,
        event_on=row.event_on,
        days=row.days,
        certainty=Certainty.CANCELLED if is_cancelled else Certainty.CONFIRMED,
        summary=f"{cancelled}: {summary}" if is_cancelled else summary,
        location=row.venue,
        description=row.reference,
        url=url_of(row.reference),
    )
