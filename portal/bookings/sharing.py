"""A couple's links as the couple rules over them: listed, shared for looking or paying, ended.

Law: a shared link has a label, its raw token is handed out once, and the timeline tells that it was made, first opened
and ended.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from portal.bookings import service, tokens
from portal.bookings.states import Actor, BookingStatus, LinkAction
from portal.bookings.tokens import Minted
from portal.db import database
from portal.kernel.errors import Conflict, Invalid
from portal.kernel.text import N_, clean_line

SHARED = (LinkAction.LOOK, LinkAction.PAY)
LONGEST_LABEL = 60
_MOST_SHARED = 20
_MOST_LISTED = 200
_OVER = {BookingStatus.EXPIRED, BookingStatus.CANCELLED}
_OPENED = "link_opened"
_USABLE = "revoked_at IS NULL AND used_at IS NULL AND expires_at > %s"


@dataclass(frozen=True, slots=True)
class ActiveLink:
    """A link that opens something now."""

    id: UUID
    action: LinkAction
    recipient: str
    label: str
    created_at: datetime
    expires_at: datetime
    opened_at: datetime | None


def active(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> list[ActiveLink]:
    """The links to a booking that work, the latest first."""
    found = database.rows(
        "SELECT id, action, recipient, label, created_at, expires_at,"
        " (SELECT min(e.occurred_at) FROM booking_event e WHERE e.tenant_id = k.tenant_id"
        f"   AND e.booking_id = k.booking_id AND e.kind = '{_OPENED}'"
        "   AND e.details ->> 'link' = k.id::text) AS opened_at"
        " FROM booking_action_token k"
        f" WHERE tenant_id = %s AND booking_id = %s AND {_USABLE} ORDER BY created_at DESC, id DESC LIMIT %s",
        tenant_id,
        booking_id,
        at,
        _MOST_LISTED,
    )
    return [ActiveLink(row.id, LinkAction(row.action), *row[2:]) for row in found]


def may_share(status: BookingStatus) -> bool:
    """Whether there is anything left to show to others."""
    return status not in _OVER


def share(tenant_id: UUID, booking_id: UUID, form_id: UUID, *, action: str, label: str, at: datetime) -> Minted:
    """A link for somebody else; ``form_id`` is the form's, which makes one link however often it is sent.

    Raises Invalid with the field, and Conflict when there are too many, when this one was made already, or when the
    booking is over.
    """
    if action not in SHARED:
        sentence = N_("Please choose what the link may do.")
        raise Invalid(sentence, {"action": sentence})
    name = _clean(label)
    token_id = uuid5(booking_id, str(form_id))
    with database.writing(tenant_id):
        booking = service.lock(tenant_id, booking_id)
        if not may_share(BookingStatus(booking.status)):
            raise Conflict(N_("This booking is over, so there is nothing to share any more."))
        _check_room(tenant_id, booking_id, token_id, at)
        minted = tokens.mint(tenant_id, booking_id, action=LinkAction(action), label=name, token_id=token_id, at=at)
        details = {"label": name, "action": action}
        service.note_event(tenant_id, booking_id, at=at, actor=Actor.COUPLE, kind="link_shared", details=details)
        return minted


def note_opening(tenant_id: UUID, booking_id: UUID, token_id: UUID, *, at: datetime) -> None:
    """A shared link stands open in a browser; the first time is told in the timeline."""
    told = (
        f"SELECT 1 FROM booking_event WHERE tenant_id = %s AND booking_id = %s AND kind = '{_OPENED}'"
        " AND details ->> 'link' = %s"
    )
    with database.reading(tenant_id):
        if database.value(told, tenant_id, booking_id, str(token_id)):
            return
    with database.writing(tenant_id):
        service.lock(tenant_id, booking_id)
        link = database.row(
            f"SELECT action, label FROM booking_action_token WHERE tenant_id = %s AND booking_id = %s AND id = %s"
            f" AND action = ANY (%s) AND {_USABLE}",
            tenant_id,
            booking_id,
            token_id,
            list(SHARED),
            at,
        )
        if link is None or database.value(told, tenant_id, booking_id, str(token_id)):
            return
        details = {"label": link.label, "action": link.action, "link": str(token_id)}
        service.note_event(tenant_id, booking_id, at=at, actor=Actor.SYSTEM, kind=_OPENED, details=details)


def end(tenant_id: UUID, booking_id: UUID, token_id: UUID, *, at: datetime) -> bool:
    """The couple ends a link: it opens nothing any more. Whether it worked until now."""
    with database.writing(tenant_id):
        ended = database.row(
            f"UPDATE booking_action_token SET revoked_at = %s WHERE tenant_id = %s AND booking_id = %s AND id = %s"
            f" AND {_USABLE} RETURNING action, recipient, label",
            at,
            tenant_id,
            booking_id,
            token_id,
            at,
        )
        if ended is None:
            return False
        name = ended.label or (tokens.masked(ended.recipient) if ended.recipient else "")
        details = {"label": name, "action": ended.action}
        service.note_event(tenant_id, booking_id, at=at, actor=Actor.COUPLE, kind="link_ended", details=details)
        return True


def end_others(tenant_id: UUID, booking_id: UUID, *, keep: Collection[UUID], at: datetime) -> int:
    """The couple ends every link but these; how many there were."""
    with database.writing(tenant_id):
        ended = database.rows(
            "UPDATE booking_action_token SET revoked_at = %s WHERE tenant_id = %s AND booking_id = %s"
            f" AND NOT id = ANY (%s) AND ({_USABLE} OR (revoked_at IS NULL AND action = ANY (%s))) RETURNING used_at",
            at,
            tenant_id,
            booking_id,
            list(keep),
            at,
            tokens.SHOWN_EVEN_USED,
        )
        count = sum(link.used_at is None for link in ended)
        if count:
            details = {"count": count}
            service.note_event(tenant_id, booking_id, at=at, actor=Actor.COUPLE, kind="links_ended", details=details)
        return count


def _clean(label: str) -> str:
    try:
        name = clean_line(label, most=LONGEST_LABEL)
    except Invalid as error:
        raise Invalid(error.message, {"label": error}, **error.params) from error
    if not name:
        sentence = N_("Please say for whom it is, so that you recognise it later.")
        raise Invalid(sentence, {"label": sentence})
    return name


def _check_room(tenant_id: UUID, booking_id: UUID, token_id: UUID, at: datetime) -> None:
    known = database.row(
        f"SELECT count(*) FILTER (WHERE {_USABLE}) AS active, bool_or(id = %s) AS is_made FROM booking_action_token"
        " WHERE tenant_id = %s AND booking_id = %s AND action = ANY (%s)",
        at,
        token_id,
        tenant_id,
        booking_id,
        list(SHARED),
    )
    if known and known.is_made:
        raise Conflict(
            N_("This link was made already. It is shown only once, so if you did not copy it, end it and make another.")
        )
    if known and known.active >= _MOST_SHARED:
        raise Conflict(N_("You share as many links as there can be. Please end one that is no longer needed."))
