"""Switches about webhooks: where they go, and how they get lost, doubled, held back and mixed up."""

from __future__ import annotations

import json
import random
import time
from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.switches.base import Switches
from portal.devtools.stripe_emulator.webhooks.outbox import DeliveryState

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.store import Doc

_POLL_SECONDS = 0.02


class WebhookSwitches(Switches):
    """Endpoints, deliveries and events."""

    def add_endpoint(
        self,
        url: str,
        secret: str = "",
        *,
        is_connect: bool = False,
        types: tuple[str, ...] = ("*",),
        endpoint_id: str = "",
    ) -> Doc:
        """Send events there: the platform's, or (`is_connect`) those of connected accounts. Returns id and secret.

        The same `endpoint_id` again moves the endpoint to the new address.
        """
        endpoints = self.world.outbox.endpoints
        return endpoints.add(url, secret, is_connect=is_connect, types=tuple(types), endpoint_id=endpoint_id).as_dict()

    def remove_endpoint(self, endpoint_id: str) -> None:
        """Send nothing there any more."""
        self.world.outbox.endpoints.remove(endpoint_id)

    def endpoints(self) -> list[Doc]:
        """The endpoints that are set up."""
        return [endpoint.as_dict() for endpoint in self.world.outbox.endpoints.all()]

    def drop_webhooks(self, types: tuple[str, ...] = ("*",)) -> None:
        """Lose deliveries of these event types from now on; the events are listed all the same."""
        self.world.outbox.dropped_types = tuple(types)

    def duplicate_webhooks(self, copies: int) -> None:
        """Send every event so many times from now on."""
        self.world.outbox.copies = copies

    def hold_webhooks(self) -> None:
        """Keep deliveries back from now on."""
        self.world.outbox.is_holding = True

    def release_webhooks(self, order: str = "emitted", seed: int | None = None) -> list[Doc]:
        """Send what was held, one after the other: `emitted`, `reversed` or `shuffled`. Later ones go out at once.

        Returns event, type and answer of each. What is refused is tried again later like any other.
        """
        self.world.outbox.is_holding = False
        held = self.world.outbox.in_state(DeliveryState.HELD)
        if order == "reversed":
            held.reverse()
        elif order == "shuffled":
            random.Random(seed).shuffle(held)  # noqa: S311 - an order, not a secret
        answers = [(delivery.event, self.sender.deliver(delivery)) for delivery in held]
        return [{"event": event, "type": self._type_of(event), "answer": answer} for event, answer in answers]

    def redeliver(
        self, events: list[str] | None = None, *, times: int = 1, order: str = "emitted", seed: int | None = None
    ) -> list[Doc]:
        """Send these events (or all) once more to every endpoint that wants them, now and one after the other."""
        chosen = [event for event in self.events() if events is None or event["id"] in events] * times
        if order == "reversed":
            chosen.reverse()
        elif order == "shuffled":
            random.Random(seed).shuffle(chosen)  # noqa: S311 - an order, not a secret
        answers = []
        for event in chosen:
            for endpoint in self.world.outbox.endpoints.all():
                if endpoint.wants(event):
                    answer = self.sender.post(endpoint, event)
                    answers.append({"event": event["id"], "type": event["type"], "answer": answer})
        return answers

    def reset_webhooks(self) -> None:
        """No more losing, doubling or holding; what was held is sent."""
        self.world.outbox.is_holding = False
        self.world.outbox.dropped_types = ()
        self.world.outbox.copies = 1
        self.world.outbox.release()

    def set_retry_wait(self, first_seconds: float, longest_seconds: float = 60.0) -> None:
        """How long to wait before a refused delivery is tried again; doubled each time."""
        self.world.outbox.retrying.first_wait_seconds = first_seconds
        self.world.outbox.retrying.longest_wait_seconds = longest_seconds

    def deliveries(self) -> list[Doc]:
        """Every delivery with its state, number of attempts and latest answer."""
        return [delivery.as_dict() | {"type": self._type_of(delivery.event)} for delivery in self.world.outbox.all()]

    def events(self, account: str | None = None) -> list[Doc]:
        """All events, oldest first: of one account (an empty string is the platform), or of everybody."""
        rows = self.world.store.execute(
            "SELECT body FROM object WHERE kind = 'event' AND (? IS NULL OR account = ?) ORDER BY seq",
            account,
            account,
        )
        return [json.loads(row["body"]) for row in rows]

    def wait_until_delivered(self, timeout: float = 10.0) -> bool:
        """Wait until nothing is pending; tells whether that came to pass in time."""
        deadline = time.monotonic() + timeout
        while self.world.outbox.in_state(DeliveryState.PENDING):
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def _type_of(self, event_id: str) -> str:
        owner = self.world.store.owner("event", event_id)
        event = self.world.store.load("event", event_id, owner) if owner is not None else None
        return str(event["type"]) if event else ""
