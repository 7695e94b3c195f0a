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
from portal.messages import (
    calendar_trouble,
    composing,
    delivery,
    facts,
    minting,
    planning,
    recalling,
    reminders,
    service,
    stopped,
    summaries,
    waiting,
    waiting_plans,
    weekly,
)
from portal.messages.calendar_trouble import CalendarTrouble
from portal.messages.delivery import AddressRefusedError, RefusedError
from portal.messages.facts import Facts, MessageView
from portal.messages.states import MessageKind, MessageStatus, Subject, subject_of
from portal.messages.stopped import Reason
from portal.messages.summaries import Summary
from portal.messages.waiting import Waiting
from portal.messages.weekly import Weekly

Known = Facts | Waiting | Weekly | Summary | CalendarTrouble
_OPEN = {MessageStatus.DUE, MessageStatus.FAILED}


def send(tenant_id: UUID, message_id: UUID, *, at: datetime, is_first_attempt: bool) -> None:
    """Send a message that is due; one that was sent or need not leave any more is left alone. Raises to try later."""
    with database.reading(tenant_id):
        about = facts.message(tenant_id, message_id)
        if about is None or about.status not in _OPEN:
            return
        known = _gather(tenant_id, about, at)
        recipient = _recipient(known)
        is_stopped = stopped.is_stopped(tenant_id, recipient)
    if isinstance(known, Summary):
        known = summaries.take(known)
    if reason := known.reason_to_skip:
        _leave_out(tenant_id, known, reason, is_first_attempt=is_first_attempt)
        return
    if recipient != about.recipient:
        if not recipient or not service.readdress(tenant_id, message_id, recipient):
            service.record_skipped(tenant_id, message_id, reason="the address is no longer on file")
            return
        known = replace(known, message=replace(about, recipient=recipient))
    if is_stopped:
        _give_up(tenant_id, known, stopped.SENTENCE)
        return
    try:
        was_never_tried = is_first_attempt and not about.failure
        provider_id = (None if was_never_tried else _left_earlier(known)) or _hand_over(known, at)
    except RefusedError as error:
        _refused(tenant_id, known, error, at)
        return
    except Exception as error:
        service.note_failure(tenant_id, message_id, failure=str(error))
        raise
    failpoints.reach("message.after_send")
    service.record_sent(tenant_id, message_id, provider_message_id=provider_id, at=at)
    for each in known.documents if isinstance(known, Facts) else ():
        invoices.mark_sent(tenant_id, each.id, at=at)


def _leave_out(tenant_id: UUID, known: Known, reason: str, *, is_first_attempt: bool) -> None:
    """It must not leave any more, or not now."""
    if reason == reminders.PAUSED:
        recalling.put_back(tenant_id, known.message.id, is_first_attempt=is_first_attempt)
    elif isinstance(known, Facts) and known.is_out_of_plan:
        planning.withdraw(tenant_id, known.message.id, known.message.booking_id, reason=reason)
    else:
        service.record_skipped(tenant_id, known.message.id, reason=reason)


def _refused(tenant_id: UUID, known: Known, error: RefusedError, at: datetime) -> None:
    """This mail will not be accepted, or nothing to its address will."""
    if isinstance(error, AddressRefusedError):
        stopped.stop(tenant_id, known.message.recipient, Reason.REFUSED, at=at)
    _give_up(tenant_id, known, str(error))


def _give_up(tenant_id: UUID, known: Known, failure: str) -> None:
    """It does not leave. An address that has given way is told so out of courtesy alone."""
    if known.message.kind is MessageKind.EMAIL_CHANGED:
        service.record_skipped(tenant_id, known.message.id, reason=failure)
    else:
        service.record_failed(tenant_id, known.message.id, failure=failure)
    if isinstance(known, Waiting):
        waiting_plans.unreachable(tenant_id, known.message.subject_id)


def _left_earlier(known: Known) -> str | None:
    """Whether it has left after all; a copy that came back does not count."""
    found = delivery.current().find(known.message.id)
    return None if found == known.message.bounced_id else found


def _gather(tenant_id: UUID, about: MessageView, at: datetime) -> Known:
    match subject_of(about.kind):
        case Subject.WAITLIST:
            return waiting.gather(tenant_id, about)
        case Subject.TENANT if about.kind is MessageKind.DAILY_SUMMARY:
            return summaries.gather(tenant_id, about, at=at)
        case Subject.TENANT if about.kind is MessageKind.CALENDAR_REFUSED:
            return calendar_trouble.gather(tenant_id, about)
        case Subject.TENANT:
            return weekly.gather(tenant_id, about, at=at)
    return facts.gather(tenant_id, about, at=at)


def _recipient(known: Known) -> str:
    """Where it goes by now; empty when nowhere any more."""
    if isinstance(known, Weekly | Summary | CalendarTrouble):
        return known.tenant.contact_email
    if isinstance(known, Facts) and known.is_for_somebody_else:
        return address.follow(known.booking, known.message.recipient) or ""
    return known.message.recipient


def _hand_over(known: Known, at: datetime) -> str:
    if isinstance(known, Waiting):
        mail = waiting.compose(known, at=at)
    elif isinstance(known, Weekly):
        mail = weekly.compose(known, at=at)
    elif isinstance(known, Summary):
        mail = summaries.compose(known, at=at)
    elif isinstance(known, CalendarTrouble):
        mail = calendar_trouble.compose(known, at=at)
    else:
        mail = composing.compose(known, minting.mint(known, at=at), at=at)
    failpoints.reach("message.before_send")
    return delivery.current().send(mail)
