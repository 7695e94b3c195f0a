"""Each event once, twice or five times, shuffled, or lost and healed by reconcile: the same business tables."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from portal.devtools.stripe_emulator import CARD_DELAYED
from portal.kernel import time
from portal.lifecycle.reconcile import reconcile
from tests.support.couples import hold
from tests.support.till import Till, another_session, checkout, end_hold, intent_of, rows
from tests.support.world import Business, open_shop

# Everything a payment can change, without ids and instants.
TABLES = {
    "booking": "status, needs_review, review_reason, confirmed_at IS NOT NULL AS was_confirmed",
    "booking_event": "kind, actor, from_status, to_status",
    "booking_payment_stage": "type, amount_cents, status",
    "checkout": "attempt, status, amount_cents",
    "payment": "amount_cents, currency, card_last4",
    "payment_allocation": "amount_cents",
    "ledger_entry": "kind, amount_cents, currency",
    "refund_request": "reason, amount_cents, status",
    "date_claim": "kind, claimed_on",
    "outbox": "kind",
}


def plain(till: Till, shop: Business) -> None:
    till.pay(shop, till.hold(shop))


def too_late(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    till.pay(shop, held)
    end_hold(shop, held)
    hold(shop, first_partner="Cleo")


def twice(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    first = checkout(shop, held).stripe_checkout_session_id or ""
    second = another_session(shop, held)
    till.stripe.pay(first)
    till.stripe.pay(second)


def delayed(till: Till, shop: Business) -> None:
    till.stripe.set_delayed_after(None)
    till.stripe.settle_delayed(till.pay(shop, till.hold(shop), CARD_DELAYED)["id"], is_success=True)


def delayed_in_vain(till: Till, shop: Business) -> None:
    till.stripe.set_delayed_after(None)
    till.stripe.settle_delayed(till.pay(shop, till.hold(shop), CARD_DELAYED)["id"], is_success=False)


def refunded_by_hand(till: Till, shop: Business) -> None:
    till.pay(shop, till.hold(shop))
    completed = intent_of(till)
    till.stripe.refund_by_hand(completed, 10_000)
    till.stripe.refund_by_hand(completed, 20_000)


def disputed(till: Till, shop: Business) -> None:
    till.pay(shop, till.hold(shop))
    till.stripe.open_dispute(intent_of(till))


def tables(shop: Business) -> dict[str, list[Any]]:
    """What a tenant's tables hold, in no order; a dispute's own name is not compared."""
    found = {}
    for table, columns in TABLES.items():
        where = "WHERE kind NOT IN ('message.send')" if table == "outbox" else ""
        seen = rows(shop, f"SELECT {columns} FROM {table} {where}")
        found[table] = sorted(str([str(value).split(": du_")[0] for value in row]) for row in seen)
    return found


def told(till: Till, already: int, *, seed: int) -> list[dict[str, Any]]:
    """The events since then, some of them lost."""
    events = till.events()[already:]
    return random.Random(seed).sample(events, len(events) // 2)  # noqa: S311  a choice, not a secret


@pytest.mark.parametrize(
    "scenario",
    [plain, too_late, twice, delayed, delayed_in_vain, refunded_by_hand, disputed],
    ids=lambda it: it.__name__,
)
def test_the_same_tables(own_database: str, till: Till, scenario: Callable[[Till, Business], None]) -> None:
    wanted = open_shop()
    scenario(till, wanted)
    till.deliver()
    till.work(wanted)
    for times, seed in ((2, None), (1, 1), (2, 2), (5, 3)):
        already, shop = len(till.events()), open_shop()
        scenario(till, shop)
        till.deliver(times=times, seed=seed, events=till.events()[already:])
        till.work(shop)
        assert tables(shop) == tables(wanted), (times, seed)
    already, shop = len(till.events()), open_shop()
    scenario(till, shop)
    till.deliver(events=told(till, already, seed=4))
    reconcile(time.now() + timedelta(minutes=1))
    till.work(shop)
    reconcile(time.now() + timedelta(minutes=1))
    assert tables(shop) == tables(wanted)
