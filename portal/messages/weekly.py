"""Once a week, if a business wants it: which Saturdays are still free. One planned message at a time, to the business.

When one has left or was missed, the next is planned; what it says is read just before it leaves.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from portal.availability import queries as availability
from portal.catalog import queries as catalog
from portal.db import database
from portal.db.tenancy import platform_scope
from portal.kernel.text import N_
from portal.kernel.time import days_from, local_instant
from portal.kernel.time import today as today_at
from portal.lifecycle import sweeping
from portal.messages import addresses, own_mail, reminders
from portal.messages.facts import MessageView
from portal.messages.mail import Mail
from portal.messages.reminders import LATE, MISSED
from portal.messages.schedule import read_time, slot_name
from portal.messages.states import MessageKind
from portal.tenants import queries as tenants
from portal.tenants import service
from portal.tenants.language import language
from portal.tenants.queries import TenantView

WEEKS = 26
_SATURDAY, _WEEK = 5, 7
_BATCH = 500
_SUBJECT = N_("Your free Saturdays")


@dataclass(frozen=True, slots=True)
class Hall:
    """One calendar of the business, and its free Saturdays within half a year."""

    name: str
    free: list[date]


@dataclass(frozen=True, slots=True)
class Weekly:
    """Everything that the templates may use of one message."""

    message: MessageView
    tenant: TenantView
    halls: list[Hall]
    reason_to_skip: str


def choose(tenant_id: UUID, *, weekday: int | None, at_time: str, at: datetime) -> None:
    """The business wants it on this day of the week (Monday is 0), or not at all. Raises Invalid for no time of day."""
    read_time(at_time)
    with database.writing(tenant_id):
        service.set_free_dates(tenant_id, weekday=weekday, at_time=at_time)
        own_mail.cancel_planned(tenant_id, MessageKind.FREE_DATES)
        plan_next(tenant_id, at=at)


def plan_missing(at: datetime) -> int:
    """Plan the next one of every business that wants them and has none planned; how many."""
    if not reminders.is_switched_on():
        return 0
    with database.reading(), platform_scope(reason="businesses that want to hear of their free dates"):
        found = database.rows(
            "SELECT t.id FROM tenant t WHERE t.free_dates_weekday IS NOT NULL AND t.is_active AND NOT EXISTS"
            " (SELECT 1 FROM message m WHERE m.tenant_id = t.id AND m.subject_id = t.id AND m.kind = %s"
            "  AND m.status = 'planned') ORDER BY t.id LIMIT %s",
            MessageKind.FREE_DATES,
            _BATCH,
        )
    return sum(_plan(row.id, at) for row in found)


def plan_next(tenant_id: UUID, *, at: datetime) -> None:
    """Plan the next one after an instant, if the business wants any."""
    with database.writing(tenant_id):
        row = database.row(
            "SELECT timezone, contact_email, free_dates_weekday, free_dates_time FROM tenant WHERE id = %s", tenant_id
        )
        if row is None or row.free_dates_weekday is None or not reminders.is_switched_on():
            return
        slot, due_at = next_slot(row.free_dates_weekday, row.free_dates_time, row.timezone, after=at)
        own_mail.plan(tenant_id, MessageKind.FREE_DATES, slot=slot, due_at=due_at, recipient=row.contact_email, at=at)


def next_slot(weekday: int, at_time: str, timezone: str, *, after: datetime) -> tuple[str, datetime]:
    """The next such time on the tenant's clock, and its instant."""
    today = today_at(timezone, after)
    wanted = read_time(at_time)
    on = today + timedelta(days=(weekday - today.weekday()) % _WEEK)
    due_at = local_instant(on, wanted, timezone)
    if due_at <= after:
        on += timedelta(days=_WEEK)
        due_at = local_instant(on, wanted, timezone)
    return slot_name(on, wanted), due_at


def gather(tenant_id: UUID, about: MessageView, *, at: datetime) -> Weekly:
    """All that the mail will say; within the caller's ``reading()``."""
    tenant = tenants.get(tenant_id)
    first_on = tenant.today(at) + timedelta(days=1)
    first_on += timedelta(days=(_SATURDAY - first_on.weekday()) % _WEEK)
    saturdays = days_from(first_on, WEEKS * _WEEK)[::_WEEK]
    halls = []
    for resource in catalog.resources(tenant_id):
        taken = availability.claimed(tenant_id, resource.id, saturdays[0], saturdays[-1])
        halls.append(Hall(resource.name, [day for day in saturdays if day not in taken]))
    return Weekly(about, tenant, halls, _reason_to_skip(tenant_id, about, at))


def compose(known: Weekly, *, at: datetime) -> Mail:
    """The mail as it leaves now."""
    tenant = known.tenant
    subject = language(tenant.locale, tenant.timezone).gettext(_SUBJECT)
    context: dict[str, object] = {
        "halls": known.halls,
        "weeks": WEEKS,
        "dates_url": addresses.dashboard_dates(tenant.slug),
        "settings_url": addresses.dashboard_free_dates(tenant.slug),
    }
    return own_mail.compose(known.message, tenant, subject, context, at=at)


def _plan(tenant_id: UUID, at: datetime) -> bool:
    stays = f"tenant {tenant_id} gets no word of its free dates"
    return sweeping.is_done(lambda: plan_next(tenant_id, at=at), stays=stays)


def _reason_to_skip(tenant_id: UUID, about: MessageView, at: datetime) -> str:
    row = database.row(
        "SELECT t.free_dates_weekday, m.due_at FROM tenant t JOIN message m ON m.tenant_id = t.id"
        " WHERE t.id = %s AND m.id = %s",
        tenant_id,
        about.id,
    )
    if row is None or row.free_dates_weekday is None:
        return "the business wants none of these"
    if not reminders.is_switched_on():
        return "reminders are switched off"
    return MISSED if at > row.due_at + LATE and not about.failure else ""
