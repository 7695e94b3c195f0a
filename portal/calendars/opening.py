"""What a connection keeps secret: sealing and opening it, and the calendar at Google that it opens.

Only workers open one. A secret that no key of the ring opens any more leaves the connection as it is; its owner is
asked to connect again.
"""

import hmac
from uuid import UUID

from portal import settings
from portal.calendars import service_account
from portal.calendars.errors import CalendarMissing, KeyRefused
from portal.calendars.google import GoogleCalendar
from portal.calendars.google_http import TIMEOUT
from portal.calendars.targets import Refused
from portal.db import database
from portal.kernel.text import N_
from portal.tenants import secrets

UNREADABLE = N_("What was kept of this calendar cannot be read any more. Please connect it again.")
PATIENCE = TIMEOUT


def calendar(tenant_id: UUID, connection_id: UUID) -> GoogleCalendar:
    """The calendar at Google of a connection. Raises KeyRefused when its key cannot be read any more."""
    with database.reading(tenant_id):
        row = database.row(
            "SELECT secret, calendar_id FROM calendar_connection WHERE tenant_id = %s AND id = %s AND kind = 'google'",
            tenant_id,
            connection_id,
        )
    if row is None:
        raise CalendarMissing
    try:
        account = service_account.parse(_opened(tenant_id, connection_id, row.secret))
    except (secrets.UnreadableError, service_account.NotAKey):
        raise KeyRefused(UNREADABLE) from None
    return GoogleCalendar(account, row.calendar_id, base=settings.current().google_api_base, timeout=PATIENCE)


def address(tenant_id: UUID, connection_id: UUID, secret: str) -> str:
    """The address of a connection. Raises Refused when it cannot be read any more."""
    try:
        return _opened(tenant_id, connection_id, secret)
    except secrets.UnreadableError:
        raise Refused(UNREADABLE) from None


def sealed(tenant_id: UUID, connection_id: UUID, text: str) -> str:
    """As it is stored."""
    return secrets.encrypt(tenant_id, _purpose(connection_id), text)


def resealed(tenant_id: UUID, connection_id: UUID, secret: str) -> str:
    """The same under the newest key. Raises secrets.UnreadableError."""
    return sealed(tenant_id, connection_id, _opened(tenant_id, connection_id, secret))


def fingerprint(tenant_id: UUID, text: str) -> bytes:
    """The same for the same text of the same business, and of no use to whoever does not know our key."""
    key = settings.current().secret_key.encode()
    return hmac.digest(key, b"calendar connection/" + tenant_id.bytes + text.encode(), "sha256")


def _opened(tenant_id: UUID, connection_id: UUID, secret: str) -> str:
    return secrets.decrypt(tenant_id, _purpose(connection_id), secret)


def _purpose(connection_id: UUID) -> str:
    return f"calendar_connection/{connection_id}"
