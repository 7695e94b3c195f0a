"""What the business hears of, and how: one place decides for every notice, at once, once a day, or not at all.

Each thing is recorded once, whichever way was chosen, so that an effect that runs twice tells nothing twice. What waits
for the day's summary leaves with it (``summaries``); nothing else writes to the business about a booking.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from portal.db import database
from portal.kernel.errors import Invalid, PortalError
from portal.kernel.text import N_
from portal.messages import reminders, service, summaries
from portal.messages.models import Notice
from portal.messages.recipients import business
from portal.messages.schedule import read_time
from portal.messages.states import MessageKind
from portal.tenants import service as tenants


class Way(StrEnum):
    """How the business hears of something."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    OFF = "off"


class Topic(StrEnum):
    """What the business chooses a way for."""

    BOOKING = "booking"
    MOVE = "move"
    CANCELLATION = "cancellation"
    CHANGE = "change"
    PAYMENT = "payment"
    OVERDUE = "overdue"
    DISPUTE = "dispute"
    REFUND = "refund"
    MAIL = "mail"
    REVIEW = "review"
    CLASH = "clash"


_TOPICS = {
    MessageKind.NEW_BOOKING: Topic.BOOKING,
    MessageKind.COUPLE_MOVED: Topic.MOVE,
    MessageKind.COUPLE_CANCELS: Topic.CANCELLATION,
    MessageKind.COUPLE_STAYS: Topic.CANCELLATION,
    MessageKind.DETAILS_CHANGED: Topic.CHANGE,
    MessageKind.COUPLE_PAID: Topic.PAYMENT,
    MessageKind.COUPLE_OWES: Topic.OVERDUE,
    MessageKind.DISPUTE_OPENED: Topic.DISPUTE,
    MessageKind.REFUND_FAILED: Topic.REFUND,
    MessageKind.MAIL_FAILED: Topic.MAIL,
    MessageKind.NEEDS_REVIEW: Topic.REVIEW,
    MessageKind.BUSY_OUTSIDE: Topic.CLASH,
}
# Money or a date may be lost if nobody looks: these cannot be switched off.
ALWAYS_TOLD = frozenset({Topic.DISPUTE, Topic.REFUND, Topic.REVIEW})


def tell(tenant_id: UUID, booking_id: UUID, kind: MessageKind, *, slot: str, at: datetime) -> None:
    """The business hears of something in the way that it has chosen; of what it has heard already, not again."""
    with database.writing(tenant_id):
        way = _way(tenant_id, kind)
        values = {"booking_id": booking_id, "kind": kind, "slot": slot, "way": way, "created_at": at}
        if not Notice.insert(tenant_id=tenant_id, **values).on_conflict_ignore().as_rowcount().execute():
            return
        if way is Way.AT_ONCE:
            service.owe(tenant_id, booking_id, kind, slot=slot, to=business(tenant_id), at=at)
        elif way is Way.DAILY:
            summaries.plan_next(tenant_id, at=at)


def choose(tenant_id: UUID, chosen: Mapping[Topic, str], *, at_time: str, at: datetime) -> None:
    """The business wants to hear of things in these ways, and of a day at this time. Raises Invalid, by field."""
    faults: dict[str, PortalError | str] = {
        topic: N_("Please choose one of these.") for topic in Topic if chosen.get(topic) not in ways(topic)
    }
    try:
        read_time(at_time)
    except Invalid as error:
        faults["at"] = error
    if faults:
        raise Invalid(N_("Please look again at what is marked."), faults)
    with database.writing(tenant_id):
        tenants.set_notices(tenant_id, {topic: chosen[topic] for topic in Topic}, at_time=at_time)
        summaries.plan_anew(tenant_id, at=at)


def chosen(tenant_id: UUID) -> tuple[dict[Topic, Way], str]:
    """What the business has chosen, and the time of its summary."""
    row = database.row("SELECT notice_plan, notice_time FROM tenant WHERE id = %s", tenant_id)
    assert row is not None  # noqa: S101  the caller knows the tenant
    return read_plan(row.notice_plan), row.notice_time


def ways(topic: Topic) -> list[Way]:
    """Between which a business chooses."""
    return [way for way in Way if way is not Way.OFF or topic not in ALWAYS_TOLD]


def read_plan(document: Mapping[str, str]) -> dict[Topic, Way]:
    """What a tenant's document says, each topic complete."""
    return {topic: Way(document.get(topic, Way.AT_ONCE)) for topic in Topic}


def _way(tenant_id: UUID, kind: MessageKind) -> Way:
    """What was chosen; where no summary leaves, what would wait for one comes at once."""
    document = database.value("SELECT notice_plan FROM tenant WHERE id = %s", tenant_id)
    topic = _TOPICS.get(kind)
    way = read_plan(document)[topic] if topic else Way.AT_ONCE
    return Way.AT_ONCE if way is Way.DAILY and not reminders.is_switched_on() else way
