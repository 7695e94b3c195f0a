"""A business to which everything has happened that can: each line is one couple's story, told through the services."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.availability import service as availability
from portal.db import database
from portal.devtools.stripe_emulator import CARD_DELAYED
from portal.kernel import time
from portal.lifecycle import complete, release
from portal.lifecycle.finish import finish
from portal.lifecycle.hold import Held
from portal.payments import refunds
from portal.payments.policy import SESSION_LIFETIME
from portal.payments.states import RefundReason
from tests.support import leaving, queues
from tests.support.couples import in_half_a_year
from tests.support.till import Till, another_session, checkout, end_hold, rows
from tests.support.world import Business, open_business, open_shop


class Story:
    """Couples of one business, each on a day of its own."""

    def __init__(self, till: Till, shop: Business) -> None:
        self.till, self.shop = till, shop
        self._days = self._told = 0

    def hold(self, **wish: Any) -> Held:
        """A date held, its session open."""
        self._days += 1
        return self.till.hold(self.shop, **{"event_on": in_half_a_year(self.shop, plus=self._days), **wish})

    def sell(self, **wish: Any) -> Held:
        """A confirmed booking, its deposit paid."""
        held = self.hold(**wish)
        self.till.pay(self.shop, held)
        self.settle()
        return held

    def settle(self) -> None:
        """What is new at Stripe is told, and all that follows is done."""
        events = self.till.events()
        self.till.deliver(events=events[self._told :])
        self._told = len(events)
        self.till.work(self.shop)

    def payment_of(self, held: Held) -> Any:
        """The only payment of a booking."""
        with database.reading(self.shop.id):
            return database.row("SELECT * FROM payment WHERE booking_id = %s", held.booking_id)

    def give_back(self, held: Held, cents: int | None = None) -> UUID:
        """The owner gives a payment back, or a part of it."""
        return refunds.request(
            self.shop.id, self.payment_of(held).id, reason=RefundReason.OWNER, at=time.now(), amount_cents=cents
        )

    def completed(self) -> Held:
        held = self.sell(event_on=self.shop.tenant.today(time.now()) + timedelta(days=1), pays_in_full=True)
        complete.complete_past(time.now() + timedelta(days=3))
        return held

    def expired(self) -> Held:
        held = self.hold()
        self.till.stripe.expire_session(checkout(self.shop, held).stripe_checkout_session_id or "")
        self._let_go(held)
        return held

    def _let_go(self, held: Held) -> None:
        """The worker finds that the hold is past its end."""
        release.release(self.shop.id, held.booking_id, at=time.now() + SESSION_LIFETIME + timedelta(minutes=1))

    def processing(self) -> Held:
        held = self.hold()
        self.till.stripe.set_delayed_after(None)
        self.till.pay(self.shop, held, CARD_DELAYED)
        self.settle()
        return held

    def paid_too_late(self) -> Held:
        """The hold ended, somebody else took the day, then the money came."""
        held = self.hold()
        end_hold(self.shop, held)
        self._days -= 1
        self.sell()
        self.till.pay(self.shop, held)
        self.settle()
        return held

    def paid_twice(self) -> Held:
        held = self.hold()
        another_session(self.shop, held)
        with database.reading(self.shop.id):
            sessions = database.rows(
                "SELECT stripe_checkout_session_id AS id FROM checkout WHERE booking_id = %s ORDER BY attempt",
                held.booking_id,
            )
        for session in sessions:
            self.till.stripe.pay(session.id)
        self.settle()
        return held

    def cancelled(self) -> Held:
        held = self.sell()
        leaving.cancelling(self.shop, held)
        assert finish(self.shop.id, held.booking_id, at=time.now() + leaving.WINDOW)
        self.give_back(held)
        self.settle()
        return held

    def waited_for(self) -> None:
        """Somebody waits for a date that is sold, and somebody else is offered one that was given up."""
        self.sell()
        queues.join(self.shop, "Ada", on=in_half_a_year(self.shop, plus=self._days))
        held = self.sell()
        queues.join(self.shop, "Bea", on=in_half_a_year(self.shop, plus=self._days))
        leaving.cancelling(self.shop, held)
        assert finish(self.shop.id, held.booking_id, at=time.now() + leaving.WINDOW)
        self.settle()
        queues.serve(self.shop)

    def refunded_by_hand(self) -> Held:
        held = self.sell()
        self.till.stripe.refund_by_hand(self.payment_of(held).stripe_payment_intent_id, 30_000)
        self.settle()
        return held

    def disputed(self, *, is_won: bool) -> Held:
        held = self.sell()
        dispute = self.till.stripe.open_dispute(self.payment_of(held).stripe_payment_intent_id)
        self.settle()
        self.till.stripe.close_dispute(dispute["id"], is_won=is_won)
        self.settle()
        return held

    def on_its_way_back(self, cents: int = 20_000) -> Held:
        """The bank has not yet given it back."""
        held = self.sell()
        self.till.stripe.set_refund_status("pending")
        self.give_back(held, cents)
        self.settle()
        self.till.stripe.set_refund_status("succeeded")
        return held

    def bank_sent_refund_back(self, held: Held) -> Held:
        """A refund that was done fails after all."""
        ((refund_id,),) = rows(
            self.shop,
            "SELECT stripe_refund_id FROM refund_request WHERE booking_id = %s AND status = 'COMPLETED'",
            held.booking_id,
        )
        self.till.stripe.settle_refund(refund_id, is_success=False)
        self.settle()
        return held

    def undoable(self) -> Held:
        """A refund that waits for the end of an undo window."""
        held = self.sell()
        at = time.now()
        refunds.request(
            self.shop.id, self.payment_of(held).id, reason=RefundReason.OWNER, at=at, due_at=at + timedelta(days=1)
        )
        return held

    def underpaid(self) -> Held:
        held = self.hold()
        self.till.pay(self.shop, held, amount=99_999)
        self.settle()
        self._let_go(held)
        return held


def everything(till: Till) -> Business:
    """All of it, on the platform's account; a second business is charged on an account of its own."""
    shop = open_business(resources=("Hall", "Garden"))
    shop.package()
    shop.package("three-days", days=3, buffer_days=1, resource=1)
    story, day = Story(till, shop), in_half_a_year(shop, plus=100)
    for length in (3, 5):
        last_on = day + timedelta(days=length)
        availability.black_out(shop.id, resource_id=shop.resource_id, first_on=day, last_on=last_on, at=time.now())
    story.completed()
    story.sell()
    story.sell(package_slug="three-days")
    story.hold(package_slug="three-days", event_on=in_half_a_year(shop, plus=50))
    story.expired()
    story.processing()
    story.paid_too_late()
    story.bank_sent_refund_back(story.paid_too_late())
    story.paid_twice()
    story.cancelled()
    story.waited_for()
    story.refunded_by_hand()
    story.disputed(is_won=True)
    story.disputed(is_won=False)
    story.on_its_way_back()
    story.undoable()
    story.underpaid()
    till.stripe.add_account("acct_story")
    own = open_shop(stripe_account_id="acct_story", commission_percent=Decimal("2.5"))
    other = Story(till, own)
    other.give_back(other.sell(), 33_333)
    other.settle()
    other.bank_sent_refund_back(other.cancelled())
    return shop
