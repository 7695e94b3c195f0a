"""Switches about money: pay without a browser, settle what is delayed, refund by hand, dispute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.cards import CARD_PAYS, find
from portal.devtools.stripe_emulator.engine.delayed import settle
from portal.devtools.stripe_emulator.engine.disputing import close_dispute, open_dispute
from portal.devtools.stripe_emulator.engine.expiring import expire
from portal.devtools.stripe_emulator.engine.onboarding import finish, new_account
from portal.devtools.stripe_emulator.engine.paying import Payer, Tampering, pay
from portal.devtools.stripe_emulator.engine.refunding import refund, settle_refund
from portal.devtools.stripe_emulator.scope import Scope
from portal.devtools.stripe_emulator.switches.base import Switches

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.store import Doc


class PaymentSwitches(Switches):
    """What a customer, a bank or somebody in the Dashboard would do."""

    def pay(
        self,
        session_id: str,
        card: str = CARD_PAYS,
        *,
        email: str = "",
        name: str = "",
        amount: int | None = None,
        currency: str | None = None,
    ) -> Doc:
        """Pay the session as on its page; `amount` and `currency` make it differ from what was asked.

        Returns the session. A declined card leaves it open.
        """
        scope = self._scope_of("checkout.session", session_id)
        attempt = pay(scope, session_id, find(card), Payer(email, name), Tampering(amount, currency))
        return self._shown(attempt.session)

    def settle_delayed(self, session_id: str, *, is_success: bool = True) -> Doc:
        """Let the bank answer a delayed payment now."""
        scope = self._scope_of("checkout.session", session_id)
        return self._shown(settle(scope, session_id, is_success=is_success))

    def expire_session(self, session_id: str) -> Doc:
        """End an open session, whatever its time."""
        scope = self._scope_of("checkout.session", session_id)
        with self.world.store.transaction():
            return self._shown(expire(scope, scope.get("checkout.session", session_id)))

    def set_delayed_after(self, seconds: float | None) -> None:
        """How long delayed payments take from now on; None: until `settle_delayed`."""
        self.world.behaviour.delayed_after_seconds = seconds

    def refund_by_hand(self, payment_intent: str, amount: int | None = None, reason: str | None = None) -> Doc:
        """Refund as somebody in Stripe's Dashboard would: without our key and without our metadata."""
        scope = self._scope_of("payment_intent", payment_intent)
        charge = scope.get("charge", scope.get("payment_intent", payment_intent)["latest_charge"])
        return self._shown(refund(scope, charge, {"amount": amount, "reason": reason}))

    def set_refund_status(self, status: str) -> None:
        """The status that new refunds begin with: `succeeded`, `pending` or `failed`."""
        if status not in ("succeeded", "pending", "failed"):
            raise ValueError(f"no refund begins as {status}")
        self.world.behaviour.refund_status = status

    def settle_refund(self, refund_id: str, *, is_success: bool = True, reason: str = "unknown") -> Doc:
        """Let a pending refund succeed, or let any refund fail, one that had succeeded included."""
        scope = self._scope_of("refund", refund_id)
        return self._shown(settle_refund(scope, refund_id, is_success=is_success, reason=reason))

    def add_account(self, account_id: str = "", *, name: str = "", is_onboarded: bool = True) -> Doc:
        """Make sure that a connected account exists, with an id of the caller's choice if need be."""
        platform = Scope(self.world)
        known = platform.find("account", account_id)
        account = known or platform.save(new_account(platform, {"business_profile": {"name": name}}, account_id))
        return self._shown(finish(self.world, account["id"]) if is_onboarded and not known else account)

    def open_dispute(self, payment_intent: str, amount: int | None = None, reason: str = "fraudulent") -> Doc:
        """Let the customer's bank withdraw a payment."""
        scope = self._scope_of("payment_intent", payment_intent)
        charge = scope.get("charge", scope.get("payment_intent", payment_intent)["latest_charge"])
        return self._shown(open_dispute(scope, charge, amount or charge["amount"], reason))

    def close_dispute(self, dispute_id: str, *, is_won: bool) -> Doc:
        """Let the bank decide."""
        return self._shown(close_dispute(self._scope_of("dispute", dispute_id), dispute_id, is_won=is_won))
