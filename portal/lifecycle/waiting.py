"""Waiting for a taken date: joining, the offer to who is next, its end. Each mail is owed with its cause.

Law: who asked first is asked first. Freed days go to the earliest entry whose whole span is free; the outbox tells of
them at once, and ``sweep`` finds what was missed. Joining for a date that is only kept by courtesy asks its couple to
decide.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from portal.availability import queries as dates
from portal.availability import waitlist, waitlist_links
from portal.availability.waitlist import Asked, NotItsTurn
from portal.availability.waitlist_rules import is_joinable
from portal.availability.waitlist_states import WaitStatus
from portal.bookings.policy import wishes
from portal.catalog import queries as catalog
from portal.db import database, outbox
from portal.db.tenancy import platform_scope
from portal.kernel.errors import Conflict, Invalid, NotFound
from portal.kernel.text import N_
from portal.lifecycle import courtesy, sweeping, waiting_list
from portal.lifecycle.waiting_list import Due
from portal.tenants import queries as tenants

_ROUNDS = 5
_NOT_ITS_TURN = object()


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """What somebody asks for, cleaned."""

    package_slug: str
    event_on: date
    name: str
    email: str


class StillFree(Conflict):
    """Nobody has to wait for this date."""

    code = "still_free"


class NotWaiting(Conflict):
    """The entry has ended, or has become a booking; nothing was changed."""

    code = "not_waiting"


def join(tenant_id: UUID, request: JoinRequest, *, at: datetime) -> UUID:
    """Put somebody on the list of a date, or leave them where they are. Joining always owes the mail that says so.

    Raises NotFound for a package that is not offered, Invalid, StillFree, Conflict when the list is full.
    """
    with database.writing(tenant_id):
        tenant, package = tenants.get(tenant_id), catalog.package_by_slug(tenant_id, request.package_slug)
        today, event_on = tenant.today(at), request.event_on
        length = package.days + package.buffer_days
        if fault := wishes.date_fault(event_on, today=today, days=package.days, buffer_days=package.buffer_days):
            raise Invalid(fault.message, {"date": fault}, **fault.params)
        last_on = event_on + timedelta(days=length - 1)
        taken = dates.claimed(tenant_id, package.resource_id, event_on, last_on)
        if not taken:
            raise StillFree(N_("%(day)s is free: you need not wait for it."), day=event_on)
        if not is_joinable(event_on, length, taken, today=today):
            closed = Invalid(N_("Nobody can be booked on %(day)s. Please pick another date."), day=event_on)
            raise Invalid(closed.message, {"date": closed}, **closed.params)
        asked = Asked(
            resource_id=package.resource_id,
            package_id=package.id,
            event_on=event_on,
            days=package.days,
            buffer_days=package.buffer_days,
            name=request.name,
            email=request.email,
        )
        entry_id = waitlist.join(tenant_id, asked, at=at)
        outbox.owe("waitlist.joined", entry_id)
        challenge(tenant_id, entry_id, at=at)
        return entry_id


def challenge(tenant_id: UUID, entry_id: UUID, *, at: datetime) -> None:
    """If only courtesy stands between an entry and its date, ask the couples who keep it to decide."""
    with database.writing(tenant_id):
        for booking_id in waiting_list.courtesy_in_the_way(tenant_id, entry_id):
            courtesy.challenge(tenant_id, booking_id, at=at)


def offer_freed(tenant_id: UUID, *, resource_id: UUID, days: Sequence[date], at: datetime) -> int:
    """Offer days that became free to who waits for them, in turn; how many offers that made."""
    with database.reading(tenant_id):
        found = waiting_list.waiting_on(tenant_id, resource_id, min(days), max(days))
    return _offer_in_turn(found, at)


def renew(tenant_id: UUID, entry_id: UUID, *, at: datetime) -> datetime | None:
    """The mail of an offer leaves only now, however long it waited: its time counts from here. Until when it lasts."""
    with database.writing(tenant_id):
        return waitlist.renew(tenant_id, entry_id, timezone=tenants.get(tenant_id).timezone, at=at)


def leave(tenant_id: UUID, entry_id: UUID, token_ids: tuple[UUID, ...], *, at: datetime) -> None:
    """Somebody with a link leaves the list, or gives an offer back. Raises NotFound, or NotWaiting."""
    with database.writing(tenant_id):
        if not waitlist_links.is_held(tenant_id, entry_id, token_ids, at=at):
            raise NotFound(N_("We know no such entry."))
        if waitlist.end(tenant_id, entry_id, to=WaitStatus.LEFT, at=at) is None:
            raise NotWaiting(N_("You were not waiting for this date any more, so nothing was changed."))


def remove(tenant_id: UUID, entry_id: UUID, *, at: datetime) -> None:
    """The business takes somebody off the list; whoever had an offer hears of it. Raises NotFound, or NotWaiting."""
    with database.writing(tenant_id):
        if waitlist.lock(tenant_id, entry_id) is None:
            raise NotFound(N_("We know no such entry."))
        before = waitlist.end(tenant_id, entry_id, to=WaitStatus.LEFT, at=at)
        if before is None:
            raise NotWaiting(N_("This couple was not waiting any more, so nothing was changed."))
        if before is WaitStatus.OFFERED:
            outbox.owe("waitlist.ended", entry_id)


def drop(tenant_id: UUID, entry_id: UUID, *, at: datetime) -> None:
    """Mail does not reach who waits: nothing is kept for somebody who cannot hear of it."""
    with database.writing(tenant_id):
        waitlist.end(tenant_id, entry_id, to=WaitStatus.LEFT, at=at)


def sweep(at: datetime) -> None:
    """All tenants: end what ran out, challenge what is only kept by courtesy, offer what is free."""
    with database.reading(), platform_scope(reason="waiting lists of all tenants"):
        ended, blocked = waiting_list.ended(at), waiting_list.blocked_by_courtesy(at)
    for each in ended:
        _try(each, at, _lapse)
    for each in blocked:
        _try(each, at, lambda due, when: challenge(due.tenant_id, due.entry_id, at=when))
    with database.reading(), platform_scope(reason="waiting lists of all tenants"):
        free = waiting_list.free(at)
    _offer_in_turn(free, at)


def _offer_in_turn(queue: Sequence[Due], at: datetime) -> int:
    """From the beginning again as long as somebody earlier turns out to be possible; how many offers that made."""
    made = 0
    for _ in range(_ROUNDS):
        outcomes = [_try(each, at, _offer) for each in queue]
        made += outcomes.count(True)
        if _NOT_ITS_TURN not in outcomes:
            break
    return made


def _offer(due: Due, at: datetime) -> object:
    try:
        return _offer_to(due, at)
    except NotItsTurn:
        return _NOT_ITS_TURN


def _offer_to(due: Due, at: datetime) -> bool:
    with database.writing(due.tenant_id):
        is_offered = waitlist.offer(due.tenant_id, due.entry_id, timezone=due.timezone, at=at)
        if is_offered:
            outbox.owe("waitlist.offered", due.entry_id)
        return is_offered


def _lapse(due: Due, at: datetime) -> None:
    """Who never had an offer needs no word that the date has come."""
    with database.writing(due.tenant_id):
        if waitlist.end(due.tenant_id, due.entry_id, to=WaitStatus.LAPSED, at=at) is WaitStatus.OFFERED:
            outbox.owe("waitlist.ended", due.entry_id)


def _try(due: Due, at: datetime, act: Callable[[Due, datetime], object]) -> object:
    stays = f"entry {due.entry_id} of a waiting list stays as it was"
    return sweeping.attempt(lambda: act(due, at), otherwise=None, stays=stays)
