"""The emulator as one object: start it, point the SDK at its address, throw its switches, stop it.

With a state folder it remembers everything across restarts; without one it lives in memory.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

from portal.devtools.stripe_emulator.api.idempotency import Idempotency
from portal.devtools.stripe_emulator.api.recorder import Recorder
from portal.devtools.stripe_emulator.app import create_app
from portal.devtools.stripe_emulator.clock import Clock
from portal.devtools.stripe_emulator.events import Events
from portal.devtools.stripe_emulator.faults import Faults
from portal.devtools.stripe_emulator.server import Server
from portal.devtools.stripe_emulator.store import Store
from portal.devtools.stripe_emulator.switches.faults import FaultSwitches
from portal.devtools.stripe_emulator.switches.payments import PaymentSwitches
from portal.devtools.stripe_emulator.switches.webhooks import WebhookSwitches
from portal.devtools.stripe_emulator.ticker import Ticker
from portal.devtools.stripe_emulator.webhooks.endpoints import Endpoints
from portal.devtools.stripe_emulator.webhooks.outbox import Outbox
from portal.devtools.stripe_emulator.webhooks.sender import Sender
from portal.devtools.stripe_emulator.world import World


class StripeEmulator(PaymentSwitches, FaultSwitches, WebhookSwitches):
    """A Stripe of our own on one address."""

    def __init__(
        self,
        state_dir: str | Path | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        public_url: str = "",
    ) -> None:
        store = Store(None if state_dir is None else Path(state_dir))
        clock = Clock(store)
        self.world = World(
            store=store,
            clock=clock,
            faults=Faults(),
            recorder=Recorder(),
            idempotency=Idempotency(store, clock),
            events=Events(),
            outbox=Outbox(store, Endpoints(store)),
        )
        self.sender = Sender(self.world)
        self._ticker = Ticker(self.world)
        self._server = Server(host, port, create_app(self.world, self))
        self.world.base_url = public_url.rstrip("/") or f"http://{host}:{self._server.port}"

    @property
    def base_url(self) -> str:
        """Where it answers, for `base_addresses={"api": ...}`."""
        return self.world.base_url

    def start(self) -> str:
        """Begin to answer, to deliver and to let time pass; returns the address."""
        self._server.start()
        self.sender.start()
        self._ticker.start()
        return self.base_url

    def stop(self) -> None:
        """Close every connection and the store. A stopped emulator is not started again: make a new one."""
        self.world.stopping.set()
        self._server.stop()
        self.sender.stop()
        self._ticker.stop()
        self.world.store.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
