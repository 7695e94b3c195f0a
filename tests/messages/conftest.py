"""A mailroom of each test's own, and a shop whose planned messages nobody else looks for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks import relay
from tests.support import world
from tests.support.mailroom import mail_folder
from tests.support.world import Business

__all__ = ["mail_folder"]


@pytest.fixture
def desk(own_database: str, mail_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Business]:
    """A shop in a database of its own, because the finder looks at all tenants."""
    monkeypatch.setattr(relay, "_enqueue", lambda *_, **__: True)
    yield world.open_shop()
    relay._failing.clear()
