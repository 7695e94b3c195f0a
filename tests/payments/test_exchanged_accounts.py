"""A tenant exchanges its Stripe account: what was paid on the old one is still heard of."""

import secrets
from datetime import timedelta

from portal.kernel import time
from portal.lifecycle.reconcile import reconcile
from portal.tenants import service as tenants
from tests.support.till import Till, intent_of, refunds
from tests.support.world import Business, open_shop


def paid_and_exchanged(till: Till) -> Business:
    """A shop whose booking was paid on an account that it has no more; the money went back there by hand."""
    old, new = (f"acct_{secrets.token_hex(4)}" for _ in range(2))
    for account in (old, new):
        till.stripe.add_account(account)
    shop = open_shop(stripe_account_id=old)
    held = till.hold(shop)
    till.pay(shop, held)
    till.deliver()
    tenants.change_tenant(shop.id, stripe_account_id=new)
    till.stripe.refund_by_hand(intent_of(till), 100_000)
    return shop


def test_a_webhook_about_the_old_account_is_heeded(till: Till) -> None:
    shop = paid_and_exchanged(till)
    till.deliver()
    assert refunds(shop) == [("external", 100_000, "COMPLETED")]


def test_without_it_reconcile_finds_the_refund(own_database: str, till: Till) -> None:
    shop = paid_and_exchanged(till)
    assert reconcile(time.now() + timedelta(minutes=1)).troubles == 0
    till.work()
    assert refunds(shop) == [("external", 100_000, "COMPLETED")]
