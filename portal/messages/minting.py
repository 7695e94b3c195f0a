"""The couple's secret addresses, minted just before a mail leaves: they exist in the mail and nowhere else.

Mails that tell of a booking as it stands carry, beside the link to everything, one straight to each change that the
terms allow: each is good for one change and for seven days.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from portal.bookings import address_changes, queries, tokens
from portal.bookings import service as bookings
from portal.bookings.queries import BookingView
from portal.bookings.states import Actor, LinkAction
from portal.db import database
from portal.kernel.errors import Stale
from portal.kernel.text import N_
from portal.lifecycle import address, cancel, move
from portal.messages import addresses, follow_ups
from portal.messages.facts import Facts
from portal.messages.states import Audience, MessageKind

_WITH_CHANGES = {MessageKind.CONFIRMATION, MessageKind.MOVED, MessageKind.CANCELLATION_UNDONE}


@dataclass(frozen=True, slots=True)
class Links:
    """What a mail leads to. ``manage`` maps a booking to its page; an empty address means that there is none."""

    manage: Mapping[UUID, str] = field(default_factory=dict)
    reschedule: str = ""
    cancel: str = ""
    unsubscribe: str = ""


def mint(known: Facts, *, at: datetime) -> Links:
    """The links of one mail. Raises Stale when its reader's address is no longer on file."""
    message, booking = known.message, known.booking
    if message.audience is not Audience.COUPLE or message.kind is MessageKind.EMAIL_CHANGED:
        return Links()
    if message.kind is MessageKind.EMAIL_CONFIRM and known.address_change is not None:
        asked = address_changes.mint_link(known.tenant.id, known.address_change, at=at)
        return Links({booking.id: addresses.manage_link(asked.raw)})
    if message.kind is MessageKind.MANAGE_LINK:
        return Links({each.id: _mint(each, message.recipient, at)[LinkAction.MANAGE] for each in known.bookings})
    changes = _changes(known) if message.kind in _WITH_CHANGES else []
    made = _mint(booking, message.recipient, at, *changes)
    return Links(
        manage={booking.id: made[LinkAction.MANAGE]},
        reschedule=made.get(LinkAction.RESCHEDULE, ""),
        cancel=made.get(LinkAction.CANCEL, ""),
        unsubscribe=_unsubscribe(known, at) if message.kind is MessageKind.FOLLOW_UP else "",
    )


def _unsubscribe(known: Facts, at: datetime) -> str:
    return addresses.unsubscribe(follow_ups.mint(known.tenant.id, known.message.recipient, at=at))


def _changes(known: Facts) -> list[LinkAction]:
    """What the couple may do now: a link to anything else would only lead to a refusal."""
    booking, today = known.booking, known.today
    refused = {
        LinkAction.RESCHEDULE: move.refusal(booking, known.overview, today=today, actor=Actor.COUPLE),
        LinkAction.CANCEL: cancel.refusal(booking, today=today),
    }
    return [action for action, why in refused.items() if why is None]


def _mint(booking: BookingView, recipient: str, at: datetime, *changes: LinkAction) -> dict[LinkAction, str]:
    """Links for somebody whose address is on file, looked at again while nobody can change it."""
    with database.writing(booking.tenant_id):
        bookings.lock(booking.tenant_id, booking.id)
        if not address.is_on_file(queries.by_id(booking.tenant_id, booking.id), recipient):
            raise Stale(N_("This booking has changed meanwhile. Please reload the page."))
        return {
            action: addresses.manage_link(
                tokens.mint(booking.tenant_id, booking.id, action=action, recipient=recipient, at=at).raw
            )
            for action in (LinkAction.MANAGE, *changes)
        }
