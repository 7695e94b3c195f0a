"""Stripe accounts that money can come through: those of tenants, and those that an attempt to pay was made on.

A tenant may exchange its account. Refunds and disputes of what was paid before still happen on the old one.
"""

from datetime import datetime, timedelta

from portal.db import database
from portal.db.tenancy import platform_scope

# Banks take back a payment within four months, a few within a year and a half.
_REMEMBERED = timedelta(days=540)


def is_known(account: str) -> bool:
    """Whether events of an account concern us; within the platform's scope."""
    return bool(
        database.value(
            "SELECT EXISTS (SELECT 1 FROM tenant WHERE stripe_account_id = %s)"
            " OR EXISTS (SELECT 1 FROM checkout WHERE stripe_account_id = %s)",
            account,
            account,
        )
    )


def to_look_through(at: datetime) -> list[str | None]:
    """All where something may still happen; None is the platform's own."""
    with database.reading(), platform_scope(reason="connected accounts of all tenants"):
        found = database.rows(
            "SELECT stripe_account_id AS account FROM tenant WHERE stripe_account_id IS NOT NULL UNION"
            " SELECT stripe_account_id FROM checkout WHERE stripe_account_id IS NOT NULL AND created_at > %s"
            " ORDER BY account",
            at - _REMEMBERED,
        )
    return [None, *(row.account for row in found)]
