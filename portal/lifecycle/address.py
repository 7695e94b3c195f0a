"""Another address of mail for a booking: asked for by the couple, confirmed by whoever reads the new one.

Law: when an address gives way to another one, or to none, every link to the booking ends, whoever holds it; the browser
that did it gets a new one, the addresses on file get theirs by mail, and the old address is told. An address that only
comes to a booking as a second one takes nothing from anybody.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from portal.bookings import address_changes, details, queries, tokens
from portal.bookings import service as bookings
from portal.bookings.address_changes import AddressChange
from portal.bookings.queries import BookingView
from portal.bookings.states import Actor, BookingStatus, LinkAction, WhichAddress
from portal.db import database, outbox
from portal.kernel.errors import Conflict, Gone, Invalid
from portal.kernel.text import N_
from portal.lifecycle.details import NotChangeable, owe_word


class LinkUsedUp(Gone):
    """The link to a new address was used, has ended, or another one took its place."""

    code = "link_used_up"


def refusal(booking: BookingView) -> NotChangeable | None:
    """Why nobody can be told another address, or nothing. A booking that was cancelled still gets mail."""
    if booking.status is BookingStatus.EXPIRED:
        return NotChangeable(N_("The hold on this date has ended. There is nothing to change."))
    return None


def ask(
    tenant_id: UUID,
    booking_id: UUID,
    which: WhichAddress,
    address: str,
    *,
    at: datetime,
    actor: Actor = Actor.COUPLE,
    user_id: UUID | None = None,
) -> UUID:
    """Ask a new address whether it is theirs; the change that waits for the answer.

    Also where the business corrects one that takes no mail. Raises NotChangeable, and Invalid for ``email``.
    """
    with database.writing(tenant_id):
        booking = _locked(tenant_id, booking_id)
        if refused := refusal(booking):
            raise refused
        if fault := _fault(booking, which, address):
            raise Invalid(fault, {"email": fault})
        old = _current(booking, which)
        change = address_changes.write(tenant_id, booking_id, which, old=old, new=address, at=at)
        asked = {"which": which, "email": tokens.masked(address)}
        bookings.note_event(
            tenant_id, booking_id, at=at, actor=actor, kind="email_asked", user_id=user_id, details=asked
        )
        outbox.owe("booking.address_asked", booking_id, payload={"change_id": str(change.id)})
        return change.id


def give_up(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> bool:
    """The couple thought better of it, or had mistyped it; whether something waited."""
    with database.writing(tenant_id):
        bookings.lock(tenant_id, booking_id)
        if not address_changes.end_waiting(tenant_id, booking_id, at=at):
            return False
        bookings.note_event(tenant_id, booking_id, at=at, actor=Actor.COUPLE, kind="email_given_up")
        return True


def confirm(tenant_id: UUID, booking_id: UUID, token_id: UUID, *, at: datetime) -> UUID:
    """Somebody at the new address says yes; the id of a link for their browser. Raises LinkUsedUp, Conflict."""
    with database.writing(tenant_id):
        booking = _locked(tenant_id, booking_id)
        change = address_changes.asked_by(tenant_id, token_id)
        if change is None or change.new_address is None or not change.is_waiting(at):
            raise LinkUsedUp(N_("This link was used already, or another one took its place. Nothing was changed now."))
        address = change.new_address
        if _fault(booking, change.which, address) or refusal(booking):
            raise Conflict(N_("The booking has changed meanwhile, so this address was not put into it."))
        old = _current(booking, change.which)
        address_changes.confirm(tenant_id, change.id, old=old, at=at)
        address_changes.spend(tenant_id, token_id, at=at)
        return _put(booking, replace(change, old_address=old), at)


def remove_second(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> UUID:
    """Write to the first address alone from now on; the id of a link for the browser that asked. Raises Conflict."""
    with database.writing(tenant_id):
        booking = _locked(tenant_id, booking_id)
        if refused := refusal(booking):
            raise refused
        if booking.second_email is None:
            raise Conflict(N_("There is no second address any more. Nothing was changed now."))
        change = address_changes.write(
            tenant_id, booking_id, WhichAddress.SECOND, old=booking.second_email, new=None, at=at, confirmed_at=at
        )
        return _put(booking, change, at)


def is_on_file(booking: BookingView, address: str) -> bool:
    """Whether this is one of the addresses that the booking's mails go to."""
    return address.lower() in {each.lower() for each in (booking.email, booking.second_email) if each}


def follow(booking: BookingView, address: str) -> str | None:
    """Where mail for an address goes now: there, or to what took its place; None when nothing did."""
    followed: set[str] = set()
    where: str | None = address
    while where is not None and not is_on_file(booking, where) and where.lower() not in followed:
        followed.add(where.lower())
        where = address_changes.now_instead_of(booking.tenant_id, booking.id, where)
    return where if where is not None and is_on_file(booking, where) else None


def _put(booking: BookingView, change: AddressChange, at: datetime) -> UUID:
    tenant_id, old, new = booking.tenant_id, change.old_address, change.new_address
    column = "email" if change.which is WhichAddress.FIRST else "second_email"
    database.execute(
        f"UPDATE customer SET {column} = %s WHERE tenant_id = %s AND id = %s", new, tenant_id, booking.customer_id
    )
    version = int(
        database.value(
            "UPDATE booking SET version = version + 1 WHERE tenant_id = %s AND id = %s RETURNING version",
            tenant_id,
            booking.id,
        )
    )
    changes = {column: [old and tokens.masked(old), new and tokens.masked(new)]}
    details.tell(tenant_id, booking.id, version, "email_changed", changes, actor=Actor.COUPLE, at=at)
    if old is not None:
        address_changes.end_waiting(tenant_id, booking.id, at=at)
        address_changes.end_links(tenant_id, booking.id, at=at)
    outbox.owe("booking.address_changed", booking.id, payload={"change_id": str(change.id)})
    owe_word(booking.id, version)
    return tokens.mint(tenant_id, booking.id, action=LinkAction.BROWSER, at=at).token_id


def _locked(tenant_id: UUID, booking_id: UUID) -> BookingView:
    bookings.lock(tenant_id, booking_id)
    return queries.by_id(tenant_id, booking_id)


def _current(booking: BookingView, which: WhichAddress) -> str | None:
    return booking.email if which is WhichAddress.FIRST else booking.second_email


def _fault(booking: BookingView, which: WhichAddress, address: str) -> str:
    """Why this cannot be the new address; empty when it can."""
    if address.lower() == (_current(booking, which) or "").lower():
        return N_("We write to this address already.")
    if is_on_file(booking, address):
        return N_("This is the other address of your booking already.")
    return ""
