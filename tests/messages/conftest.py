"""A mailroom of each test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.messages import delivery
from portal.messages.delivery import FileChannel
from portal.settings import Settings


@pytest.fixture
def mail_folder(connected: Settings, tmp_path: Path) -> Iterator[Path]:
    """Mails of this test arrive here."""
    folder = tmp_path / "mail"
    delivery.install(FileChannel(folder))
    yield folder
    delivery.install(delivery.channel_for(connected))
