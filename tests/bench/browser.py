"""The storefront's first view in Chromium: bytes over the wire, requests, and when the largest part was painted."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

from portal.devtools.system_packages import chromium

FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
]
_LARGEST = """() => new Promise((done) => {
  new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime)).observe(
    { type: "largest-contentful-paint", buffered: true });
  setTimeout(() => done(-1), 3000);
})"""


@dataclass(frozen=True)
class FirstView:
    """Without photos: what arrived compressed, in how many answers; milliseconds to the largest paint."""

    kib: float
    requests: int
    largest_paint_ms: float


def first_view(url: str) -> FirstView:
    """Open a page with an empty cache, as a phone would."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            page = browser.new_page(viewport={"width": 390, "height": 844})
            session = page.context.new_cdp_session(page)
            session.send("Network.enable")
            paths: dict[str, str] = {}
            sizes: dict[str, float] = {}
            session.on("Network.responseReceived", lambda e: paths.update({e["requestId"]: e["response"]["url"]}))
            session.on("Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}))
            page.goto(url, wait_until="networkidle")
            largest = page.evaluate(_LARGEST)
            counted = [size for key, size in sizes.items() if not _is_photo(paths.get(key, ""))]
            return FirstView(sum(counted) / 1024, len(counted), largest)
        finally:
            browser.close()


def _is_photo(url: str) -> bool:
    return urlsplit(url).path.endswith((".webp", ".jpg", ".png", ".avif"))
