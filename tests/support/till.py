"""A till for tests: a Stripe of the test's own, couples who pay at it, and a worker's hands to carry out what follows.

Everything that was sent to Stripe is checked against the SDK's typed parameters when the test ends.
"""

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.availability import service as dates
from portal.bookings import service as bookings
from portal.bookings.states import Actor, BookingStatus
from portal.db import database
from portal.db.tenancy import platform_scope
from portal.devtools.stripe_emulator import CARD_PAYS, StripeEmulator
from portal.devtools.stripe_emulator.webhooks.signing import sign
from portal.kernel import time
from portal.lifecycle.hold import Held
from portal.payments import attempts, checkouts, gateway, unsettled
from portal.payments.attempts import CheckoutView
from portal.payments.stripe_gateway import StripeGateway
from portal.settings import Settings
from portal.web.application import Application
from tasks import pace, relay
from tasks.pace import Pace
from tests.support import couples
from tests.support.stripe_params import validate_request
from tests.support.world import Business

SECRET = "whsec_tests"
ADDRESS = "/v1/webhooks/stripe"
# Kinds that this till carries out; mails are somebody else's tests.
KINDS = ("webhook.handle", "checkout.settle", "refund.execute")


@dataclass
class Till:
    """Stripe, and a browser that posts its events to us."""

    stripe: StripeEmulator
    client: FlaskClient

    def hold(self, shop: Business, **wish: Any) -> Held:
        """A date held, its session open."""
        held = couples.hold(shop, **wish)
        self.open(shop, held)
        return held

    def open(self, shop: Business, held: Held, *, at: datetime | None = None) -> checkouts.Opened | checkouts.NotOpened:
        """Ask for Stripe's page."""
        assert held.checkout_id
        return checkouts.open_session(shop.id, held.checkout_id, at=at or time.now())

    def pay(self, shop: Business, held: Held, card: str = CARD_PAYS, **changes: Any) -> Any:
        """The couple pays on Stripe's page; the session as Stripe shows it."""
        session_id = checkout(shop, held).stripe_checkout_session_id
        assert session_id
        return self.stripe.pay(session_id, card, **changes)

    def events(self) -> list[dict[str, Any]]:
        """Every event of this test, oldest first."""
        return self.stripe.events()

    def post(self, event: dict[str, Any]) -> TestResponse:
        """Send one event as Stripe does."""
        body = json.dumps(event).encode()
        return self.client.post(
            ADDRESS, data=body, headers={"Stripe-Signature": sign(body, SECRET, int(time.now().timestamp()))}
        )

    def deliver(
        self, *, times: int = 1, seed: int | None = None, events: Sequence[dict[str, Any]] | None = None
    ) -> None:
        """Send all events so many times, in order or shuffled, each handled before the next comes."""
        chosen = [*(self.events() if events is None else events)] * times
        if seed is not None:
            random.Random(seed).shuffle(chosen)  # noqa: S311  an order, not a secret
        for event in chosen:
            answer = self.post(event)
            assert answer.status_code == 200, answer.data
            self.work()

    def work(self, shop: Business | None = None, *, at: datetime | None = None) -> int:
        """Carry out what is owed about money, and what comes of it, each effect once; how many went well."""
        done, tried = 0, set[UUID]()
        while due := [effect_id for effect_id in self._due(shop, at or time.now()) if effect_id not in tried]:
            tried.update(due)
            done += sum(relay.answer(effect_id) for effect_id in due)
        return done

    def _due(self, shop: Business | None, at: datetime) -> list[UUID]:
        with database.reading(), platform_scope(reason="test"):
            found = database.rows(
                "SELECT o.id FROM outbox o LEFT JOIN webhook_event e ON e.id = o.subject_id"
                " WHERE o.status = 'due' AND o.due_at <= %s AND o.kind = ANY (%s)"
                " AND (e.event_id = ANY (%s) OR o.tenant_id = %s) ORDER BY o.created_at, o.id",
                at,
                list(KINDS),
                [event["id"] for event in self.events()],
                shop.id if shop else None,
            )
        return [row.id for row in found]


