"""One message leaves: read again, mint the links, compose, hand over, record. Each step ends before the next begins.

No transaction is open while a mail travels. After an attempt whose outcome is unknown, the channel is asked first.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from portal.db import database
from portal.invoices import service as invoices
from portal.kernel import failpoints
from portal.lifecycle import address
from portal.messages import composing, delivery, facts, minting, service, waiting, waiting_plans
from portal.messages.delivery import RefusedError
from portal.messages.facts import Facts
from portal.messages.states import MessageStatus, Subject, subject_of
from portal.messages.waiting import Waiting

_OPEN = {MessageStatus.DUE, MessageStatus.FAILED}


def send(tenant_id: UUID, message_id: UUID, *, at: datetime, is_first_attempt: bool) -> None:
    """Send a message that is due; one that was sent or need not leave any more is left alone. Raises to try later."""
    with database.reading(tenant_id):
        about = facts.message(tenant_id, message_id)
        if about is None or about.status not in _OPEN:
            return
        is_about_waiting = subject_of(about.kind) is Subject.WAITLIST
        known = waiting.gather(tenant_id, about) if is_about_waiting else facts.gather(tenant_id, about, at=at)
        recipient = about.recipient
        if isinstance(known, Facts) and known.is_for_somebody_else:
            recipient = address.follow(known.booking, recipient) or ""
    if reason := known.reason_to_skip:
        service.record_skipped(tenant_id, message_id, reason=reason)
        return
    if recipient != about.recipient:
        if not recipient or not service.readdress(tenant_id, message_id, recipient):
            service.record_skipped(tenant_id, message_id, reason="the address is no longer on file")
            return
        known = replace(known, message=replace(about, recipient=recipient))
    channel = delivery.current()
    try:
        was_never_tried = is_first_attempt and not about.failure
        found = None if was_never_tried else channel.find(message_id)
        provider_id = found or _hand_over(known, at)
    except RefusedError as error:
        service.record_failed(tenant_id, message_id, failure=str(error))
        if isinstance(known, Waiting):
            waiting_plans.unreachable(tenant_id, known.message.subject_id)
        return
    except Exception as error:
        service.note_failure(tenant_id, message_id, failure=str(error))
        raise
    failpoints.reach("message.after_send")
    service.record_sent(tenant_id, message_id, provider_message_id=provider_id, at=at)
    for each in known.documents if isinstance(known, Facts) else ():
        invoices.mark_sent(tenant_id, each.id, at=at)


def _hand_over(known: Facts | Waiting, at: datetime) -> str:
    if isinstance(known, Waiting):
        mail = waiting.compose(known, at=at)
    else:
        mail = composing.compose(known, minting.mint(known, at=at), at=at)
    failpoints.reach("message.before_send")
    return delivery.current().send(mail)
