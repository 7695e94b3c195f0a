"""Makes PDFs, in a process of its own: ``python -m portal.invoices.pdf`` reads jobs from a pipe until it closes.

The only importer of WeasyPrint. The process gets nothing of ours but the job: no settings, no database. It fetches
nothing but the files that are shipped, may neither open sockets nor files nor start programs once it is warm, and is
limited in memory and in processor time. Whoever started it watches the clock (``printer``).
"""

import base64
import contextlib
import gc
import io
import json
import logging
import os
import resource
import struct
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import weasyprint
from fontTools.ttLib import TTFont, woff2
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

ORIGIN = "http://document.invalid/"
LOGO = f"{ORIGIN}logo.png"
_STATIC = Path(__file__).resolve().parents[2] / "static"
_SHEET, _FONTS = "css/document.css", "fonts/documents"
_MOST_MEMORY = 1_500 * 1024 * 1024
_SECONDS_PER_JOB = 15
_OBJECTS_PER_SEARCH = 20_000
_REPLACEMENT = 0xFFFD
_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "ctypes.",
    "shutil.",
)
_READ_ONLY = {"r", "rb", "rt", None}


class ShippedFiles(URLFetcher):  # type: ignore[misc]  # the package ships no types
    """Gives what is shipped, and a job's logo; every other address is refused, whatever its scheme."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        fonts = sorted((_STATIC / _FONTS).glob("*.woff2"))
        self.files = {f"{ORIGIN}{_FONTS}/{path.name}": _unpacked(path.read_bytes()) for path in fonts}
        self.logo: bytes | None = None

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:  # noqa: ARG002
        """A shipped file, by its whole address."""
        if url == LOGO and self.logo is not None:
            return URLFetcherResponse(url, self.logo, {"Content-Type": "image/png"})
        if url in self.files:
            return URLFetcherResponse(url, self.files[url], {"Content-Type": "font/ttf"})
        msg = "documents are made from shipped files alone"
        raise ValueError(msg)


def _unpacked(font: bytes) -> bytes:
    """A font as it is without compression, because it is read twice."""
    out = io.BytesIO()
    woff2.decompress(io.BytesIO(font), out)
    return out.getvalue()


class Covered(dict[int, int]):
    """For ``str.translate``: a character that no shipped font has becomes one that says so."""

    def __init__(self, fonts: list[bytes]) -> None:
        super().__init__({ord(char): ord(char) for char in "\n\t\r"})
        for font in fonts:
            self.update({code: code for code in TTFont(io.BytesIO(font), lazy=True).getBestCmap()})

    def __missing__(self, code: int) -> int:
        return _REPLACEMENT


class Press:
    """Fonts and style sheet, read once, and what makes a PDF with them."""

    def __init__(self) -> None:
        self.files = ShippedFiles()
        self.fonts = FontConfiguration()
        self.covered = Covered(list(self.files.files.values()))
        self.sheet = self._style((_STATIC / _SHEET).read_text(), f"{ORIGIN}{_SHEET}")

    def make(self, job: dict[str, Any]) -> bytes:
        """The PDF of a job: PDF/A-3a, tagged, with its XML inside when it has one."""
        self.files.logo = base64.b64decode(job["logo"]) if job["logo"] else None
        page = weasyprint.HTML(string=job["html"].translate(self.covered), base_url=ORIGIN, url_fetcher=self.files)
        options = {"pdf_variant": "pdf/a-3a", "pdf_tags": True, "pdf_identifier": bytes.fromhex(job["identifier"])}
        colours = self._style(job["colours"], ORIGIN)
        laid_out = page.render(font_config=self.fonts, stylesheets=[self.sheet, colours], **options)
        if job["xml"]:
            _put_inside(laid_out, job)
        made: bytes = laid_out.write_pdf(**options)
        return made

    def _style(self, text: str, address: str) -> weasyprint.CSS:
        return weasyprint.CSS(string=text, base_url=address, url_fetcher=self.files, font_config=self.fonts)


def _put_inside(laid_out: weasyprint.Document, job: dict[str, Any]) -> None:
    """Attach the XML, and say so in the metadata as Factur-X wants it (its specification, section 6)."""
    created = datetime.fromisoformat(job["created"])
    attachment = weasyprint.Attachment(
        string=job["xml"],
        name=job["xml_name"],
        description=job["xml_description"],
        relationship="Alternative",
        created=created,
        modified=created,
    )
    laid_out.metadata.attachments.append(attachment)
    write_metadata = laid_out.metadata.generate_rdf_metadata

    def with_more(*of: object) -> bytes:
        written: bytes = write_metadata(*of)
        return written.replace(b"</rdf:RDF>", job["xml_metadata"].encode() + b"</rdf:RDF>")

    laid_out.metadata.generate_rdf_metadata = with_more


def serve(jobs: BinaryIO, answers: BinaryIO) -> None:
    """Answer each job with its PDF or with what went wrong."""
    press = Press()
    _spare_what_stays()
    _lock_in()
    _answer(answers, is_made=True, content=b"ready")
    while head := jobs.read(4):
        job = json.loads(jobs.read(struct.unpack(">I", head)[0]))
        _allow_seconds(_SECONDS_PER_JOB)
        try:
            made = press.make(job)
        except Exception as error:  # noqa: BLE001  told to whoever sent the job
            _answer(answers, is_made=False, content=f"{type(error).__name__}: {error}".encode())
        else:
            _answer(answers, is_made=True, content=made)


def _answer(answers: BinaryIO, *, is_made: bool, content: bytes) -> None:
    answers.write(struct.pack(">?I", is_made, len(content)) + content)
    answers.flush()


def _spare_what_stays() -> None:
    """Code, fonts and style sheets live as long as the process: looking for garbage among them finds none."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_PER_SEARCH)


def _limit_memory() -> None:
    with contextlib.suppress(ValueError, OSError):  # a container may allow less already
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(10)  # pages come first


def _allow_seconds(more: int) -> None:
    """Processor time until the kernel ends this process, even if nobody is left to watch the clock."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(spent.ru_utime + spent.ru_stime) + more
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _lock_in() -> None:
    """From now on: no sockets, no programs, no writing, and reading only where Python and its packages lie."""
    readable = tuple(
        {sys.prefix, sys.base_prefix, str(Path(os.__file__).parent), str(Path(weasyprint.__file__).parents[1])}
    )

    def watch(event: str, told: tuple[object, ...]) -> None:
        if event.startswith(_FORBIDDEN):
            raise PermissionError(event)
        if event == "open" and not (str(told[0]).startswith(readable) and told[1] in _READ_ONLY):
            raise PermissionError(event)

    sys.addaudithook(watch)


if __name__ == "__main__":
    _limit_memory()
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    serve(sys.stdin.buffer, sys.stdout.buffer)
