"""Once a day, what the business wanted to hear of together: one mail at its hour, and none when nothing happened.

The message is planned with the first thing that waits for it. It takes what waits just before it is composed, so that
two of them never tell the same; what has passed by then is left out. One that was missed by more than a day is skipped,
and what it would have told waits for the next.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.kernel.text import N_
from portal.kernel.time import local_instant
from portal.kernel.time import today as today_at
from portal.lifecycle import sweeping
from portal.messages import addresses, composing, facts, own_mail, recipients, reminders, service
from portal.messages.facts import Facts, MessageView
from portal.messages.mail import Mail
from portal.messages.reminders import LATE, MISSED
from portal.messages.schedule import read_time, slot_name
from portal.messages.states import MessageKind
from portal.tenants import queries as tenants
from portal.tenants.language import language
from portal.tenants.queries import TenantView

_SUBJECT = N_("Your daily summary: %(day)s")
# More do not fit into a mail; what is left comes with the next.
_MOST = 200
_BATCH = 500
_WAITS = "way = 'daily' AND summary_id IS NULL"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened; without words it is no longer so. ``money`` is the sum that it is about, if any."""

    notice_id: UUID
    at: datetime
    words: str
    money: str
    reference: str
    url: str


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that the templates may use of one message."""

    message: MessageView
    tenant: TenantView
    lines: list[Line]
    is_missed: bool

    @property
    def reason_to_skip(self) -> str:
        """Why this mail must not leave any more; empty when it may."""
        if self.is_missed:
            return MISSED
        return "" if self.shown else "nothing of it is so any more"

    @property
    def shown(self) -> list[Line]:
        """What it tells."""
        return [line for line in self.lines if line.words]


def next_slot(at_time: str, timezone: str, *, after: datetime) -> tuple[str, datetime]:
    """The next such time on the business's clock, and its instant."""
    on, wanted = today_at(timezone, after), read_time(at_time)
    if local_instant(on, wanted, timezone) <= after:
        on += timedelta(days=1)
    return slot_name(on, wanted), local_instant(on, wanted, timezone)


def plan_next(tenant_id: UUID, *, at: datetime) -> None:
    """Plan the next summary after an instant, unless one is planned; something waits for it."""
    with database.writing(tenant_id):
        row = database.row("SELECT timezone, contact_email, notice_time FROM tenant WHERE id = %s", tenant_id)
        if row is None or not reminders.is_switched_on():
            return
        slot, due_at = next_slot(row.notice_time, row.timezone, after=at)
        own_mail.plan(
            tenant_id, MessageKind.DAILY_SUMMARY, slot=slot, due_at=due_at, recipient=row.contact_email, at=at
        )


def plan_anew(tenant_id: UUID, *, at: datetime) -> None:
    """The hour may be another one: what is planned moves to it."""
    with database.writing(tenant_id):
        own_mail.cancel_planned(tenant_id, MessageKind.DAILY_SUMMARY)
        if database.value(f"SELECT 1 FROM notice WHERE tenant_id = %s AND {_WAITS} LIMIT 1", tenant_id):
            plan_next(tenant_id, at=at)


def plan_missing(at: datetime) -> int:
    """Plan one wherever something waits and nothing is planned: a clock has changed, or the last was missed.

    Where no summary leaves any more because reminders were switched off, what waits comes at once.
    """
    with database.reading(), platform_scope(reason="businesses for which something waits to be told"):
        found = database.rows(
            f"SELECT DISTINCT n.tenant_id FROM notice n WHERE {_WAITS} AND NOT EXISTS"
            " (SELECT 1 FROM message m WHERE m.tenant_id = n.tenant_id AND m.subject_id = n.tenant_id AND m.kind = %s"
            "  AND m.status = ANY (%s)) ORDER BY n.tenant_id LIMIT %s",
            MessageKind.DAILY_SUMMARY,
            ["planned", "due"] if reminders.is_switched_on() else ["due"],
            _BATCH,
        )
    return sum(_plan(row.tenant_id, at) for row in found)


