"""The listening socket: a thread per connection, and an end that closes the connections too.

A stopped emulator must look stopped: a client that kept its connection open gets no further answer.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_BACKLOG = 512


class QuietHandler(WSGIRequestHandler):
    """Answers without logging; the recorder knows more than a log line."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""

    def log_error(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the signature is the base class's
        """Say nothing of clients that went away."""


class Server(ThreadedWSGIServer):
    """Listens on one address until stopped."""

    request_queue_size = _BACKLOG
    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int, app: WSGIApplication) -> None:
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        # Our own listener, because werkzeug ends the process when an address is taken. It duplicates the handle.
        with _listen(host, port) as listener:
            super().__init__(host, listener.getsockname()[1], app, QuietHandler, fd=listener.fileno())
        self._thread = threading.Thread(target=self._serve, name="stripe-emulator", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Close the listener and every connection."""
        self.shutdown()
        self._thread.join()
        with self._open_lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as in the base class
        """Remember the connection, to close it at the end."""
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as in the base class
        """Forget the connection."""
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def _serve(self) -> None:
        self.serve_forever(poll_interval=0.05)


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(_BACKLOG)
    return listener
