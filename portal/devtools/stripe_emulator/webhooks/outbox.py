"""Deliveries that are owed: one row per event and endpoint, kept until it is answered with 2xx.

States: pending (due at a time), held (waits for release), delivered, failed (given up), dropped (never sent).
"""

import time
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from threading import Event

from portal.devtools.stripe_emulator.store import Doc, Store
from portal.devtools.stripe_emulator.webhooks.endpoints import Endpoints


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    HELD = "held"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one endpoint; `answer` is the latest status or failure."""

    seq: int
    event: str
    endpoint: str
    state: str
    attempts: int
    due: float
    answer: str

    def as_dict(self) -> Doc:
        """For the switches' HTTP interface."""
        return asdict(self)


@dataclass
class Retrying:
    """How patient the sender is. Stripe tries for three days; a test has not got them."""

    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 60.0
    most_attempts: int = 60
    timeout_seconds: float = 15.0

    def wait_after(self, attempts: int) -> float:
        """Seconds until the next attempt: doubled each time."""
        return float(min(self.first_wait_seconds * 2 ** (attempts - 1), self.longest_wait_seconds))


@dataclass
class Outbox:
    """The rows, and the switches that change what becomes of new ones."""

    store: Store
    endpoints: Endpoints
    retrying: Retrying = field(default_factory=Retrying)
    is_holding: bool = False
    dropped_types: tuple[str, ...] = ()
    copies: int = 1
    bell: Event = field(default_factory=Event)

    def enqueue(self, event: Doc) -> int:
        """Owe the event to every endpoint that wants it; tells how many do."""
        wanting = [endpoint for endpoint in self.endpoints.all() if endpoint.wants(event)]
        is_dropped = "*" in self.dropped_types or event["type"] in self.dropped_types
        state = DeliveryState.PENDING
        if is_dropped:
            state = DeliveryState.DROPPED
        elif self.is_holding:
            state = DeliveryState.HELD
        for endpoint in wanting:
            for _ in range(self.copies):
                self.add(event["id"], endpoint.id, state)
        return len(wanting)

    def add(self, event_id: str, endpoint_id: str, state: DeliveryState = DeliveryState.PENDING) -> None:
        """Owe one delivery."""
        self.store.execute(
            "INSERT INTO delivery (event, endpoint, state, due) VALUES (?, ?, ?, ?)",
            event_id,
            endpoint_id,
            state,
            time.time(),
        )
        self.bell.set()

    def due(self) -> list[Delivery]:
        """What should be sent now, oldest first."""
        return self._read("state = ? AND due <= ?", DeliveryState.PENDING, time.time())

    def in_state(self, state: DeliveryState) -> list[Delivery]:
        """All deliveries that stand there."""
        return self._read("state = ?", state)

    def owed(self, event_id: str) -> int:
        """How many deliveries of this event are not yet answered."""
        undone = (DeliveryState.PENDING, DeliveryState.HELD)
        return len([one for one in self._read("event = ?", event_id) if one.state in undone])

    def all(self) -> list[Delivery]:
        """Every delivery, oldest first."""
        return self._read("1 = 1")

    def record(self, delivery: Delivery, answer: str, *, is_success: bool) -> None:
        """Note an attempt and plan the next one, if there is to be one."""
        attempts = delivery.attempts + 1
        state = DeliveryState.PENDING
        if is_success:
            state = DeliveryState.DELIVERED
        elif attempts >= self.retrying.most_attempts:
            state = DeliveryState.FAILED
        self.store.execute(
            "UPDATE delivery SET state = ?, attempts = ?, due = ?, answer = ? WHERE seq = ?",
            state,
            attempts,
            time.time() + self.retrying.wait_after(attempts),
            answer,
            delivery.seq,
        )

    def release(self) -> None:
        """Send what was held, each when its turn comes."""
        self.store.execute("UPDATE delivery SET state = ? WHERE state = ?", DeliveryState.PENDING, DeliveryState.HELD)
        self.bell.set()

    def _read(self, condition: str, *values: object) -> list[Delivery]:
        rows = self.store.execute(
            f"SELECT * FROM delivery WHERE {condition} ORDER BY seq",
            *values,
        )
        return [Delivery(**dict(row)) for row in rows]
