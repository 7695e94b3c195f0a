"""The pay page in a real browser: without JavaScript, on a phone, by keyboard, for axe, under its own policy."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

import pytest
import stripe
from playwright.sync_api import Browser, Page

from portal.devtools.stripe_emulator import CARD_DECLINED, CARD_PAYS, StripeEmulator
from tests.devtools.stripe_emulator.kit import session_params
from tests.support import browser

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.chromium() as running:
        yield running


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """Another origin, where paying leads back to."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Shop</title>Welcome back")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def session(emulator: StripeEmulator, client: stripe.StripeClient, shop: str) -> stripe.checkout.Session:
    urls = {"success_url": f"{shop}/booked?session={{CHECKOUT_SESSION_ID}}", "cancel_url": f"{shop}/back"}
    return client.v1.checkout.sessions.create(session_params(emulator, **urls))


def _open(chromium: Browser, session: stripe.checkout.Session, **options: object) -> Page:
    page = chromium.new_context(**options).new_page()  # type: ignore[arg-type] # the options are playwright's
    page.goto(str(session.url))
    return page


def _fill(page: Page, number: str) -> None:
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiry").fill("12 / 40")
    page.get_by_label("CVC").fill("123")


def test_paying_on_a_phone_without_javascript_after_a_declined_card(
    chromium: Browser, client: stripe.StripeClient, session: stripe.checkout.Session, shop: str
) -> None:
    page = _open(chromium, session, java_script_enabled=False, viewport={"width": 390, "height": 844})
    _fill(page, CARD_DECLINED)
    page.get_by_role("button", name="Pay $625.00").click()
    assert "declined" in page.get_by_role("alert").inner_text()
    _fill(page, CARD_PAYS)
    page.get_by_role("button", name="Pay $625.00").click()
    page.wait_for_url(f"{shop}/booked?session={session.id}")
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
    page.context.close()


def test_paying_by_keyboard_alone_and_nothing_breaks_the_policy(
    chromium: Browser, session: stripe.checkout.Session, shop: str
) -> None:
    page = _open(chromium, session)
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.reload()
    for typed in ("", "", "4242424242424242", "12/40", "123", "Ada Byron"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{shop}/booked?session={session.id}")
    assert messages == []
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", ["open", "declined", "wrong", "expired"])
def test_axe_finds_nothing_and_nothing_is_cut_off_at_320_pixels(
    chromium: Browser,
    client: stripe.StripeClient,
    session: stripe.checkout.Session,
    scheme: Literal["light", "dark"],
    state: str,
) -> None:
    page = _open(chromium, session, color_scheme=scheme, bypass_csp=True, viewport={"width": 320, "height": 700})
    if state == "declined":
        _fill(page, CARD_DECLINED)
    if state in ("declined", "wrong"):
        page.get_by_role("button", name="Pay").click()
    if state == "expired":
        client.v1.checkout.sessions.expire(session.id)
        page.reload()
    page.add_script_tag(path=browser.AXE)
    found = page.evaluate("async () => (await axe.run()).violations.map(v => v.id + ': ' + v.nodes[0].html)")
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.context.close()