def checkout(shop: Business, held: Held) -> CheckoutView:
    """The latest attempt to pay for a hold."""
    with database.reading(shop.id):
        return attempts.of_booking(shop.id, held.booking_id)[0]


def booking(shop: Business, held: Held) -> Any:
    """The booking as it stands."""
    with database.reading(shop.id):
        return database.row("SELECT * FROM booking WHERE id = %s", held.booking_id)


def rows(shop: Business, sql: str, *params: object) -> list[tuple[Any, ...]]:
    """What a query of one tenant gives, as plain tuples."""
    with database.reading(shop.id):
        return [tuple(row) for row in database.rows(sql, *params)]


def stages(shop: Business) -> list[tuple[Any, ...]]:
    """Every stage of a tenant: type, amount, status."""
    return rows(shop, "SELECT type, amount_cents, status FROM booking_payment_stage ORDER BY stage_number")


def ledger(shop: Business) -> list[tuple[Any, ...]]:
    """Every row of a tenant's ledger: kind and amount."""
    return rows(shop, "SELECT kind, amount_cents FROM ledger_entry ORDER BY kind, amount_cents")


def refunds(shop: Business) -> list[tuple[Any, ...]]:
    """Every refund request of a tenant: reason, amount, status."""
    return rows(shop, "SELECT reason, amount_cents, status FROM refund_request ORDER BY id")


def intent_of(till: Till) -> str:
    """The intent of the session that was completed last."""
    done = [event["data"]["object"] for event in till.events() if event["type"] == "checkout.session.completed"]
    return str(done[-1]["payment_intent"])


def owed(shop: Business) -> list[str]:
    """The kinds of effects that a tenant's outbox ever owed."""
    return [kind for (kind,) in rows(shop, "SELECT kind FROM outbox WHERE tenant_id = %s ORDER BY kind", shop.id)]


def end_hold(shop: Business, held: Held, *, to: BookingStatus = BookingStatus.EXPIRED) -> None:
    """The hold is over and its days are free, and Stripe's session was forgotten."""
    bookings.transition(
        shop.id,
        held.booking_id,
        frm=BookingStatus.HELD,
        to=to,
        at=time.now(),
        actor=Actor.SYSTEM,
        kind="hold_ended",
    )
    dates.release_days(shop.id, booking_id=held.booking_id)


def another_session(shop: Business, held: Held) -> str:
    """A second session for the same stage, as if the first could not be ended; its id."""
    stage_of = "SELECT id FROM booking_payment_stage WHERE stage_number = 1 AND booking_id = %s"
    ((stage,),) = rows(shop, stage_of, held.booking_id)
    new_id = checkouts.prepare(
        shop.id,
        held.booking_id,
        stages=[stage],
        at=time.now(),
        success_url="http://localhost/paid",
        cancel_url="http://localhost/back",
    ).id
    assert isinstance(checkouts.open_session(shop.id, new_id, at=time.now()), checkouts.Opened)
    return checkout(shop, held).stripe_checkout_session_id or ""


@contextmanager
def stripe_running() -> Iterator[StripeEmulator]:
    """A Stripe of the test's own, and this process talking to it."""
    before = gateway.current()
    with StripeEmulator() as emulator:
        gateway.install(StripeGateway("sk_test_emulator", emulator.base_url))
        try:
            yield emulator
        finally:
            gateway.install(before)
        for request in emulator.requests:
            validate_request(request)


@pytest.fixture
def till(app: Application, connected: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Till]:
    """A till with an empty drawer. Failed effects are due again at once, and nothing rings a worker."""
    monkeypatch.setattr(relay, "_enqueue", lambda *_, **__: True)
    monkeypatch.setattr(unsettled, "_AGE", unsettled._AGE * 0)
    pace.install(Pace(first_delay=0, longest_delay=0))
    with stripe_running() as emulator:
        yield Till(emulator, app.test_client())
    pace.install(Pace())
    relay._failing.clear()
