"""What PDFs cost: beside bare WeasyPrint and Chromium on the same HTML, beside a page, and many of them in one file."""

import statistics
import tempfile
import threading
import time as stopwatch
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import weasyprint
from playwright.sync_api import sync_playwright

from portal.db import database
from portal.devtools.system_packages import chromium
from portal.invoices import exports, packing, pdf, printer, rendering, service
from portal.invoices.listing import Filters
from portal.kernel import time
from tests.bench import browser, load
from tests.support.documents import bare_confirmed, paris
from tests.support.world import Business

_STATIC = Path(__file__).resolve().parents[2] / "static"
ROUNDS = 15
IN_ONE_FILE = 100


def ratios() -> tuple[float, float, dict[str, float]]:
    """A warm PDF as a multiple of bare WeasyPrint's and of Chromium's, and the milliseconds of each.

    Bare is without archive, tags and data, with fonts and style sheet read once, as ours are.
    """
    job = rendering.job(paris(), None)
    made: dict[str, list[float]] = {"ours": [], "bare WeasyPrint": [], "Chromium": []}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium(), args=browser.FLAGS)
        own = printer.Printer()
        try:
            acts: dict[str, Callable[[], bytes]] = {
                "ours": lambda: own.make(job),
                "bare WeasyPrint": _bare(job),
                "Chromium": _chromium(chrome, job, Path(folder)),
            }
            for number in range(ROUNDS + 1):  # the first warms up
                for name, act in acts.items():
                    started = stopwatch.perf_counter()
                    if not act().startswith(b"%PDF"):
                        raise RuntimeError(f"{name} made no PDF")
                    if number:
                        made[name].append(1000 * (stopwatch.perf_counter() - started))
        finally:
            own.close()
            chrome.close()
    middle = {name: statistics.median(each) for name, each in made.items()}
    return middle["ours"] / middle["bare WeasyPrint"], middle["ours"] / middle["Chromium"], middle


def _bare(job: dict[str, Any]) -> Callable[[], bytes]:
    press = pdf.Press()
    colours = weasyprint.CSS(string=job["colours"])

    def make() -> bytes:
        page = weasyprint.HTML(string=job["html"], base_url=pdf.ORIGIN, url_fetcher=press.files)
        return bytes(page.write_pdf(font_config=press.fonts, stylesheets=[press.sheet, colours]))

    return make


def _chromium(chrome: Any, job: dict[str, Any], folder: Path) -> Callable[[], bytes]:
    head = f'<link rel="stylesheet" href="{(_STATIC / "css/document.css").as_uri()}"><style>{job["colours"]}</style>'
    file = folder / "invoice.html"
    file.write_text(job["html"].replace("</head>", f"{head}</head>"))

    def make() -> bytes:
        page = chrome.new_page()
        try:
            page.goto(file.as_uri())
            return bytes(page.pdf(prefer_css_page_size=True))
        finally:
            page.close()

    return make


@contextmanager
def printing() -> Iterator[list[int]]:
    """PDFs back to back, as a worker makes them, while the block runs; how many."""
    job, made, is_over = rendering.job(paris(), None), [0], threading.Event()
    own = printer.Printer()
    own.make(job)

    def work() -> None:
        while not is_over.is_set():
            own.make(job)
            made[0] += 1

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield made
    finally:
        is_over.set()
        thread.join()
        own.close()


def beside_pages(url: str, cookies: str, rounds: int) -> tuple[float, float, int]:
    """A page's p99 while nothing is printed, while PDFs are, in milliseconds; and how many PDFs."""
    quiet, busy, count = [], [], 0
    for _ in range(rounds):
        quiet.append(load.run(url, cookies=cookies))
        with printing() as made:
            busy.append(load.run(url, cookies=cookies))
        count += made[0]
    return load.median(quiet).p99, load.median(busy).p99, count


def in_one_file(shop: Business) -> tuple[float, float, float]:
    """Seconds and megabytes of a file of a hundred invoices, and the memory it took as a multiple of a half's.

    Half is more than one piece already, which is what is held at once.
    """
    at, peaks = time.now(), []
    for count in (IN_ONE_FILE // 2, IN_ONE_FILE - IN_ONE_FILE // 2):
        for _ in range(count):
            service.keep_up(shop.id, bare_confirmed(shop), at=at)
        export_id = exports.ask(shop.id, Filters(), at=at)
        started = stopwatch.perf_counter()
        for invoice_id in packing._lacking(shop.id, export_id):
            rendering.render(shop.id, invoice_id, at=at)
        tracemalloc.start()
        if not packing.pack(shop.id, export_id, at=at):
            raise RuntimeError("the file was not made")
        seconds = stopwatch.perf_counter() - started
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    with database.reading(shop.id):
        size = exports.get(shop.id, export_id).byte_count or 0
    printer.PRINTER.close()
    return seconds, size / 1e6, peaks[1] / peaks[0]
