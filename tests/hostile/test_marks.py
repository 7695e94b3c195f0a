"""Marks planted in one business's data turn up in nothing that belongs to another: pages, mails, cache, log."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from portal.db import database
from portal.devtools import embedded_redis
from portal.messages import delivery, requests
from portal.messages.delivery.file import FileChannel
from portal.settings import Settings
from portal.web import cache
from portal.web.application import Application
from tests.hostile.cast import House, Visitor, addresses, couple, house, member
from tests.support import redis_servers
from tests.support.mailroom import drain, letters

TEXTS = (
    "SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'"
    " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1"
)


def everything_for(app: Application, home: House) -> Iterator[tuple[str, bytes, str]]:
    """Every address of a business and of the platform, as everybody who comes there: what is answered, in bytes."""
    visitors = [
        Visitor("stranger", app.test_client()), couple(app, home, home.sold), couple(app, home, home.held),
        member(app, home),
    ]  # fmt: skip
    for visitor in visitors:
        for reference in (home.sold.reference, home.held.reference):
            values = {**home.values, "reference": reference}
            for endpoint, address in addresses(app, values, method="GET"):
                for query in ("", "?q=anna&when=all", "?status=held"):
                    answer = visitor.send("GET", address + query)
                    yield f"{visitor.name} {endpoint} {answer.status_code}", answer.data, str(answer.headers)


def test_nothing_of_one_business_is_in_the_pages_of_another(app: Application, theirs: House, ours: House) -> None:
    met = set()
    for what, body, headers in everything_for(app, ours):
        assert theirs.mark.encode() not in body, what
        assert theirs.mark not in headers, what
        met |= {what} if ours.mark.encode() in body else set()
    # The walk reads pages that do show such marks, each business its own.
    assert met >= {
        "stranger storefront.index 200", "stranger storefront.package 200", "couple couple.manage 200",
        "owner dashboard.bookings 200", "owner dashboard.booking 200", "owner dashboard.dates 200",
    }  # fmt: skip


def test_marks_stand_in_every_table_that_holds_text(theirs: House) -> None:
    """What is not marked could leak unseen."""
    with database.reading(theirs.shop.id):
        names = [row.name for row in database.rows(TEXTS)]
        marked = {
            name
            for name in ["tenant", *names]
            if database.value(f"SELECT 1 FROM {name} t WHERE t::text LIKE %s LIMIT 1", f"%{theirs.mark}%")
        }
    assert marked >= {
        "tenant", "resource", "package", "add_on", "photo", "blackout_date", "customer", "booking", "booking_line",
        "checkout", "waitlist_entry",
    }  # fmt: skip


@pytest.fixture
def mail(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """Mails of this test alone."""
    delivery.install(FileChannel(tmp_path))
    yield tmp_path
    delivery.install(delivery.channel_for(settings))


def test_nothing_of_one_business_is_in_the_mails_of_another(theirs: House, ours: House, mail: Path) -> None:
    for home in (theirs, ours):
        requests.request_links(home.shop.id, f"anna@{home.mark}.example")
        drain(home.shop.id, but=("checkout.settle",))
    parsed = letters(mail)
    assert len(parsed) >= 8
    for letter in parsed:
        text = f"{letter.message}{letter.text}{letter.html}{letter.attachments}{letter.subject}{letter.to}"
        assert (theirs.mark in text) != (ours.mark in text), letter.subject


def test_cache_keys_and_what_they_hold_are_one_businesss(
    app: Application, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (house(f"qz{secrets.token_hex(4)}cache") for _ in range(2))
    monkeypatch.setattr(cache, "_store", cache._Store())
    with embedded_redis.start() as server, redis_servers.using(settings, server):
        for home in (first, second):
            for _ in everything_for(app, home):
                pass
        redis = Redis.from_url(server.url)
        kept = {key.decode(): redis.dump(key) or b"" for key in redis.scan_iter()}
    local = {key: text.encode() for key, text in cache._store._kept.items()}
    assert [key for key in kept if key.startswith(str(first.shop.id))]
    assert [key for key in local if key.startswith(str(second.shop.id))]
    for key, text in [*kept.items(), *local.items()]:
        owner = next((home for home in (first, second) if key.startswith(str(home.shop.id))), None)
        others = [home for home in (first, second) if home is not owner]
        assert owner or key.startswith("platform"), key
        assert not [home for home in others if home.mark.encode() in text], key
        assert not [home for home in (first, second) for secret in home.secrets if secret in key], key


def test_no_mark_of_a_couple_is_in_the_log(app: Application, theirs: House, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in everything_for(app, theirs):
        pass
    logged = capsys.readouterr()
    lines = logged.out + logged.err
    assert "route=/manage/<reference>" in lines
    assert not [secret for secret in theirs.secrets if secret in lines]
    assert theirs.sold.reference not in lines
