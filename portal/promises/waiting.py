"""Offers of waiting lists, as P1 and P4 see them: what is offered is kept whole and for nobody else, nothing is kept
that is not offered, and no offer outlives its end.
"""

from datetime import datetime

from portal.promises.sessions import GRACE
from portal.promises.violations import Violation, found

_LENGTH = "e.days + e.buffer_days"
_SPAN = f"e.event_on AND e.event_on + ({_LENGTH} - 1)"
_SUBJECT = "'waitlist ' || e.id AS subject"


def days() -> list[Violation]:
    """P1: an offer has all its days, and only an offer has any."""
    kept = found(
        "P1",
        f"SELECT {_SUBJECT}, 'is ' || e.status || ' and keeps ' || c.claimed_on AS what"
        " FROM date_claim c JOIN waitlist_entry e ON e.tenant_id = c.tenant_id AND e.id = c.waitlist_id"
        " WHERE e.status <> 'offered' OR c.kind <> 'hold' OR c.resource_id <> e.resource_id"
        f"  OR c.claimed_on NOT BETWEEN {_SPAN}",
    )
    lacking = found(
        "P1",
        f"SELECT {_SUBJECT}, 'is offered ' || count(c.id) || ' of its ' || ({_LENGTH}) || ' days' AS what"
        " FROM waitlist_entry e LEFT JOIN date_claim c ON c.tenant_id = e.tenant_id AND c.waitlist_id = e.id"
        f"  AND c.resource_id = e.resource_id AND c.claimed_on BETWEEN {_SPAN}"
        f" WHERE e.status = 'offered' GROUP BY e.id HAVING count(c.id) <> {_LENGTH}",
    )
    return [*kept, *lacking]


def kept_too_long(at: datetime) -> list[Violation]:
    """P4: an offer past its end."""
    return found(
        "P4",
        f"SELECT {_SUBJECT}, 'is kept since its end at ' || to_char(e.offer_ends_at AT TIME ZONE 'UTC',"
        "  'YYYY-MM-DD HH24:MI') || ' UTC' AS what"
        " FROM waitlist_entry e WHERE e.status = 'offered' AND e.offer_ends_at < %s",
        at - GRACE,
    )
