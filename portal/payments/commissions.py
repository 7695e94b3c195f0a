"""The platform's share of what is paid next. Over all stages it adds up to the commission of the total, also when a
change has made the total another one after something was paid.

What was taken already counts as it was taken, less what went back because a change made the booking cheaper. A payment
that came without an account of the business brought nothing: it counts with its part, so that nobody pays it later.
"""

from collections.abc import Sequence
from fractions import Fraction
from uuid import UUID

from portal.db import database
from portal.kernel.money import round_up
from portal.payments.policy import split_commission


def left(tenant_id: UUID, booking_id: UUID, *, commission_cents: int, total_cents: int) -> int:
    """What is left of a commission to take from the stages that are open."""
    row = database.row(
        "SELECT coalesce(sum(l.fee), 0)::bigint AS taken,"
        " coalesce(sum(a.cents) FILTER (WHERE p.stripe_account_id IS NULL), 0)::bigint AS without"
        " FROM payment p CROSS JOIN LATERAL (SELECT sum(amount_cents) AS cents FROM payment_allocation"
        "   WHERE tenant_id = p.tenant_id AND payment_id = p.id) a"
        " CROSS JOIN LATERAL (SELECT sum(e.amount_cents) AS fee FROM ledger_entry e LEFT JOIN refund_request r"
        "   ON r.tenant_id = e.tenant_id AND r.id = e.refund_request_id WHERE e.tenant_id = p.tenant_id"
        "   AND e.payment_id = p.id AND (e.kind = 'fee' OR (e.kind = 'fee_refund' AND r.reason = 'change'))) l"
        " WHERE p.tenant_id = %s AND p.booking_id = %s AND a.cents IS NOT NULL",
        tenant_id,
        booking_id,
    )
    assert row is not None  # noqa: S101  a sum has one row
    forgone = round_up(Fraction(commission_cents * min(row.without, total_cents), total_cents))
    return max(0, commission_cents - int(row.taken) - forgone)


def of_stages(left_cents: int, open_cents: Sequence[int], wanted: Sequence[bool]) -> int:
    """The part of what is left that falls on some of the open stages; never more than they are."""
    fees = split_commission(left_cents, open_cents)
    chosen = [(fee, cents) for fee, cents, is_chosen in zip(fees, open_cents, wanted, strict=True) if is_chosen]
    return min(sum(fee for fee, _ in chosen), sum(cents for _, cents in chosen))
