"""The signed call to an endpoint, and the thread that makes the calls that are due.

A slow endpoint does not hold up the others: calls run on a few threads. Nothing is sent while the store is locked.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portal.devtools.stripe_emulator.api.present import public
from portal.devtools.stripe_emulator.webhooks.outbox import DeliveryState
from portal.devtools.stripe_emulator.webhooks.signing import sign

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.store import Doc
    from portal.devtools.stripe_emulator.webhooks.endpoints import Endpoint
    from portal.devtools.stripe_emulator.webhooks.outbox import Delivery
    from portal.devtools.stripe_emulator.world import World

_THREADS = 4
_PAUSE_SECONDS = 0.25


class Sender:
    """Delivers what the outbox owes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="stripe-webhook")
        self._thread = threading.Thread(target=self._run, name="stripe-webhooks", daemon=True)
        self._under_way: set[int] = set()

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; what is not delivered stays owed."""
        self._world.outbox.bell.set()
        self._thread.join()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def deliver(self, delivery: Delivery) -> str:
        """Make one call now and record how it went: the status, or what failed."""
        found = [one for one in self._world.outbox.endpoints.all() if one.id == delivery.endpoint]
        event = self._event(delivery.event)
        if not found or event is None:
            self._world.outbox.record(delivery, "endpoint is gone", is_success=True)
            return "endpoint is gone"
        answer = self.post(found[0], event)
        self._world.outbox.record(delivery, answer, is_success=answer.startswith("2"))
        return answer

    def post(self, endpoint: Endpoint, event: Doc) -> str:
        """Sign and send the event. Redirects are not followed: to Stripe they are failures."""
        payload = json.dumps(public(self._world, event), indent=2).encode()
        address = urlsplit(endpoint.url)
        secure = address.scheme == "https"
        connection_type = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = connection_type(address.netloc, timeout=self._world.outbox.retrying.timeout_seconds)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": sign(payload, endpoint.secret, int(time.time())),
            "User-Agent": "Stripe/1.0 (emulator)",
        }
        target = (address.path or "/") + (f"?{address.query}" if address.query else "")
        try:
            connection.request("POST", target, payload, headers)
            return str(connection.getresponse().status)
        except (OSError, http.client.HTTPException) as failure:
            return f"{type(failure).__name__}: {failure}"
        finally:
            connection.close()

    def _event(self, event_id: str) -> Doc | None:
        owner = self._world.store.owner("event", event_id)
        return None if owner is None else self._world.store.load("event", event_id, owner)

    def _run(self) -> None:
        outbox = self._world.outbox
        while not self._world.stopping.is_set():
            outbox.bell.clear()
            for delivery in outbox.due():
                self._submit(delivery)
            outbox.bell.wait(_PAUSE_SECONDS)

    def _submit(self, delivery: Delivery) -> None:
        with self._world.store.lock:
            if delivery.seq in self._under_way:
                return
            self._under_way.add(delivery.seq)
        self._pool.submit(self._attempt, delivery)

    def _attempt(self, delivery: Delivery) -> None:
        try:
            still_due = [one for one in self._world.outbox.due() if one.seq == delivery.seq]
            if still_due and still_due[0].state == DeliveryState.PENDING and not self._world.stopping.is_set():
                self.deliver(still_due[0])
        finally:
            with self._world.store.lock:
                self._under_way.discard(delivery.seq)
