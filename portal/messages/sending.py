"""One message leaves: read again, mint the links, compose, hand over, record. Each step ends before the next begins.

No transaction is open while a mail travels. After an attempt whose outcome is unknown, the channel is asked first.
"""

from datetime import datetime
from uuid import UUID

from portal.bookings import tokens
from portal.bookings.states import LinkAction
from portal.db import database
from portal.kernel import failpoints
from portal.messages import addresses, composing, delivery, facts, service
from portal.messages.delivery import RefusedError
from portal.messages.facts import Facts
from portal.messages.states import Audience, MessageKind, MessageStatus

_OPEN = {MessageStatus.DUE, MessageStatus.FAILED}


def send(tenant_id: UUID, message_id: UUID, *, at: datetime, is_first_attempt: bool) -> None:
    """Send a message that is due; one that was sent or need not leave any more is left alone. Raises to try later."""
    with database.reading(tenant_id):
        about = facts.message(tenant_id, message_id)
        if about is None or about.status not in _OPEN:
            return
        known = facts.gather(tenant_id, about, at=at)
    if reason := known.reason_to_skip:
        service.record_skipped(tenant_id, message_id, reason=reason)
        return
    channel = delivery.current()
    try:
        was_never_tried = is_first_attempt and not about.failure
        found = None if was_never_tried else channel.find(message_id)
        provider_id = found or _hand_over(known, at)
    except RefusedError as error:
        service.record_failed(tenant_id, message_id, failure=str(error))
        return
    except Exception as error:
        service.note_failure(tenant_id, message_id, failure=str(error))
        raise
    failpoints.reach("message.after_send")
    service.record_sent(tenant_id, message_id, provider_message_id=provider_id, at=at)


def _hand_over(known: Facts, at: datetime) -> str:
    mail = composing.compose(known, _mint_links(known, at), at=at)
    failpoints.reach("message.before_send")
    return delivery.current().send(mail)


def _mint_links(known: Facts, at: datetime) -> dict[UUID, str]:
    """The couple's secret addresses: they exist in the mail and nowhere else."""
    message = known.message
    if message.audience is not Audience.COUPLE:
        return {}
    wanted = known.bookings if message.kind is MessageKind.MANAGE_LINK else [known.booking]
    links = {}
    for booking in wanted:
        minted = tokens.mint(known.tenant.id, booking.id, action=LinkAction.MANAGE, recipient=message.recipient, at=at)
        links[booking.id] = addresses.manage_link(minted.raw)
    return links
