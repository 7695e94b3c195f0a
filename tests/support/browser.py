"""A real Chromium, and the application behind a real socket, for tests of what a person sees.

The address is `localhost`, the host of BASE_URL in tests; the port is whatever is free.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from portal.devtools import system_packages
from portal.web.application import Application

AXE = next((Path(__file__).parents[1] / "vendor").glob("axe-*.min.js"))
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=system_packages.chromium(), args=FLAGS)
        yield running
        running.close()


@contextmanager
def served(app: Application) -> Iterator[str]:
    """The application on a free port; its address without a slash at the end."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
