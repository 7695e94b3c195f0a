"""A reading that takes long, and what happens to the calendar meanwhile: the later word counts."""

from datetime import timedelta
from threading import Thread
from uuid import UUID

import pytest

from portal.availability import outside
from portal.calendars import clearing, fetching, refreshing
from portal.calendars.targets import Rules
from portal.db import database
from portal.kernel import time
from tests.calendars.conftest import Server
from tests.calendars.test_busy import diary, on
from tests.support import google as elsewhere
from tests.support.couples import in_half_a_year
from tests.support.google import Diary, google
from tests.support.google import diary as at_google
from tests.support.world import Business

__all__ = ["at_google", "diary", "google"]


def test_a_reading_that_a_later_one_overtook_changes_nothing(
    shop: Business, server: Server, diary: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new, began_at = in_half_a_year(shop), in_half_a_year(shop, plus=1), time.now()
    fetch = fetching.fetch

    def overtaken(address: str, rules: Rules) -> bytes:
        content = fetch(address, rules)
        monkeypatch.setattr(fetching, "fetch", fetch)
        server.says(on(new))
        refreshing.refresh(shop.id, diary, at=began_at + timedelta(seconds=1), rules=rules)
        return content

    server.says(on(old))
    monkeypatch.setattr(fetching, "fetch", overtaken)
    refreshing.refresh(shop.id, diary, at=began_at, rules=server.rules)
    with database.reading(shop.id):
        assert [row.busy_on for row in database.rows("SELECT busy_on FROM external_busy")] == [new]


def test_a_failure_that_a_later_reading_overtook_is_not_told(
    shop: Business, server: Server, diary: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    began_at, fetch = time.now(), fetching.fetch

    def overtaken(address: str, rules: Rules) -> bytes:
        monkeypatch.setattr(fetching, "fetch", fetch)
        server.says(on())
        refreshing.refresh(shop.id, diary, at=began_at + timedelta(seconds=1), rules=rules)
        return b"<html>"

    monkeypatch.setattr(fetching, "fetch", overtaken)
    refreshing.refresh(shop.id, diary, at=began_at, rules=server.rules)
    with database.reading(shop.id):
        assert database.value("SELECT failure FROM calendar_connection") == ""


def test_a_calendar_that_is_removed_meanwhile_blocks_no_day_any_more(at_google: Diary) -> None:
    shop = at_google.shop

    def read() -> None:
        days = [in_half_a_year(shop)]
        outside.replace(shop.id, connection_id=at_google.id, resource_id=shop.resource_id, days=days)

    reader = Thread(target=read)
    with database.writing(shop.id):
        clearing.end(shop.id, at_google.id, at=time.now())
        reader.start()
        while reader.is_alive() and not database.value(
            "SELECT 1 FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"
        ):
            reader.join(0.01)
    reader.join()
    with database.reading(shop.id):
        assert database.rows("SELECT busy_on FROM external_busy") == []
    assert elsewhere.work(shop) == []
    assert at_google.row() is None
