"""Bookings of the demo data, made as couples make them: held, paid at the Stripe emulator, settled, each at its time.

Nothing is written past the services, so that ledger, stages, timeline, mails and Stripe agree to the cent.
"""

import logging
import unicodedata
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from portal import settings
from portal.availability import queries as dates
from portal.availability.month import Rules, nearest
from portal.availability.rules import furthest_on
from portal.bookings.placing import Wish
from portal.bookings.states import Actor
from portal.catalog import queries as catalog
from portal.db import database
from portal.devtools import demo_effects
from portal.devtools.demo_couples import DemoCouple, Story
from portal.devtools.demo_stripe import DemoStripe
from portal.kernel import time
from portal.lifecycle import cancel, complete, move, release, settle, terms
from portal.lifecycle.hold import HoldRequest, hold_date
from portal.lifecycle.overview import overview
from portal.payments import attempts, checkouts
from portal.payments.policy import SESSION_LIFETIME
from portal.tenants import queries as tenants
from portal.tenants.queries import TenantView

_FRIDAY, _SATURDAY = 4, 5
_SOME_WEEKS = timedelta(days=21)
_LONG = 3  # days; such a wedding begins on a Friday


class Journey:
    """One couple's way through the product."""

    def __init__(self, stripe: DemoStripe, tenant: TenantView, couple: DemoCouple, now: datetime) -> None:
        self.stripe, self.tenant, self.couple, self.now = stripe, tenant, couple, now
        # Nobody books at midnight sharp: the hour depends on the names.
        wobble = timedelta(minutes=sum(map(ord, "".join(couple.names))) % 540)
        self.booked_at = now - timedelta(days=couple.booked_ago) - (wobble if couple.booked_ago else timedelta())
        self.booking_id = self.checkout_id = UUID(int=0)
        self.event_on = date.min

    def run(self) -> None:
        """The whole story."""
        self._hold()
        story = self.couple.story
        if story in {Story.HELD, Story.KEPT}:
            return
        if story is Story.EXPIRED:
            self._let_go()
            return
        logging.getLogger("aisle.payments").disabled = story is Story.REVIEW  # what follows is no surprise
        self._pay(self.booked_at + timedelta(minutes=6))
        logging.getLogger("aisle.payments").disabled = False
        if story in {Story.PAID, Story.COMPLETED}:
            self._pay_the_rest()
        if story is Story.COMPLETED:
            self._complete()
        if story is Story.MOVED:
            self._move()
        if story in {Story.CANCELLED, Story.GIVEN_UP, Story.CANCELLING}:
            self._cancel()
        if story is Story.REVIEW:
            self._let_go()

    def _hold(self) -> None:
        with self.stripe.at(self.booked_at) as at:
            wish = self._wish(at)
            base = f"{settings.current().base_url}/t/{self.tenant.slug}/booked/{{reference}}"
            held = hold_date(self.tenant.id, HoldRequest(uuid4(), wish, success_url=base, cancel_url=base), at=at)
            self.booking_id, self.event_on = held.booking_id, wish.event_on
            if held.checkout_id is None:  # it is kept
                demo_effects.carry_out(self.tenant.id, at)
                return
            self.checkout_id = held.checkout_id
            self._open(at)

    def _wish(self, at: datetime) -> Wish:
        couple = self.couple
        with database.reading(self.tenant.id):
            package = catalog.package_by_slug(self.tenant.id, couple.package)
            today = self.tenant.today(at)
            rules = Rules(package.days, package.buffer_days, today, furthest_on(today))
            taken = dates.claimed(self.tenant.id, package.resource_id, today, rules.furthest_on + timedelta(days=60))
        around = self.tenant.today(self.now) + timedelta(days=couple.event_in)
        free = [
            on
            for on in nearest(around, taken, rules, count=60)
            if (on > self.tenant.today(self.now)) == (couple.event_in > 0)
        ]
        weekday = _FRIDAY if package.days >= _LONG else _SATURDAY
        event_on = next((on for on in free if on.weekday() == weekday), free[0])
        add_ons = {add_on.name: add_on.id for add_on in package.add_ons}
        first, second = (_address(name) for name in couple.names)
        return Wish(
            package_slug=couple.package, event_on=event_on, first_partner=couple.names[0],
            second_partner=couple.names[1], email=first, second_email=second if couple.has_second_email else None,
            phone="", venue=couple.venue, guest_count=couple.guests, notes=couple.notes,
            quantities={add_ons[name]: count for name, count in couple.add_ons.items()},
            pays_in_full=couple.pays_in_full or self._only_full(event_on, today),
            is_courtesy=couple.story is Story.KEPT,
        )  # fmt: skip

    def _only_full(self, event_on: date, today: date) -> bool:
        """Whether a deposit is not offered: the form then has nothing to choose."""
        return self.tenant.deposit_percent is None or event_on - today <= timedelta(days=self.tenant.balance_due_days)

    def _open(self, at: datetime) -> str:
        opened = checkouts.open_session(self.tenant.id, self.checkout_id, at=at)
        assert isinstance(opened, checkouts.Opened), opened  # noqa: S101  the emulator does as it is told
        with database.reading(self.tenant.id):
            session_id = attempts.load(self.tenant.id, self.checkout_id).stripe_checkout_session_id
        assert session_id  # noqa: S101
        return session_id

    def _pay(self, at: datetime) -> None:
        story = self.couple.story
        with self.stripe.at(at):
            session_id = self._open(at)
            if story is Story.PROCESSING:
                self.stripe.pay_and_wait(session_id)
            elif story is Story.REVIEW:
                self.stripe.throw("pay", session_id=session_id, amount=self._amount() - 1_000)
            else:
                self.stripe.throw("pay", session_id=session_id)
            settle.settle(self.tenant.id, self.checkout_id, at=at)
            demo_effects.carry_out(self.tenant.id, at)

    def _amount(self) -> int:
        with database.reading(self.tenant.id):
            return attempts.load(self.tenant.id, self.checkout_id).amount_cents

    def _pay_the_rest(self) -> None:
        """A few days before it is due, as people do."""
        with database.reading(self.tenant.id):
            open_ids = [
                row.id
                for row in database.rows(
                    "SELECT id FROM booking_payment_stage WHERE tenant_id = %s AND booking_id = %s"
                    " AND status = 'PENDING' ORDER BY stage_number",
                    self.tenant.id,
                    self.booking_id,
                )
            ]
        if not open_ids:
            return
        early = self.tenant.balance_due_days + 4
        at = min(
            max(_evening(self.event_on - timedelta(days=early), self.tenant), self.booked_at + timedelta(days=1)),
            self.now,
        )
        with self.stripe.at(at):
            base = f"{settings.current().base_url}/t/{self.tenant.slug}"
            self.checkout_id = checkouts.prepare(
                self.tenant.id, self.booking_id, stages=open_ids, at=at, success_url=base, cancel_url=base
            ).id
        self._pay(at)

    def _let_go(self) -> None:
        at = self.booked_at + SESSION_LIFETIME + timedelta(minutes=1)
        with self.stripe.at(at):
            release.release(self.tenant.id, self.booking_id, at=at)
            demo_effects.carry_out(self.tenant.id, at)

    def _complete(self) -> None:
        """The night after the last day, when the worker does it."""
        with database.reading(self.tenant.id):
            days = catalog.package_by_slug(self.tenant.id, self.couple.package).days
        with self.stripe.at(_evening(self.event_on + timedelta(days=days), self.tenant)) as at:
            complete.complete_past(at)

    def _move(self) -> None:
        """To a free day some weeks later; the first move is free."""
        with self.stripe.at(self.now - timedelta(days=self.couple.booked_ago // 3)) as at:
            self.event_on = self._free_day(self.event_on + _SOME_WEEKS, at)
            wish = move.MoveWish(self.event_on)
            quote = move.see(self.tenant.id, self.booking_id, wish, actor=Actor.COUPLE, at=at)
            done = move.confirm(self.tenant.id, self.booking_id, quote.id, actor=Actor.COUPLE, at=at)
            assert isinstance(done, move.Moved)  # noqa: S101  nothing is due
            demo_effects.carry_out(self.tenant.id, at)

    def _free_day(self, around: date, at: datetime) -> date:
        """A Saturday near a day, free for what the couple has booked."""
        with database.reading(self.tenant.id):
            package = catalog.package_by_slug(self.tenant.id, self.couple.package)
            free = dates.nearest_free(
                self.tenant.id, resource_id=package.resource_id, around=around, days=package.days,
                buffer_days=package.buffer_days, today=self.tenant.today(at), count=30,
            )  # fmt: skip
        return next((on for on in free if on.weekday() == _SATURDAY), free[0])

    def _cancel(self) -> None:
        """The couple cancels under its terms, or the business does and gives everything back."""
        is_over = self.couple.story is not Story.CANCELLING
        is_ours = self.couple.story is Story.CANCELLED
        actor = Actor.OWNER if is_ours else Actor.COUPLE
        at = self.now - timedelta(days=self.couple.booked_ago // 3) if is_over else self.now
        tenant_id, booking_id = self.tenant.id, self.booking_id
        with self.stripe.at(at):
            quote = cancel.see(
                tenant_id, booking_id, actor=actor, refund_cents=self._paid() if is_ours else None,
                reason=self.couple.reason if is_ours else "", at=at,
            )  # fmt: skip
            done = cancel.confirm(
                tenant_id, booking_id, quote.id, actor=actor, reason=None if is_ours else self.couple.reason, at=at
            )
            assert isinstance(done, cancel.Confirmed)  # noqa: S101  nobody else is at it
            demo_effects.carry_out(tenant_id, at)
        if is_over:
            with self.stripe.at(done.undo_until) as end:
                demo_effects.carry_out(tenant_id, end)

    def _paid(self) -> int:
        with database.reading(self.tenant.id):
            return terms.captured_cents(overview(self.tenant.id, self.booking_id))


def tell(stripe: DemoStripe, tenant_id: UUID, couples: tuple[DemoCouple, ...], now: datetime) -> None:
    """Let each couple go its way, those who book right now last."""
    with database.reading(tenant_id):
        tenant = tenants.get(tenant_id)
    for couple in sorted(couples, key=lambda each: -each.booked_ago):
        Journey(stripe, tenant, couple, now).run()


def _address(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return f"{plain.replace(' ', '.')}@couple.example"


def _evening(day: date, tenant: TenantView) -> datetime:
    return time.local_instant(day, datetime.min.time().replace(hour=19, minute=40), tenant.timezone)
