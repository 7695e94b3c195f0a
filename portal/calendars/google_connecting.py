"""Connecting a calendar at Google with the key of a service account, or changing how one is connected.

Only what can be seen without asking Google is checked here; a worker asks it at once and says in the connection what is
wrong. The key is kept encrypted and leaves by no page.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from peewee import IntegrityError

from portal.calendars import connections, opening, owing, service_account, trouble
from portal.calendars.service_account import NotAKey, ServiceAccount
from portal.db import database, outbox
from portal.kernel.errors import Invalid, PortalError
from portal.kernel.ids import uuid7
from portal.kernel.text import N_, clean_line

LONGEST_ID = 254
_FAULTS = N_("Please look at the marked fields again.")
_NO_ID = N_("Please copy the calendar ID from the calendar’s settings at Google. It looks like an email address.")


class Given(NamedTuple):
    """What the owner filled in. Of a connected calendar the key may be empty: then the one there is stays."""

    resource_id: UUID
    name: str
    key: str
    calendar_id: str
    is_whole_days_only: bool
    has_bookings: bool = True


def connect(tenant_id: UUID, given: Given, *, user_id: UUID | None = None, at: datetime) -> UUID:
    """Connect a calendar, or change one that is connected. Raises Invalid, NotFound or Conflict."""
    given = given._replace(calendar_id=given.calendar_id.strip().lower())
    account = _checked(given)
    with database.writing(tenant_id):
        there = database.row(
            "SELECT id FROM calendar_connection"
            " WHERE tenant_id = %s AND resource_id = %s AND calendar_id = %s FOR UPDATE",
            tenant_id,
            given.resource_id,
            given.calendar_id,
        )
        if there is not None:
            _change(tenant_id, there.id, given, account, at)
            return there.id  # type: ignore[no-any-return]  # a column may hold anything
        if account is None:
            raise Invalid(_FAULTS, {"key": service_account.NOT_JSON})
        return _add(tenant_id, given, account, user_id=user_id, at=at)


def _checked(given: Given) -> ServiceAccount | None:
    """Each fault at its field; None without a key. Nothing of a key is ever in an error."""
    faults: dict[str, PortalError | str] = {}
    account, calendar_id, key = None, given.calendar_id, given.key.strip()
    try:
        account = service_account.parse(key) if key else None
    except NotAKey as error:
        faults["key"] = error.reason
    is_whole = calendar_id.isascii() and calendar_id.isprintable() and " " not in calendar_id
    if not (is_whole and calendar_id.count("@") == 1 and len(calendar_id) <= LONGEST_ID):
        faults["calendar_id"] = _NO_ID
    try:
        _name(given)
    except Invalid as error:
        faults["name"] = error
    if faults:
        raise Invalid(_FAULTS, faults)
    return account


def _add(tenant_id: UUID, given: Given, account: ServiceAccount, *, user_id: UUID | None, at: datetime) -> UUID:
    connection_id = uuid7()
    try:
        connections.add(
            tenant_id, connection_id, resource_id=given.resource_id, kind="google",
            name=_name(given), calendar_id=given.calendar_id, client_email=account.client_email,
            secret=opening.sealed(tenant_id, connection_id, account.as_json()),
            fingerprint=opening.fingerprint(tenant_id, f"google/{given.calendar_id}"),
            is_whole_days_only=given.is_whole_days_only, has_bookings=given.has_bookings, created_by=user_id, at=at,
        )  # fmt: skip
    except IntegrityError as error:
        raise connections.connected_twice(error, "calendar_id") from error
    outbox.owe("calendar.compare", connection_id)
    return connection_id


def _change(tenant_id: UUID, connection_id: UUID, given: Given, account: ServiceAccount | None, at: datetime) -> None:
    """What was wrong may be right now. The busy days that are known stay until it has been read.

    One that was just being removed stays after all, with whatever of our events is still in it.
    """
    database.execute(
        "UPDATE calendar_connection SET secret = coalesce(%s, secret), client_email = coalesce(%s, client_email),"
        " name = %s, is_whole_days_only = %s, has_bookings = %s, may_write = NULL, ended_at = NULL, asked_at = %s"
        " WHERE tenant_id = %s AND id = %s",
        account and opening.sealed(tenant_id, connection_id, account.as_json()),
        account and account.client_email,
        _name(given),
        given.is_whole_days_only,
        given.has_bookings,
        at,
        tenant_id,
        connection_id,
    )
    trouble.recover(tenant_id, connection_id)
    if not given.has_bookings:
        owing.owe_all(tenant_id, connection_id)
    outbox.owe("calendar.refresh", connection_id)
    outbox.owe("calendar.compare", connection_id)


def _name(given: Given) -> str:
    longest = connections.LONGEST_NAME
    return clean_line(given.name, most=longest) or given.calendar_id.partition("@")[0][:longest]
