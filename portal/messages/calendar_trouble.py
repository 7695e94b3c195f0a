"""To the business, once: no booking can be entered into one of its calendars until it does something.

Which calendar it is stands in the message's slot; what is wrong is read just before the mail leaves.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.db import database
from portal.kernel.text import N_
from portal.messages import addresses, own_mail, service
from portal.messages.facts import MessageView
from portal.messages.mail import Mail
from portal.messages.recipients import business
from portal.messages.states import MessageKind
from portal.tenants import queries as tenants
from portal.tenants.language import language
from portal.tenants.queries import TenantView

_SUBJECT = N_("Your calendar “%(calendar)s” needs you")
_BETWEEN = "/"


@dataclass(frozen=True, slots=True)
class CalendarTrouble:
    """Everything that the templates may use of one message."""

    message: MessageView
    tenant: TenantView
    calendar: str
    email: str
    reason: str
    has_bookings: bool

    @property
    def reason_to_skip(self) -> str:
        """Why this mail must not leave any more; empty when it may."""
        return "" if self.reason else "the calendar works again or is not connected any more"


def tell(tenant_id: UUID, connection_id: UUID, *, slot: str, at: datetime) -> None:
    """Owe the mail; ``slot`` tells this trouble from earlier ones. Running again adds nothing."""
    slot = f"{connection_id}{_BETWEEN}{slot}"
    with database.writing(tenant_id):
        service.owe(tenant_id, tenant_id, MessageKind.CALENDAR_REFUSED, slot=slot, to=business(tenant_id), at=at)


def gather(tenant_id: UUID, about: MessageView) -> CalendarTrouble:
    """All that the mail will say; within the caller's ``reading()``."""
    row = database.row(
        "SELECT name, client_email, refusal, has_bookings FROM calendar_connection WHERE tenant_id = %s AND id = %s"
        " AND ended_at IS NULL",
        tenant_id,
        UUID(about.slot.partition(_BETWEEN)[0]),
    )
    told = (row.name, row.client_email, row.refusal, row.has_bookings) if row else ("", "", "", False)
    return CalendarTrouble(about, tenants.get(tenant_id), *told)


def compose(known: CalendarTrouble, *, at: datetime) -> Mail:
    """The mail as it leaves now."""
    tenant = known.tenant
    chosen = language(tenant.locale, tenant.timezone)
    subject = chosen.gettext(_SUBJECT) % {"calendar": known.calendar}
    context: dict[str, object] = {
        "calendar": known.calendar,
        "has_bookings": known.has_bookings,
        "reason": chosen.gettext(known.reason) % {"email": known.email},
        "calendars_url": addresses.dashboard_calendars(tenant.slug),
    }
    return own_mail.compose(known.message, tenant, subject, context, at=at)
