"""The parts an emulator is made of, held together in one place. It decides nothing."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.api.idempotency import Idempotency
    from portal.devtools.stripe_emulator.api.recorder import Recorder
    from portal.devtools.stripe_emulator.clock import Clock
    from portal.devtools.stripe_emulator.events import Events
    from portal.devtools.stripe_emulator.faults import Faults
    from portal.devtools.stripe_emulator.store import Store
    from portal.devtools.stripe_emulator.webhooks.outbox import Outbox

API_VERSION = "2026-10-28.endive"
"""The version of Stripe's API whose shapes the emulator speaks: that of the pinned SDK."""


@dataclass
class Behaviour:
    """What the emulator does by itself; switches change it while it runs."""

    delayed_after_seconds: float | None = None
    """How long a delayed payment takes; None: until somebody settles it by a switch."""
    refund_status: str = "succeeded"
    """The status new refunds begin with: succeeded, pending or failed."""


@dataclass
class World:
    """Store, clock and the rest."""

    store: Store
    clock: Clock
    faults: Faults
    recorder: Recorder
    idempotency: Idempotency
    events: Events
    outbox: Outbox
    behaviour: Behaviour = field(default_factory=Behaviour)
    base_url: str = ""
    stopping: threading.Event = field(default_factory=threading.Event)
