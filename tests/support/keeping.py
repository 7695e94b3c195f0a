"""Couples who keep a date without paying, and what becomes of it."""

from datetime import datetime, time, timedelta
from typing import Any

from portal.kernel import time as clock
from portal.kernel.time import local_instant
from portal.lifecycle import pay
from portal.lifecycle.hold import Held, HoldRequest, hold_date
from portal.lifecycle.pay import Payment
from portal.payments.checkouts import NotOpened, Opened
from tests.support.couples import form
from tests.support.paying import open_stages
from tests.support.till import rows
from tests.support.world import Business

DAYS = 7


def keep(shop: Business, *, at: datetime | None = None, **changes: Any) -> tuple[HoldRequest, Held]:
    """A date kept, and the form that asked for it."""
    request = form(shop, is_courtesy=True, **changes)
    return request, hold_date(shop.id, request, at=at or clock.now())


def end_of(shop: Business, days: int = DAYS) -> datetime:
    """The end of a day so many days from today, where the business is."""
    last_on = shop.tenant.today(clock.now()) + timedelta(days=days)
    return local_instant(last_on, time(23, 59, 59), shop.tenant.timezone)


def pay_for(shop: Business, held: Held, *, at: datetime | None = None, everything: bool = False) -> Opened | NotOpened:
    """Ask for Stripe's page to pay what is due by now."""
    at = at or clock.now()
    wanted = open_stages(shop, held)
    if not everything:
        due = "SELECT id FROM booking_payment_stage WHERE booking_id = %s AND due_on <= %s AND status <> 'VOID'"
        wanted = [stage for (stage,) in rows(shop, due, held.booking_id, shop.tenant.today(at))]
    base = f"http://localhost/manage/{held.reference}"
    wish = Payment(stages=frozenset(wanted), success_url=f"{base}/paid", cancel_url=base, labels={})
    return pay.pay(shop.id, held.booking_id, wish, at=at)
