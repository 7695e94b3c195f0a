"""Locks on days, so that rivals for one day queue instead of colliding.

Law: every change of claims locks all its days first, old and new, in one order; so no two can wait for each other.
The locks are PostgreSQL's advisory ones: they end with the transaction and need no row to stand on.
"""

from collections.abc import Iterable
from uuid import UUID

from portal.availability.claims import Place
from portal.db import database

# The materialised list is sorted before the first lock is taken.
_LOCK = """
WITH wanted AS MATERIALIZED (
  SELECT DISTINCT hashtextextended('day/' || %s || '/' || place.resource_id || '/' || place.claimed_on, 0) AS key
  FROM (
    SELECT * FROM unnest(%s::uuid[], %s::date[]) AS given (resource_id, claimed_on)
    UNION ALL
    SELECT resource_id, claimed_on FROM date_claim WHERE tenant_id = %s AND booking_id = %s
    UNION ALL
    SELECT resource_id, claimed_on FROM date_claim WHERE tenant_id = %s AND blackout_id = %s
    UNION ALL
    SELECT resource_id, claimed_on FROM date_claim WHERE tenant_id = %s AND quote_id = %s
    UNION ALL
    SELECT resource_id, claimed_on FROM date_claim WHERE tenant_id = %s AND waitlist_id = %s
  ) AS place ORDER BY key
)
SELECT count(pg_advisory_xact_lock(key)) FROM wanted
"""


def lock_places(
    tenant_id: UUID,
    places: Iterable[Place],
    *,
    booking_id: UUID | None = None,
    blackout_id: UUID | None = None,
    quote_id: UUID | None = None,
    waitlist_id: UUID | None = None,
) -> None:
    """Lock these days and those that one of the four owns already, until the transaction ends."""
    given = list(places)
    database.execute(
        _LOCK,
        str(tenant_id),
        [place.resource_id for place in given],
        [place.day for place in given],
        tenant_id,
        booking_id,
        tenant_id,
        blackout_id,
        tenant_id,
        quote_id,
        tenant_id,
        waitlist_id,
    )
