"""The mailbox of development: what it shows, how it guards itself, and that production has none."""

import re
from dataclasses import replace
from pathlib import Path

from flask.testing import FlaskClient

from portal import factory
from portal import settings as settings_module
from portal.settings import Settings
from portal.web.application import Application
from tests.support import mailroom, sold
from tests.support.world import Business


def newest(client: FlaskClient) -> str:
    """The address of the mail on top."""
    found = re.search(r'href="(/dev/mail/[0-9a-f-]{36})"', client.get("/dev/mail").text)
    assert found
    return found[1]


def test_a_confirmation_can_be_read_with_its_link_and_its_calendar(client: FlaskClient, shop: Business) -> None:
    sold.sell(shop, email="mailbox@couple.example", second_email=None)
    mailroom.drain(shop.id)
    assert "mailbox@couple.example" in client.get("/dev/mail").text
    address = newest(client)
    page = client.get(address)
    assert "<iframe" in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    body = client.get(f"{address}/html")
    assert "script-src" not in body.headers["Content-Security-Policy"]
    assert body.headers["Content-Security-Policy"].startswith("default-src 'none'")
    file = client.get(f"{address}/attachments/0")
    assert file.data.startswith(b"BEGIN:VCALENDAR")
    assert file.headers["Content-Disposition"].startswith("attachment")


def test_what_is_not_there_is_a_404(client: FlaskClient, var_dir: Path) -> None:
    for path in ("01900000-0000-7000-8000-000000000001", "..%2f..%2fetc%2fpasswd", "x"):
        assert client.get(f"/dev/mail/{path}").status_code == 404


def test_an_empty_mailbox_says_what_to_do(app: Application, settings: Settings, tmp_path: Path) -> None:
    settings_module.install(replace(settings, var_dir=tmp_path))
    try:
        assert "Book a date" in app.test_client().get("/dev/mail").text
    finally:
        settings_module.install(settings)


def test_production_has_no_mailbox(environment: dict[str, str], connected: Settings) -> None:
    changed = {
        "APP_ENV": "production",
        "SECRETS_KEY": f"1:{'A' * 43}=",
        "GOOGLE_API_BASE": "",
        "BASE_URL": "https://book.example",
        "STRIPE_API_BASE": "",
        "POSTMARK_SERVER_TOKEN": "token",
        "MAIL_FROM": "Aisle <aisle@book.example>",
    }
    try:
        app = factory.create_app(Settings.from_env({**environment, **changed}))
        assert not any(rule.rule.startswith("/dev") for rule in app.url_map.iter_rules())
    finally:
        factory.connect(connected)
