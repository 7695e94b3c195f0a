"""What the business hears of without anybody having done anything: a payment that is overdue, a dispute, a mail that
did not arrive. Called by the worker; running twice tells nothing twice.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from uuid import UUID

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.kernel.time import local_instant
from portal.lifecycle import sweeping
from portal.messages import facts, notices
from portal.messages.facts import MessageView
from portal.messages.states import Audience, MessageKind, MessageStatus, Subject, subject_of
from portal.tenants import queries as tenants

# Not at midnight, and before the hour at which most summaries leave.
_FROM = time(7)
# What has been overdue for longer was told, or was so before anybody was told of such things.
_LOOKED_BACK = timedelta(days=8)
_BATCH = 500


def disputed(tenant_id: UUID, booking_id: UUID, *, dispute_id: str, at: datetime) -> None:
    """A couple's bank takes a payment back, or asks about one."""
    notices.tell(tenant_id, booking_id, MessageKind.DISPUTE_OPENED, slot=dispute_id, at=at)


def mail_failed(tenant_id: UUID, message_id: UUID, *, at: datetime) -> None:
    """A mail to a couple will not be tried again for now. Of one to the business itself nothing is said: to whom?"""
    with database.writing(tenant_id):
        failed = facts.message(tenant_id, message_id)
        if failed is None or failed.status is not MessageStatus.FAILED or failed.audience is Audience.OWNER:
            return
        if subject_of(failed.kind) is Subject.BOOKING and not _is_known(tenant_id, failed):
            notices.tell(tenant_id, failed.booking_id, MessageKind.MAIL_FAILED, slot=str(message_id), at=at)


def _is_known(tenant_id: UUID, failed: MessageView) -> bool:
    """Whether the business has heard of a mail to the same address that has failed and has not left since."""
    return bool(
        database.value(
            "SELECT 1 FROM notice n JOIN message m ON m.tenant_id = n.tenant_id AND m.id::text = n.slot"
            " WHERE n.tenant_id = %s AND n.booking_id = %s AND n.kind = %s AND m.subject_id = n.booking_id"
            " AND m.status IN ('due', 'failed') AND lower(m.recipient) = lower(%s) LIMIT 1",
            tenant_id,
            failed.booking_id,
            MessageKind.MAIL_FAILED,
            failed.recipient,
        )
    )


def tell_overdue(at: datetime) -> int:
    """Tell every business of what was due yesterday and is not paid; how many notices that were."""
    return sum(_tell(row, at) for row in _overdue(at))


def _overdue(at: datetime) -> Iterator[database.Row]:
    """What fell due lately, of which no notice exists; money that is on its way is waited for."""
    with database.reading(), platform_scope(reason="payments of all tenants that are overdue"):
        zones, todays = tenants.todays(at)
        # Before the hour has come, what was due yesterday is not late yet.
        pairs = zip(zones, todays, strict=True)
        began = [day - timedelta(days=at < local_instant(day, _FROM, zone)) for zone, day in pairs]
        found = database.rows(
            "SELECT DISTINCT b.tenant_id, b.id, s.due_on FROM booking_payment_stage s"
            " JOIN booking b ON b.tenant_id = s.tenant_id AND b.id = s.booking_id"
            " JOIN tenant t ON t.id = b.tenant_id"
            " JOIN unnest(%s::text[], %s::date[]) AS local (timezone, began) ON local.timezone = t.timezone"
            " WHERE s.status IN ('PENDING', 'FAILED') AND s.quote_id IS NULL AND s.due_on > %s"
            "  AND s.due_on < local.began AND b.status IN ('confirmed', 'completed') AND t.is_active"
            "  AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.tenant_id = b.tenant_id AND n.booking_id = b.id"
            "   AND n.kind = %s AND n.slot = s.due_on::text)"
            "  AND NOT EXISTS (SELECT 1 FROM checkout c WHERE c.tenant_id = b.tenant_id AND c.booking_id = b.id"
            "   AND c.status = 'processing')"
            " ORDER BY s.due_on LIMIT %s",
            zones,
            began,
            at.date() - _LOOKED_BACK,
            MessageKind.COUPLE_OWES,
            _BATCH,
        )
    yield from found


def _tell(row: database.Row, at: datetime) -> bool:
    def tell() -> None:
        notices.tell(row.tenant_id, row.id, MessageKind.COUPLE_OWES, slot=row.due_on.isoformat(), at=at)

    return sweeping.is_done(tell, stays=f"nobody hears that booking {row.id} is overdue")
