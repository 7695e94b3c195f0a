"""``/dev/mail``: the mails that would have left, for development and tests. The factory leaves it out in production.

Reads the files of ``FileChannel`` and shows them as a mail program would: HTML in a frame that may run nothing and
fetch nothing, text, attachments, headers.
"""

import email
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

from flask import Blueprint, Response, url_for

from portal import settings
from portal.kernel.errors import NotFound
from portal.kernel.text import N_
from portal.web.render import render

bp = Blueprint("dev", __name__, url_prefix="/dev")
_MOST = 200
_FRAMED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
_FRAMING = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; frame-src 'self'"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in the folder."""

    id: str
    arrived_at: datetime
    message: EmailMessage

    def header(self, name: str) -> str:
        return str(self.message[name] or "")

    def body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part else ""

    def attachments(self) -> list[EmailMessage]:
        return list(self.message.iter_attachments())


@bp.get("/mail")
def mail() -> Response:
    """All mails, the newest first."""
    paths = sorted(_folder().glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)[:_MOST]
    return render("dev/mailbox.html", letters=[_read(path) for path in paths], folder=str(_folder()))


@bp.get("/mail/<uuid:key>")
def letter(key: UUID) -> Response:
    """One mail."""
    found = _find(key)
    files = [
        {"name": part.get_filename() or "file", "url": url_for("dev.attachment", key=key, number=number)}
        for number, part in enumerate(found.attachments())
    ]
    page = render("dev/letter.html", letter=found, files=files)
    page.headers["Content-Security-Policy"] = _FRAMING
    return page


@bp.get("/mail/<uuid:key>/html")
def html(key: UUID) -> Response:
    """The HTML part alone, for the frame; its links lead out of it, as they would out of a mail program."""
    body = _find(key).body("html").replace("<head>", '<head><base target="_top">', 1)
    answer = Response(body, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = _FRAMED
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


@bp.get("/mail/<uuid:key>/attachments/<int:number>")
def attachment(key: UUID, number: int) -> Response:
    """A file that came along, to be downloaded and never shown."""
    try:
        part = _find(key).attachments()[number]
    except IndexError:
        raise _no_such_mail() from None
    answer = Response(part.get_payload(decode=True), HTTPStatus.OK, mimetype="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=part.get_filename() or "file")
    return answer


def _folder() -> Path:
    return settings.current().var_dir / "mail"


def _find(key: UUID) -> Letter:
    path = _folder() / f"{key}.eml"
    if not path.is_file():
        raise _no_such_mail()
    return _read(path)


def _read(path: Path) -> Letter:
    message = email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=default)
    return Letter(path.stem, datetime.fromtimestamp(path.stat().st_mtime, UTC), message)


def _no_such_mail() -> NotFound:
    return NotFound(N_("There is no such mail."))
