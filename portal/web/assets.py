"""Files below ``static/``: their addresses, and their bytes.

One fingerprint covers the whole folder and stands in the path (``/static/<fingerprint>/css/base.css``), so that what a
style sheet refers to is as immutable as itself, for a year. A file that is not in the folder's list does not exist;
no path of a request ever reaches the file system. Texts are compressed once and kept.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from time import monotonic

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import NotFound

from portal.web.application import without_transaction

FOLDER = Path(__file__).resolve().parents[2] / "static"
_FOREVER = "public, max-age=31536000, immutable"
_SHORT = "public, max-age=60"
_COMPRESSIBLE = ("text/", "image/svg+xml", "application/json", "application/manifest+json")
_KEPT_MOST = 256 * 1024
_AGAIN_AFTER = 0.25  # seconds: a page names many files, and looking through the folder for each would take long
mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("image/avif", ".avif")
mimetypes.add_type("image/webp", ".webp")


@dataclass(frozen=True)
class _File:
    path: Path
    mimetype: str
    stamp: tuple[int, int]


@dataclass(frozen=True)
class _Body:
    plain: bytes
    compressed: bytes | None


class Assets:
    """The folder as it stands; looked at again, a few times a second at most, only where developers change it."""

    def __init__(self, folder: Path, *, is_watched: bool) -> None:
        self._folder = folder
        self._is_watched = is_watched
        self._lock = Lock()
        self._files: dict[str, _File] = {}
        self._bodies: dict[str, _Body] = {}
        self.fingerprint = ""
        self._scanned_at = 0.0
        self._scan()

    def url(self, name: str) -> str:
        """The address of a file. An unknown one gets an address too: a missing picture must not break a page."""
        self._look_again()
        return f"/static/{self.fingerprint}/{name}"

    def body(self, name: str) -> tuple[_File, _Body]:
        """A file's type and bytes; raises KeyError."""
        self._look_again()
        file = self._files[name]
        kept = self._bodies.get(name)
        if kept is None:
            plain = file.path.read_bytes()
            is_text = file.mimetype.startswith(_COMPRESSIBLE)
            kept = _Body(plain, gzip.compress(plain, 9, mtime=0) if is_text else None)
            if len(plain) <= _KEPT_MOST:
                self._bodies[name] = kept
        return file, kept

    def _look_again(self) -> None:
        if self._is_watched and monotonic() - self._scanned_at >= _AGAIN_AFTER:
            self._scan()

    def _scan(self) -> None:
        with self._lock:
            self._scanned_at = monotonic()
            files = {path.relative_to(self._folder).as_posix(): _file(path) for path in self._paths()}
            if files == self._files:
                return
            summary = hashlib.sha256()
            for name, file in files.items():
                summary.update(name.encode() + b"\0" + hashlib.sha256(file.path.read_bytes()).digest())
            self.fingerprint = summary.hexdigest()[:12]
            self._files, self._bodies = files, {}

    def _paths(self) -> list[Path]:
        return sorted(path for path in self._folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _file(path: Path) -> _File:
    stat = path.stat()
    return _File(
        path, mimetypes.guess_type(path.name)[0] or "application/octet-stream", (stat.st_mtime_ns, stat.st_size)
    )


def asset(name: str) -> str:
    """The address of a file below ``static/``."""
    assets: Assets = current_app.extensions["assets"]
    return assets.url(name)


@without_transaction
def _serve(name: str) -> Response:
    assets: Assets = current_app.extensions["assets"]
    fingerprint, _, rest = name.partition("/")
    is_current = fingerprint == assets.fingerprint
    try:
        file, body = assets.body(rest if is_current or len(fingerprint) == len(assets.fingerprint) else name)
    except KeyError:
        raise NotFound from None
    answer = Response(body.plain, mimetype=file.mimetype)
    if body.compressed is not None:
        answer.vary.add("Accept-Encoding")
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            answer.data = body.compressed
            answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Cache-Control"] = _FOREVER if is_current else _SHORT
    return answer


def install(app: Flask, *, is_watched: bool) -> None:
    """Serve ``/static/`` and give templates ``asset()``."""
    assets = Assets(FOLDER, is_watched=is_watched)
    app.extensions["assets"] = assets
    app.jinja_env.globals["asset"] = asset
    app.add_url_rule("/static/<path:name>", "static", _serve)