def gather(tenant_id: UUID, about: MessageView, *, at: datetime) -> Summary:
    """All that the mail may say: what it has taken already, or else what waits; within the caller's ``reading()``."""
    tenant = tenants.get(tenant_id)
    due_at = database.value("SELECT due_at FROM message WHERE tenant_id = %s AND id = %s", tenant_id, about.id)
    taken = _rows(tenant_id, "summary_id = %s", about.id)
    rows = taken or _rows(tenant_id, f"{_WAITS} AND created_at <= %s", due_at)
    is_missed = not taken and not about.failure and at > due_at + LATE
    return Summary(about, tenant, [] if is_missed else [_line(tenant_id, row, at) for row in rows], is_missed)


def take(known: Summary) -> Summary:
    """The summary without what another one has taken meanwhile; the rest is its own from now on, whatever happens."""
    tenant_id, summary_id = known.tenant.id, known.message.id
    with database.writing(tenant_id):
        mine = database.rows(
            "UPDATE notice SET summary_id = %s WHERE tenant_id = %s AND id = ANY (%s)"
            " AND (summary_id IS NULL OR summary_id = %s) RETURNING id",
            summary_id,
            tenant_id,
            [line.notice_id for line in known.lines],
            summary_id,
        )
    ids = {row.id for row in mine}
    return replace(known, lines=[line for line in known.lines if line.notice_id in ids])


def compose(known: Summary, *, at: datetime) -> Mail:
    """The mail as it leaves now."""
    tenant = known.tenant
    chosen = language(tenant.locale, tenant.timezone)
    subject = chosen.gettext(_SUBJECT, day=chosen.date_medium(tenant.today(at)))
    context: dict[str, object] = {
        "lines": known.shown,
        "bookings_url": addresses.dashboard_bookings(tenant.slug),
        "settings_url": addresses.dashboard_notices(tenant.slug),
    }
    return own_mail.compose(known.message, tenant, subject, context, at=at)


def _rows(tenant_id: UUID, condition: str, value: object) -> list[database.Row]:
    return database.rows(
        f"SELECT id, booking_id, kind, slot, created_at FROM notice WHERE tenant_id = %s AND {condition}"
        " ORDER BY created_at, id LIMIT %s",
        tenant_id,
        value,
        _MOST,
    )


def _line(tenant_id: UUID, row: database.Row, at: datetime) -> Line:
    """What the notice's own mail would say, in the words of its subject."""
    about = facts.of_notice(row)
    known = facts.gather(tenant_id, about, at=at)
    words = "" if known.reason_to_skip else composing.subject_of(known)
    reference = known.booking.reference
    return Line(row.id, row.created_at, words, _money(known), reference, addresses.dashboard_booking(reference))


def _money(known: Facts) -> str:
    sums = {
        MessageKind.NEW_BOOKING: known.booking.total_cents,
        MessageKind.COUPLE_PAID: known.payment.amount_cents if known.payment else 0,
        MessageKind.COUPLE_OWES: known.overdue_cents,
        MessageKind.DISPUTE_OPENED: known.dispute.withdrawn_cents if known.dispute else 0,
        MessageKind.REFUND_FAILED: known.refund.amount_cents if known.refund else 0,
    }
    cents = sums.get(known.message.kind, 0)
    return known.language.money(cents, known.booking.currency) if cents else ""


def _tell_at_once(tenant_id: UUID, at: datetime) -> None:
    with database.writing(tenant_id):
        waiting = database.rows(
            f"UPDATE notice SET way = 'at_once' WHERE tenant_id = %s AND {_WAITS} RETURNING booking_id, kind, slot",
            tenant_id,
        )
        for row in waiting:
            kind, to = MessageKind(row.kind), recipients.business(tenant_id)
            service.owe(tenant_id, row.booking_id, kind, slot=row.slot, to=to, at=at)


def _plan(tenant_id: UUID, at: datetime) -> bool:
    def plan() -> None:
        if reminders.is_switched_on():
            plan_next(tenant_id, at=at)
        else:
            _tell_at_once(tenant_id, at)

    return sweeping.is_done(plan, stays=f"tenant {tenant_id} gets no summary")
