"""Finding what never reached us: every five minutes Stripe is asked about all that hangs in the air.

Bounded batches, the longest unseen first. One trouble does not keep the rest; it is logged and tried next time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from portal.lifecycle import sweeping
from portal.lifecycle.settle import Outcome, settle
from portal.payments import accounts, attempts, checkouts, missed, refunds, unsettled
from portal.payments.gateway import GatewayError
from portal.payments.unsettled import Attempt, OpenRefund

_AT_ONCE = 100
Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Report:
    """What one round looked at, and how much of it Stripe could not be asked about."""

    attempts: int
    refunds: int
    missed_events: int
    troubles: int


def reconcile(at: datetime) -> Report:
    """One round over attempts to pay, refunds and events of all accounts."""
    open_attempts = unsettled.attempts(at, limit=_AT_ONCE)
    open_refunds = unsettled.refunds(at, limit=_AT_ONCE)
    troubles = [_try(_settle, attempt, at) for attempt in open_attempts]
    troubles += [_try(_sync, refund, at) for refund in open_refunds]
    counted: list[int] = []
    for account in accounts.to_look_through(at):
        troubles.append(_try(lambda one, when: counted.append(missed.bring_in(one, at=when)), account, at))
    return Report(len(open_attempts), len(open_refunds), sum(counted), sum(troubles))


def _settle(attempt: Attempt, at: datetime) -> None:
    try:
        settled = settle(attempt.tenant_id, attempt.checkout_id, at=at)
        if settled.outcome is Outcome.OPEN and not attempt.is_wanted:
            checkouts.expire(attempt.tenant_id, attempt.checkout_id, at=at)
    except Exception as error:  # or it would stay the longest unseen one, and a hundred of its kind hide all others
        told = error.code if isinstance(error, GatewayError) else type(error).__name__
        attempts.note_look(attempt.tenant_id, attempt.checkout_id, at=at, last_error=told)
        raise


def _sync(refund: OpenRefund, at: datetime) -> None:
    try:
        refunds.sync(refund.tenant_id, refund.payment_id, at=at)
    finally:
        unsettled.note_refund_look(refund.tenant_id, refund.payment_id, at=at)


def _try(act: Callable[[Subject, datetime], None], subject: Subject, at: datetime) -> bool:
    """Whether there was trouble."""
    who = subject or "the platform's account"
    return not sweeping.is_done(lambda: act(subject, at), stays=f"{who} cannot be reconciled")
