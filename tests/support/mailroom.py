"""The worker's part in a test without a worker: what a tenant owes is carried out, and the mails can be read."""

import email
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest

from portal.db import database
from portal.messages import delivery
from portal.messages.delivery import FileChannel
from portal.settings import Settings
from tasks import relay


def drain(tenant_id: UUID, *, but: tuple[str, ...] = ()) -> None:
    """Carry out everything that a tenant's outbox owes now but these kinds, and what comes of it.

    PDFs, and the mails that bring them, are left to tests about them.
    """
    while due := _due(tenant_id, (*but, "invoice.render")):
        for effect_id in due:
            relay.answer(effect_id)


def _due(tenant_id: UUID, but: tuple[str, ...]) -> list[UUID]:
    with database.reading(tenant_id):
        found = database.rows(
            "SELECT o.id FROM outbox o LEFT JOIN message m ON m.tenant_id = o.tenant_id AND m.id = o.subject_id"
            " WHERE o.tenant_id = %s AND o.status = 'due' AND o.attempts = 0 AND o.due_at <= now()"
            " AND NOT o.kind = ANY (%s) ORDER BY m.kind, m.recipient, o.created_at, o.id",
            tenant_id,
            list(but),
        )
    return [row.id for row in found]


@dataclass(frozen=True)
class Letter:
    """A mail that was delivered into a file."""

    message: EmailMessage

    @property
    def to(self) -> str:
        return str(self.message["To"])

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    @property
    def html(self) -> str:
        body = self.message.get_body(("html",))
        assert body is not None
        return str(body.get_content())

    @property
    def attachments(self) -> dict[str, bytes]:
        parts = self.message.iter_attachments()
        return {str(part.get_filename()): cast("bytes", part.get_payload(decode=True)) for part in parts}


def letters(folder: Path) -> list[Letter]:
    """All mails in a folder, in the order in which they were written."""
    parsed = (
        email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=default)
        for path in sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    )
    return [Letter(message) for message in parsed]


@pytest.fixture
def mail_folder(connected: Settings, tmp_path: Path) -> Iterator[Path]:
    """Mails of this test arrive here."""
    folder = tmp_path / "mail"
    delivery.install(FileChannel(folder))
    yield folder
    delivery.install(delivery.channel_for(connected))
