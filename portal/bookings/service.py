"""How a booking changes: its lock, its state, its timeline, its flag for review.

A state changes by a conditional UPDATE that touches exactly one row, or ``Stale``; each change writes a timeline
row in the same transaction. Everything else of a booking is written by ``placing``.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from portal.bookings.models import Booking, BookingEvent
from portal.bookings.states import Actor, BookingStatus, is_allowed
from portal.db import database, outbox
from portal.db.insert import insert
from portal.kernel.errors import NotFound, Stale
from portal.kernel.text import N_

_COLUMNS = ", ".join(name for name in Booking._meta.fields if name != "search")  # noqa: SLF001  peewee's name
_ENDED = {BookingStatus.EXPIRED, BookingStatus.CANCELLED, BookingStatus.COMPLETED}


def lock(tenant_id: UUID, booking_id: UUID) -> Booking:
    """The booking, kept from every other writer until this transaction ends."""
    found = database.row(
        f"SELECT {_COLUMNS} FROM booking WHERE tenant_id = %s AND id = %s FOR UPDATE", tenant_id, booking_id
    )
    if found is None:
        raise NotFound(N_("We know no such booking."))
    return Booking(**found._asdict())


def transition(
    tenant_id: UUID,
    booking_id: UUID,
    *,
    frm: BookingStatus | Collection[BookingStatus],
    to: BookingStatus,
    at: datetime,
    actor: Actor,
    kind: str,
    details: Mapping[str, object] | None = None,
    user_id: UUID | None = None,
) -> BookingStatus:
    """Move a booking to another state and tell it in the timeline; the state it left. Raises Stale."""
    allowed = {frm} if isinstance(frm, BookingStatus) else set(frm)
    for each in allowed:
        if not is_allowed(each, to):
            msg = f"a booking does not go from {each} to {to}"
            raise ValueError(msg)
    with database.writing(tenant_id):
        before = _status(tenant_id, booking_id)
        if before not in allowed or not _move(tenant_id, booking_id, before, to, at):
            raise Stale(N_("This booking has changed meanwhile. Please reload the page."))
        _tell(
            tenant_id,
            booking_id,
            at=at,
            kind=kind,
            actor=actor,
            user_id=user_id,
            details=details,
            before=before,
            after=to,
        )
        return before


def note_event(
    tenant_id: UUID,
    booking_id: UUID,
    *,
    at: datetime,
    actor: Actor,
    kind: str,
    details: Mapping[str, object] | None = None,
    user_id: UUID | None = None,
) -> None:
    """Add a row to the timeline that changes no state."""
    with database.writing(tenant_id):
        _tell(tenant_id, booking_id, at=at, kind=kind, actor=actor, user_id=user_id, details=details)


def note_birth(tenant_id: UUID, booking_id: UUID, *, at: datetime, actor: Actor, kind: str = "held") -> None:
    """The first row of a timeline: a hold was placed."""
    with database.writing(tenant_id):
        _tell(tenant_id, booking_id, at=at, kind=kind, actor=actor, after=BookingStatus.HELD)


def flag_for_review(tenant_id: UUID, booking_id: UUID, reason: str, at: datetime) -> bool:
    """Ask a person to look at a booking; saying the same reason again changes nothing. Whether it was new."""
    with database.writing(tenant_id):
        is_new = database.execute(
            "UPDATE booking SET needs_review = true, version = version + 1,"
            " review_reason = concat_ws(E'\\n', NULLIF(review_reason, ''), %s)"
            " WHERE tenant_id = %s AND id = %s"
            " AND NOT (needs_review AND %s = ANY (string_to_array(review_reason, E'\\n')))",
            reason,
            tenant_id,
            booking_id,
            reason,
        )
        if is_new:
            note_event(
                tenant_id, booking_id, at=at, actor=Actor.SYSTEM, kind="needs_review", details={"reason": reason}
            )
            outbox.owe("booking.needs_review", booking_id)
        return is_new == 1


def end_review(tenant_id: UUID, booking_id: UUID, *, user_id: UUID, at: datetime) -> None:
    """A person has looked into it: the flag goes, the timeline keeps the reasons. Doing it twice changes nothing."""
    with database.writing(tenant_id):
        reasons = database.value(
            "UPDATE booking SET needs_review = false, review_reason = '', version = booking.version + 1"
            " FROM booking before WHERE booking.tenant_id = %s AND booking.id = %s AND booking.needs_review"
            " AND before.tenant_id = booking.tenant_id AND before.id = booking.id RETURNING before.review_reason",
            tenant_id,
            booking_id,
        )
        if reasons is not None:
            note_event(
                tenant_id, booking_id, at=at, actor=Actor.OWNER, kind="reviewed", user_id=user_id,
                details={"reasons": reasons.splitlines()},
            )  # fmt: skip


def _status(tenant_id: UUID, booking_id: UUID) -> BookingStatus:
    status = database.value(
        "SELECT status FROM booking WHERE tenant_id = %s AND id = %s FOR UPDATE", tenant_id, booking_id
    )
    if status is None:
        raise NotFound(N_("We know no such booking."))
    return BookingStatus(status)


def _move(tenant_id: UUID, booking_id: UUID, before: BookingStatus, to: BookingStatus, at: datetime) -> bool:
    touched = database.execute(
        "UPDATE booking SET status = %s, version = version + 1,"
        " confirmed_at = CASE WHEN %s THEN coalesce(confirmed_at, %s) ELSE confirmed_at END,"
        " ended_at = CASE WHEN %s THEN %s END"
        " WHERE tenant_id = %s AND id = %s AND status = %s",
        to,
        to is BookingStatus.CONFIRMED,
        at,
        to in _ENDED,
        at,
        tenant_id,
        booking_id,
        before,
    )
    return touched == 1


def _tell(
    tenant_id: UUID,
    booking_id: UUID,
    *,
    at: datetime,
    kind: str,
    actor: Actor,
    user_id: UUID | None = None,
    details: Mapping[str, object] | None = None,
    before: BookingStatus | None = None,
    after: BookingStatus | None = None,
) -> None:
    row = {
        "tenant_id": tenant_id,
        "booking_id": booking_id,
        "occurred_at": at,
        "kind": kind,
        "actor": actor,
        "actor_user_id": user_id,
        "from_status": before,
        "to_status": after,
        "details": dict(details or {}),
    }
    insert(BookingEvent, row)
