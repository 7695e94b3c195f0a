"""The rows of planned messages follow the plan that a booking should have now. Called after whatever changes it.

Running twice changes nothing. A slot that was sent or skipped stays so, and what was told or left out of a day is not
planned again at another hour. One that the plan has lost is cancelled, and comes back if the plan gets it back. Nothing
is planned for before the booking was confirmed, moved or changed last.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from portal.bookings import queries, service
from portal.bookings.queries import BookingView
from portal.db import database, outbox
from portal.db.tenancy import platform_scope
from portal.kernel.ids import uuid7
from portal.lifecycle import sweeping
from portal.lifecycle.overview import Overview, overview
from portal.messages import recipients, reminders
from portal.messages.models import Message
from portal.messages.schedule import COURSES, Slot
from portal.messages.states import Audience, MessageKind, MessageStatus, Subject

Key = tuple[MessageKind, str, str]
_BATCH = 500
# What brings new messages into a plan; a slot that had passed by then was never missed.
_BEGINS = ("confirmed", "moved", "add_ons_changed", "email_changed")
_PLANNED, _CANCELLED = MessageStatus.PLANNED, MessageStatus.CANCELLED
_OPEN = (_PLANNED, _CANCELLED)


def keep_up(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> None:
    """Let a booking's planned messages be those that it should have."""
    is_on = reminders.is_switched_on()
    with database.writing(tenant_id):
        service.lock(tenant_id, booking_id)
        booking, account = queries.by_id(tenant_id, booking_id), overview(tenant_id, booking_id)
        wanted, since = _wanted(booking, account), _since(booking, account)
        rows = _rows(booking)
        told = {(row.kind, row.recipient, row.about_on) for row in rows.values() if row.status not in _OPEN}
        new = {
            (kind, name, recipient): slot
            for (kind, name, recipient), slot in wanted.items()
            if is_on and slot.due_at > since and (kind, recipient, slot.about_on) not in told
        }
        _set(booking, [row.id for key, row in rows.items() if key not in wanted], frm=_PLANNED, to=_CANCELLED)
        _set(booking, [rows[key].id for key in new if key in rows], frm=_CANCELLED, to=_PLANNED)
        _correct(booking, rows, wanted)
        _insert(booking, {key: slot for key, slot in new.items() if key not in rows}, at)
        database.execute(
            "UPDATE booking SET is_planned = %s WHERE tenant_id = %s AND id = %s AND is_planned <> %s",
            is_on,
            tenant_id,
            booking_id,
            is_on,
        )


def plan_unplanned(at: datetime) -> int:
    """Plan what nobody has planned yet or what a change of the tenant's plan has touched; how many bookings."""
    done = 0
    while reminders.is_switched_on() and (found := _unplanned()):
        went_well = sum(_plan(row.tenant_id, row.id, at) for row in found)
        done += went_well
        if len(found) < _BATCH or not went_well:
            break
    return done


def withdraw(tenant_id: UUID, message_id: UUID, booking_id: UUID, *, reason: str) -> None:
    """The plan has no such message any more. Should it have it again by now, the next look brings it back."""
    with database.writing(tenant_id):
        database.execute(
            "UPDATE message SET status = 'cancelled', failure = %s"
            " WHERE tenant_id = %s AND id = %s AND status IN ('due', 'failed')",
            reason,
            tenant_id,
            message_id,
        )
        outbox.owe("booking.plan", booking_id)


def _plan(tenant_id: UUID, booking_id: UUID, at: datetime) -> bool:
    return sweeping.is_done(
        lambda: keep_up(tenant_id, booking_id, at=at), stays=f"booking {booking_id} has no plan of its messages"
    )


def _wanted(booking: BookingView, account: Overview) -> dict[Key, Slot]:
    to = [each.recipient for each in recipients.couple(booking)]
    now = reminders.slots_now(booking, reminders.open_due_ons(account))
    return {
        (slot.kind, slot.name, recipient): slot
        for slot in now.values()
        for recipient in to
        if slot.kind is not MessageKind.FOLLOW_UP or not reminders.has_stopped(booking.tenant_id, recipient)
    }


def _since(booking: BookingView, account: Overview) -> datetime:
    told: datetime = database.value("SELECT reminder_plan_at FROM tenant WHERE id = %s", booking.tenant_id)
    return max([told, *(entry.occurred_at for entry in account.timeline if entry.kind in _BEGINS)])


def _rows(booking: BookingView) -> dict[Key, database.Row]:
    found = database.rows(
        "SELECT id, kind, slot, recipient, status, due_at, about_on FROM message"
        " WHERE tenant_id = %s AND subject_id = %s AND subject_type = 'booking' AND kind = ANY (%s)",
        booking.tenant_id,
        booking.id,
        list(COURSES),
    )
    return {(MessageKind(row.kind), row.slot, row.recipient): row for row in found}


def _set(booking: BookingView, ids: Iterable[UUID], *, frm: MessageStatus, to: MessageStatus) -> None:
    if ids := list(ids):
        database.execute(
            "UPDATE message SET status = %s, failure = '' WHERE tenant_id = %s AND id = ANY (%s) AND status = %s",
            to,
            booking.tenant_id,
            ids,
            frm,
        )


def _correct(booking: BookingView, rows: dict[Key, database.Row], wanted: dict[Key, Slot]) -> None:
    """The business has moved to another time zone: the same local time is another instant."""
    for key, row in rows.items():
        if key in wanted and row.due_at != wanted[key].due_at:
            database.execute(
                "UPDATE message SET due_at = %s WHERE tenant_id = %s AND id = %s AND status = 'planned'",
                wanted[key].due_at,
                booking.tenant_id,
                row.id,
            )


def _insert(booking: BookingView, new: dict[Key, Slot], at: datetime) -> None:
    if not new:
        return
    rows = [
        {
            "id": uuid7(),
            "tenant_id": booking.tenant_id,
            "subject_type": Subject.BOOKING,
            "subject_id": booking.id,
            "kind": kind,
            "slot": name,
            "recipient": recipient,
            "audience": Audience.COUPLE,
            "status": _PLANNED,
            "created_at": at,
            "due_at": slot.due_at,
            "about_on": slot.about_on,
        }
        for (kind, name, recipient), slot in new.items()
    ]
    Message.insert_many(rows).on_conflict_ignore().execute()


def _unplanned() -> list[database.Row]:
    with database.reading(), platform_scope(reason="bookings of all tenants without a plan"):
        return database.rows(
            "SELECT tenant_id, id FROM booking WHERE NOT is_planned AND status IN ('confirmed', 'completed')"
            " ORDER BY id LIMIT %s",
            _BATCH,
        )
