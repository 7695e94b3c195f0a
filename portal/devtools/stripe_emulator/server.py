"""The listening socket: a thread per request, nothing logged, and an end that frees the address."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_BACKLOG = 512


class QuietHandler(WSGIRequestHandler):
    """Answers without logging; the recorder knows more than a log line."""

    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""

    def log_error(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the signature is the base class's
        """Say nothing of clients that went away."""


class Server(ThreadedWSGIServer):
    """Listens on one address until stopped."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int, app: WSGIApplication) -> None:
        # Our own listener, because werkzeug ends the process when an address is taken. It duplicates the handle.
        with _listen(host, port) as listener:
            super().__init__(host, listener.getsockname()[1], app, QuietHandler, fd=listener.fileno())
        self._thread = threading.Thread(target=self._serve, name="stripe-emulator", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer nobody any more."""
        self.shutdown()
        self._thread.join()
        self.server_close()

    def _serve(self) -> None:
        self.serve_forever(poll_interval=0.05)


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(_BACKLOG)
    return listener
