"""What became of a mail, as its provider has told: it arrived, came back, was opened, or nobody wants more of them.

Law: any order and any number of events end the same. What is told of one copy of a mail says nothing of another that
was sent since.
"""

from datetime import datetime
from uuid import UUID

from portal.db import database, outbox
from portal.db.tenancy import platform_scope
from portal.invoices import service as invoices
from portal.kernel import failpoints
from portal.kernel.text import N_
from portal.messages import enclosures, facts, follow_ups, stopped, waiting_plans
from portal.messages.delivery.postmark_events import What
from portal.messages.facts import MessageView
from portal.messages.states import Audience, MessageKind, Subject, subject_of
from portal.messages.stopped import Reason
from portal.payments import kept_events
from portal.payments.states import EventStatus

NO_SUCH_ADDRESS = N_("It came back: the address does not exist or takes no mail.")
NOT_TAKEN = N_("It came back: their mail server did not take it.")


def handle(row_id: UUID, *, at: datetime) -> None:
    """Handle one kept event. Raises to try later; what has ended is left alone."""
    event = kept_events.load(row_id)
    if event is None:
        return
    provider_id, _, _ = event.event_id.partition(":")
    try:
        is_ours = _heed(UUID(event.object_id), What(event.type), provider_id, event.created_at)
    except Exception as error:
        kept_events.end(row_id, EventStatus.FAILED, at=at, error=f"{type(error).__name__}: {error}")
        raise
    failpoints.reach("mail_webhook.before_handled")
    kept_events.end(row_id, EventStatus.PROCESSED if is_ours else EventStatus.IGNORED, at=at)


def bury(row_id: UUID, *, at: datetime, failure: str) -> None:
    """Nobody will try this event again by itself; a person can (``flask webhook retry``)."""
    kept_events.end(row_id, EventStatus.DEAD, at=at, error=failure)


def _heed(message_id: UUID, what: What, provider_id: str, at: datetime) -> bool:
    """Do what an event hints at; whether it is about something of ours."""
    with database.reading(), platform_scope(reason="whose a mail is, our own rows say"):
        tenant_id = database.value("SELECT tenant_id FROM message WHERE id = %s", message_id)
    if tenant_id is None:
        return False
    with database.writing(tenant_id):
        mail = facts.message(tenant_id, message_id)
        assert mail is not None  # noqa: S101  it is the tenant's
        match what:
            case What.DELIVERED:
                _delivered(tenant_id, mail, at)
            case What.OPENED:
                _opened(tenant_id, mail, at)
            case What.RETURNED | What.BOUNCED:
                _came_back(tenant_id, mail, what, provider_id, at)
            case What.COMPLAINED:
                stopped.stop(tenant_id, mail.recipient, Reason.COMPLAINED, at=at)
            case What.UNSUBSCRIBED:
                _unsubscribed(tenant_id, mail, at)
            case What.RESUMED:
                stopped.end(tenant_id, mail.recipient, at=at)
    return True


def _delivered(tenant_id: UUID, mail: MessageView, at: datetime) -> None:
    database.execute(
        "UPDATE message SET delivered_at = least(delivered_at, %s) WHERE tenant_id = %s AND id = %s",
        at,
        tenant_id,
        mail.id,
    )


def _opened(tenant_id: UUID, mail: MessageView, at: datetime) -> None:
    """Documents alone are asked about, and the earliest time counts."""
    if mail.kind is MessageKind.DOCUMENTS and mail.audience is Audience.COUPLE:
        for each in enclosures.named_by(tenant_id, mail.slot):
            invoices.mark_viewed(tenant_id, each.id, at=at)


def _came_back(tenant_id: UUID, mail: MessageView, what: What, provider_id: str, at: datetime) -> None:
    is_for_good = what is What.BOUNCED
    if is_for_good:
        stopped.stop(tenant_id, mail.recipient, Reason.BOUNCED, at=at)
        if subject_of(mail.kind) is Subject.WAITLIST:
            waiting_plans.unreachable(tenant_id, mail.subject_id)
    changed = database.execute(
        "UPDATE message SET bounced_at = least(bounced_at, %s), bounced_id = %s,"
        "  status = CASE WHEN status IN ('due', 'sent') THEN 'failed' ELSE status END,"
        "  failure = CASE WHEN %s OR bounced_id <> %s THEN %s ELSE failure END"
        " WHERE tenant_id = %s AND id = %s AND provider_message_id IN ('', %s) AND status IN ('due', 'sent', 'failed')",
        at,
        provider_id,
        is_for_good,
        provider_id,
        NO_SUCH_ADDRESS if is_for_good else NOT_TAKEN,
        tenant_id,
        mail.id,
        provider_id,
    )
    if changed:
        outbox.owe("message.failed", mail.id)


def _unsubscribed(tenant_id: UUID, mail: MessageView, at: datetime) -> None:
    """Who unsubscribes with the provider wants no more of what can be unsubscribed from; all else is refused there."""
    if mail.kind is MessageKind.FOLLOW_UP:
        follow_ups.stop(tenant_id, mail.recipient, at=at)
    else:
        stopped.stop(tenant_id, mail.recipient, Reason.REFUSED, at=at)
