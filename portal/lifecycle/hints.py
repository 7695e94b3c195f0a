"""An event says that something changed at Stripe; what it is now is asked there, and our own rows say whose it is.

Law: metadata is never trusted over a row of ours. An event whose account or metadata contradict our row marks the
booking for review and changes nothing else. Any order and any number of events end the same.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from portal.bookings import service as bookings
from portal.kernel import failpoints
from portal.lifecycle import release
from portal.lifecycle.settle import Outcome, settle, settle_session
from portal.payments import attempts, disputes, gateway, kept_events, refunds
from portal.payments.gateway import NotThere, Session
from portal.payments.kept_events import KeptEvent, Owner
from portal.payments.states import EventStatus

log = logging.getLogger("aisle.payments")
# An object that Stripe does not know after so many tries is not there; reconcile finds what matters.
_MOST_TRIES = 5


def handle(row_id: UUID, *, named: Mapping[str, str], attempts_made: int, at: datetime) -> None:
    """Handle one kept event. Raises GatewayError when it must be tried again; what has ended is left alone."""
    event = kept_events.load(row_id)
    if event is None:
        return
    try:
        is_ours = _heed(event, named, at)
    except NotThere as error:
        is_last = attempts_made >= _MOST_TRIES
        kept_events.end(row_id, EventStatus.IGNORED if is_last else EventStatus.FAILED, at=at, error=str(error))
        if is_last:
            return
        raise
    except Exception as error:
        kept_events.end(row_id, EventStatus.FAILED, at=at, error=f"{type(error).__name__}: {error}")
        raise
    failpoints.reach("webhook.before_handled")
    kept_events.end(row_id, EventStatus.PROCESSED if is_ours else EventStatus.IGNORED, at=at)


def bury(row_id: UUID, *, at: datetime, failure: str) -> None:
    """Nobody will try this event again by itself; a person can (``flask webhook retry``)."""
    kept_events.end(row_id, EventStatus.DEAD, at=at, error=failure)


def _heed(event: KeptEvent, named: Mapping[str, str], at: datetime) -> bool:
    """Do what an event hints at; whether it is about something of ours."""
    if event.object_type == "checkout.session":
        owner = _whose_session(event, at)
        if owner is None:
            return False
        if not _agrees(owner, event, named, at):
            return True
        _settle(owner, at)
        return True
    intent_id = _intent_of(event)
    owner = _whose_intent(event, intent_id, at) if intent_id else None
    if owner is None or owner.payment_id is None:
        return False
    if owner.account == (event.account or None):
        sync = disputes.sync if event.object_type == "dispute" else refunds.sync
        sync(owner.tenant_id, owner.payment_id, at=at)
    return True


def _settle(owner: Owner, at: datetime) -> None:
    settled = settle(owner.tenant_id, owner.checkout_id, at=at)
    if settled.outcome is Outcome.EXPIRED:
        release.release(owner.tenant_id, owner.booking_id, at=at)


def _whose_session(event: KeptEvent, at: datetime) -> Owner | None:
    """The checkout of a session, found by our own record or, when we never heard Stripe's answer, by our id in it."""
    owner = kept_events.owner_of_session(event.object_id)
    if owner is not None:
        return owner
    session = gateway.current().fetch_session(event.object_id, account=event.account or None)
    return _adopt(session, event.account or None, at)


def _whose_intent(event: KeptEvent, intent_id: str, at: datetime) -> Owner | None:
    """The payment of an intent; one that we have not heard of yet is settled first."""
    account = event.account or None
    owner = kept_events.owner_of_intent(intent_id)
    if owner is not None:
        return owner
    session = gateway.current().session_of_intent(intent_id, account=account)
    if session is None:
        return None
    found = kept_events.owner_of_session(session.id) or _adopt(session, account, at)
    if found is None or found.account != account:
        return None
    settle_session(found.tenant_id, found.checkout_id, session, at=at)
    return kept_events.owner_of_intent(intent_id)


def _adopt(session: Session, account: str | None, at: datetime) -> Owner | None:
    """Take in a session that no row of ours knows, if it names a checkout that was made on this account."""
    owner = kept_events.owner_of_checkout(session.metadata.get("checkout", ""))
    if owner is None:
        return None
    if owner.account != account:
        _doubt(owner, "account", at)
        return None
    if not attempts.record_session(owner.tenant_id, owner.checkout_id, session_id=session.id, url=session.url, at=at):
        # Our row has another session: money that came through this one is written down for a person to look at.
        settle_session(owner.tenant_id, owner.checkout_id, session, at=at)
    return owner


def _agrees(owner: Owner, event: KeptEvent, named: Mapping[str, str], at: datetime) -> bool:
    if owner.account != (event.account or None):
        _doubt(owner, "account", at)
        return False
    told = (named.get("tenant", str(owner.tenant_id)), named.get("checkout", str(owner.checkout_id)))
    if told != (str(owner.tenant_id), str(owner.checkout_id)):
        _doubt(owner, "metadata", at)
        return False
    return True


def _doubt(owner: Owner, what: str, at: datetime) -> None:
    log.error("an event about checkout %s contradicts our row in its %s", owner.checkout_id, what)
    bookings.flag_for_review(owner.tenant_id, owner.booking_id, f"event_mismatch: {what}", at)


def _intent_of(event: KeptEvent) -> str:
    stripe, account = gateway.current(), event.account or None
    if event.object_type == "payment_intent":
        return event.object_id
    if event.object_type == "charge":
        return stripe.intent_of_charge(event.object_id, account=account)
    if event.object_type == "refund":
        return stripe.intent_of_refund(event.object_id, account=account)
    if event.object_type == "dispute":
        return stripe.intent_of_dispute(event.object_id, account=account)
    return ""
