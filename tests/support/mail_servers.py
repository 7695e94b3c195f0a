"""Mail servers small enough to misbehave on demand: SMTP and Postmark, on loopback."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class SmtpServer:
    """Takes mails; ``mood`` says how.

    fine · refuses (the recipient) · busy · silent (takes the mail, drops the answer) · deaf (says nothing at all) ·
    slow (a second between the mail and the answer)
    """

    port: int
    mood: str = "fine"
    received: list[bytes] = field(default_factory=list)
    talking: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rwb", buffering=0) as line:
            if self.mood == "deaf":
                line.readline()
                return
            line.write(b"220 tests\r\n")
            while command := line.readline():
                word = command.split()[0].upper() if command.split() else b""
                if word == b"DATA":
                    line.write(b"354 go on\r\n")
                    self.talking += 1
                    self.received.append(_until_dot(line))
                    if self.mood == "silent":
                        return
                    if self.mood == "slow":
                        sleep(1)
                    line.write(b"250 taken\r\n")
                elif word == b"RCPT" and self.mood in {"refuses", "busy"}:
                    line.write(b"550 no such person\r\n" if self.mood == "refuses" else b"451 later\r\n")
                elif word == b"QUIT":
                    line.write(b"221 bye\r\n")
                    return
                else:
                    line.write(b"250 fine\r\n")


def _until_dot(line: Any) -> bytes:
    lines = []
    while (got := line.readline()) not in {b".\r\n", b""}:
        lines.append(got)
    return b"".join(lines)


@contextmanager
def smtp() -> Iterator[SmtpServer]:
    """An SMTP server."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = SmtpServer(listener.getsockname()[1])

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=server.talk, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


@dataclass
class Postmark:
    """Postmark's two calls; ``mood``: fine, refuses, broken (500), forgetful (takes the mail, drops the answer)."""

    base: str = ""
    mood: str = "fine"
    received: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0


@contextmanager
def postmark() -> Iterator[Postmark]:
    """A Postmark server."""
    state = Postmark()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            mail = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if state.mood == "refuses":
                self.answer(422, {"ErrorCode": 406, "Message": "inactive recipient"})
                return
            if state.mood == "broken":
                self.answer(500, {})
                return
            state.received.append(mail | {"token": self.headers["X-Postmark-Server-Token"]})
            if state.mood == "forgetful":
                self.close_connection = True
                self.connection.close()
                return
            self.answer(200, {"MessageID": f"pm-{len(state.received)}", "ErrorCode": 0})

        def do_GET(self) -> None:
            state.asked += 1
            wanted = parse_qs(urlsplit(self.path).query)["metadata_message-id"][0]
            found = [
                {"MessageID": f"pm-{number}"}
                for number, mail in enumerate(state.received, 1)
                if mail["Metadata"]["message-id"] == wanted
            ]
            self.answer(200, {"TotalCount": len(found), "Messages": found})

        def answer(self, status: int, body: dict[str, Any]) -> None:
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.base = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield state
        server.shutdown()
