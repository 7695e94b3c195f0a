"""Servers on loopback that answer as calendars do, and as those do that mean no good."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from portal.calendars.targets import Rules

Act = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """What is at each path, and which were asked for."""

    port: int
    acts: dict[str, Act] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def rules(self) -> Rules:
        """Loopback may be asked, at this port."""
        return Rules(lambda ip: ip.is_loopback, frozenset({self.port}))

    def url(self, path: str = "/a.ics", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def says(self, body: bytes | str, path: str = "/a.ics", status: int = 200, **headers: str) -> str:
        """Answer a path with a body; its address."""
        content = body.encode() if isinstance(body, str) else body

        def act(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in {"Content_Length": str(len(content)), **headers}.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(content)

        self.acts[path] = act
        return self.url(path)

    def leads(self, path: str, to: str) -> str:
        return self.says("", path, 302, Location=to)


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            try:
                made.acts[self.path](self)
            except OSError:
                self.close_connection = True

        def log_message(self, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Server(http.server_port)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    http.shutdown()
    thread.join()
    http.server_close()


def ics(*events: str) -> str:
    """A calendar with events, each given by its own lines."""
    made = [
        f"BEGIN:VEVENT\r\nUID:{number}@x\r\nDTSTAMP:20260101T000000Z\r\n{event}\r\nEND:VEVENT"
        for number, event in enumerate(events)
    ]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Somebody//EN", *made, "END:VCALENDAR", ""]
    return "\r\n".join(lines)
