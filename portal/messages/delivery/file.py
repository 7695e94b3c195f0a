"""Mails as files, for development: ``var/mail/<message id>.eml``. A repeat overwrites, so there are no copies."""

import os
import tempfile
from pathlib import Path
from uuid import UUID

from portal.messages.delivery.channel import NotSentError, encoded
from portal.messages.mail import Mail


class FileChannel:
    """Writes into one folder; a reader never sees half a mail."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, mail: Mail) -> str:
        """Write the file, all or nothing. A full disk is a reason to try again."""
        path, content = self.folder / f"{mail.id}.eml", encoded(mail).as_bytes()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._replace(path, content)
        except OSError as error:
            raise NotSentError(f"cannot write {path.name}: {error.strerror}") from error
        return path.name

    def find(self, message_id: UUID) -> str | None:
        """Not asked for: writing the same file again makes no copy."""
        del message_id
        return None

    def welcome(self, address: str) -> None:
        """A folder remembers nothing."""
        del address

    def _replace(self, path: Path, content: bytes) -> None:
        handle, temporary = tempfile.mkstemp(dir=self.folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
