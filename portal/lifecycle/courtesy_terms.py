"""Under which terms a form keeps a date without paying: until when, one at a time, and what its couple then hears.

Runs inside ``hold``'s transaction, and ``courtesy``'s.
"""

from datetime import datetime, timedelta
from uuid import UUID

from portal.bookings.placing import Placed, Wish
from portal.bookings.policy import courtesy as rules
from portal.db import database, outbox
from portal.kernel import time
from portal.kernel.errors import Conflict, Invalid
from portal.kernel.text import N_
from portal.lifecycle.hold_terms import Terms

_ALREADY = N_(
    "%(day)s is kept for this address already, until %(until)s. Please pay for it or give it back first; the link in"
    " our email leads there. You can also pay now."
)


def ends_at(terms: Terms, wish: Wish, *, before: Placed | None = None, at: datetime) -> datetime | None:
    """Until when a wish's date is kept without a payment; None when it is only held for one.

    What this form was promised before is kept, whatever it asks for now, but not into the day of the event.
    """
    tenant = terms.agreement.tenant
    if before is not None and before.courtesy_until is not None:
        eve = rules.end_of(wish.event_on - timedelta(days=1), tenant.timezone)
        until = min(before.courtesy_until, eve)
        return until if until > at else None
    if not wish.is_courtesy:
        return None
    last_on = rules.last_day(tenant.today(at), wish.event_on, tenant.courtesy_days)
    if last_on is None:  # ``hold_terms`` has looked at it already
        raise Invalid(N_("This date cannot be kept without paying."))
    return rules.end_of(last_on, tenant.timezone)


def refuse_second(tenant_id: UUID, wish: Wish, *, but: UUID | None = None, at: datetime) -> None:
    """A couple keeps one date of a business without paying. Raises Conflict for another."""
    addresses = sorted({each.lower() for each in (wish.email, wish.second_email) if each})
    for address in addresses:  # two forms of one couple at once wait for each other
        key = f"courtesy/{tenant_id}/{address}"
        database.value("SELECT 1 FROM pg_advisory_xact_lock(hashtextextended(%s, 0))", key)
    other = database.row(
        "SELECT b.event_on, b.hold_expires_at FROM customer c"
        " JOIN booking b ON b.tenant_id = c.tenant_id AND b.customer_id = c.id"
        " WHERE c.tenant_id = %s AND (lower(c.email) = ANY (%s) OR lower(c.second_email) = ANY (%s))"
        " AND b.status = 'held' AND b.is_courtesy AND b.hold_expires_at > %s AND b.id IS DISTINCT FROM %s LIMIT 1",
        tenant_id,
        addresses,
        addresses,
        at,
        but,
    )
    if other is not None:
        raise Conflict(_ALREADY, day=other.event_on, until=other.hold_expires_at)


def tell(tenant_id: UUID, booking_id: UUID, until: datetime, *, at: datetime) -> None:
    """Owe the mails that a kept date comes with: that it is kept, and the day before it ends."""
    outbox.owe("booking.courtesy_held", booking_id)
    owe_reminder(tenant_id, booking_id, until, at=at)


def owe_reminder(tenant_id: UUID, booking_id: UUID, until: datetime, *, at: datetime) -> None:
    """Owe the mail of the day before, once for each last day."""
    zone = database.value("SELECT timezone FROM tenant WHERE id = %s", tenant_id)
    last_on = time.today(zone, until)
    due_at = rules.remind_at(last_on, zone, since=at)
    if due_at is not None:
        payload, key = {"last_on": last_on.isoformat()}, f"booking.courtesy_ends:{booking_id}:{last_on}"
        outbox.owe("booking.courtesy_ends", booking_id, payload=payload, dedupe_key=key, due_at=due_at)
