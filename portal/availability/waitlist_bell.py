"""Days became free: tell the worker, if somebody waits for one of them.

Rung in the transaction that frees them; what is missed all the same is found by a sweep. Decides nothing: whether a
day is really on sale again, and who gets it, is found out when the effect is carried out.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from portal.db import database, outbox


def ring(tenant_id: UUID, places: Iterable[tuple[UUID, date]]) -> None:
    """Owe word of freed days, one effect a resource."""
    by_resource: dict[UUID, list[date]] = {}
    for resource_id, day in places:
        by_resource.setdefault(resource_id, []).append(day)
    for resource_id, days in by_resource.items():
        if _is_waited_for(tenant_id, resource_id, min(days), max(days)):
            payload = {"resource_id": str(resource_id), "days": [day.isoformat() for day in sorted(days)]}
            outbox.owe("dates.freed", resource_id, payload=payload)


def _is_waited_for(tenant_id: UUID, resource_id: UUID, first_on: date, last_on: date) -> bool:
    return bool(
        database.value(
            "SELECT 1 FROM waitlist_entry WHERE tenant_id = %s AND resource_id = %s AND status = 'waiting'"
            " AND event_on <= %s AND event_on + (days + buffer_days - 1) >= %s LIMIT 1",
            tenant_id,
            resource_id,
            last_on,
            first_on,
        )
    )
