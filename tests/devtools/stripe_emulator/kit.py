"""What the emulator's tests share: usual parameters, an inbox for webhooks, plain HTTP without a browser."""

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlencode, urlsplit

import stripe

from portal.devtools.stripe_emulator import CARD_PAYS, StripeEmulator

HALF_AN_HOUR = 30 * 60


def client_of(emulator: StripeEmulator, *, timeout: float = 20) -> stripe.StripeClient:
    """The official SDK, pointed at the emulator, without retries of its own."""
    return stripe.StripeClient(
        "sk_test_1",
        base_addresses={"api": emulator.base_url},
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=timeout),
    )


def session_params(emulator: StripeEmulator, **changes: object) -> Any:
    """A deposit of 625.00, due within 35 minutes."""
    return {
        "mode": "payment",
        "line_items": [line("Deposit", 62_500)],
        "customer_email": "ada@example.com",
        "success_url": "https://shop.example/booked?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example/back",
        "expires_at": emulator.now() + HALF_AN_HOUR + 300,
        "metadata": {"booking": "AB12"},
        "payment_intent_data": {"metadata": {"booking": "AB12"}},
        **changes,
    }


def line(name: str, cents: int, quantity: int = 1, currency: str = "usd") -> dict[str, object]:
    price = {"currency": currency, "unit_amount": cents, "product_data": {"name": name}}
    return {"price_data": price, "quantity": quantity}


def plain(found: object) -> object:
    """Metadata as a dictionary; the SDK wraps it in an object of its own."""
    return found.to_dict() if isinstance(found, stripe.StripeObject) else found


def card_form(number: str = CARD_PAYS, **changes: str) -> dict[str, str]:
    return {"number": number, "expiry": "12 / 40", "cvc": "123", "name": "Ada Byron", **changes}


@dataclass(frozen=True)
class Page:
    """An answer, redirects not followed."""

    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")


def fetch(url: str, form: dict[str, str] | None = None, body: str = "", content_type: str = "") -> Page:
    """GET the address, or POST the form or body."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    encoded = body if form is None else urlencode(form)
    method = "GET" if form is None and not body else "POST"
    headers = {"Content-Type": content_type or "application/x-www-form-urlencoded"} if method == "POST" else {}
    connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), encoded or None, headers)
    answer = connection.getresponse()
    page = Page(answer.status, answer.headers, answer.read().decode())
    connection.close()
    return page


def eventually(check: Callable[[], bool], timeout: float = 10.0) -> bool:
    """Ask again and again until the answer is yes or the time is up."""
    deadline = monotonic() + timeout
    while not check():
        if monotonic() > deadline:
            return False
        sleep(0.02)
    return True


@dataclass
class Inbox:
    """A webhook endpoint that verifies signatures with the SDK. `answers` are given first, 200 afterwards."""

    secret: str = "whsec_inbox"
    answers: list[int] = field(default_factory=list)
    events: list[stripe.Event] = field(default_factory=list)
    forged: int = 0
    url: str = ""

    def start(self) -> None:
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                payload = self.rfile.read(int(self.headers["Content-Length"]))
                status = inbox.receive(payload, self.headers.get("Stripe-Signature", ""))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def receive(self, payload: bytes, signature: str) -> int:
        try:
            event = stripe.Webhook.construct_event(payload, signature, self.secret)
        except stripe.SignatureVerificationError:
            self.forged += 1
            return 400
        self.events.append(event)
        return self.answers.pop(0) if self.answers else 200

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]
