"""The list of bookings: search, filter, order, and pages by key.

One statement for the page and one capped count, however many rows there are.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from portal.bookings.states import BookingStatus
from portal.db import database, paging
from portal.db.paging import DayCursor

_MOST_WORDS = 8
_LONGEST_SEARCH = 200
_WORD = re.compile(r"[^\W_]+")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")


class When(StrEnum):
    """Which side of today."""

    UPCOMING = "upcoming"
    PAST = "past"
    ALL = "all"


class Order(StrEnum):
    """What comes first: by the event's date, or what was booked last (keys rise with time, so that is the key)."""

    DATE = "date"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class ListedBooking:
    """One row of the list."""

    id: UUID
    reference: str
    couple: str
    package_name: str
    status: BookingStatus
    event_on: date
    days: int
    total_cents: int
    currency: str
    needs_review: bool
    hold_expires_at: datetime | None
    created_at: datetime
    is_courtesy: bool

    @property
    def kept_until(self) -> datetime | None:
        """Until when a date is kept without paying."""
        return self.hold_expires_at if self.is_courtesy and self.status is BookingStatus.HELD else None


Cursor = DayCursor
Page = paging.Page[ListedBooking, Cursor]


def listing(
    tenant_id: UUID,
    *,
    today: date,
    search: str = "",
    status: BookingStatus | None = None,
    when: When = When.ALL,
    order: Order = Order.DATE,
    after: Cursor | None = None,
    limit: int = 25,
) -> Page:
    """A page of bookings; by date the next event is the first among upcoming ones, the latest otherwise."""
    where, params = _conditions(tenant_id, today, search, status, when)
    count = paging.count(f"booking WHERE {where}", *params)
    way, beyond = ("ASC", ">") if when is When.UPCOMING and order is Order.DATE else ("DESC", "<")
    if after is not None and order is Order.DATE:
        where += f" AND (event_on, id) {beyond} (%s, %s)"
        params += [after.on, after.key]
    elif after is not None:
        where += " AND id < %s"
        params += [after.key]
    by = f"event_on {way}, id {way}" if order is Order.DATE else "id DESC"
    found = database.rows(
        "SELECT id, reference, couple, package_name, status, event_on, days, total_cents, currency, needs_review,"
        f" hold_expires_at, created_at, is_courtesy FROM booking WHERE {where}"
        f" ORDER BY {by} LIMIT %s",
        *params,
        limit + 1,
    )
    rows = [ListedBooking(**row._asdict() | {"status": BookingStatus(row.status)}) for row in found]
    return paging.page(rows, limit=limit, count=count, place=lambda row: Cursor(row.event_on, row.id))


def words_query(search: str) -> str:
    """A prefix search for all of somebody's words, as ``to_tsquery`` reads it; empty when there is no word in it.

    Only letters, digits and what an address of mail is made of survive, so that no operator of the query language can
    be typed. A whole address is one word to PostgreSQL; of one that is still being typed its first part is taken.
    """
    words: list[str] = []
    for chunk in search[:_LONGEST_SEARCH].split():
        if _ADDRESS.fullmatch(chunk):
            words.append(chunk)
        else:
            words += _WORD.findall(chunk.partition("@")[0] or chunk)
    return " & ".join(f"'{word}':*" for word in words[:_MOST_WORDS])


def _conditions(
    tenant_id: UUID, today: date, search: str, status: BookingStatus | None, when: When
) -> tuple[str, list[object]]:
    where, params = ["tenant_id = %s"], [tenant_id]
    conditions: list[tuple[str, object]] = []
    if search.strip():
        conditions.append(("id IN (SELECT booking_ids_matching(%s))", words_query(search)))
    if status is not None:
        conditions.append(("status = %s", status))
    if when is not When.ALL:
        conditions.append(("event_on >= %s" if when is When.UPCOMING else "event_on < %s", today))
    where += [text for text, _ in conditions]
    return " AND ".join(where), [*params, *(param for _, param in conditions)]
