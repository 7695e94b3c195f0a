"""A mail server small enough to misbehave on demand, on loopback, and a mail to hand to it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import sleep
from typing import Any
from uuid import UUID, uuid4

from portal.calendars import ics
from portal.kernel import time
from portal.messages.mail import Attachment, Mail

CALENDAR = "BEGIN:VCALENDAR\r\nPRODID:Lumière\r\n"


_REFUSALS = {
    "refuses": b"550 not from you\r\n",
    "unknown": b"550 5.1.1 no such mailbox\r\n",
    "busy": b"451 later\r\n",
}


@dataclass
class SmtpServer:
    """Takes mails; ``mood`` says how.

    fine · refuses (us) · unknown (there is no such mailbox) · busy · silent (takes the mail, drops the answer) ·
    deaf (says nothing at all) · slow (a second between the mail and the answer)
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
                elif word == b"RCPT" and self.mood in _REFUSALS:
                    line.write(_REFUSALS[self.mood])
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


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """A web server that says the same to everybody and hangs up; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(1_000_000)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def a_mail(key: UUID | None = None, *, to: str = "anna@couple.example", subject: str = "Your date") -> Mail:
    return Mail(
        id=key or uuid4(),
        sender_name='Jun"iper & Rye, Ltd',
        sender="bookings@aisle.example",
        to=to,
        reply_to_name="Juniper",
        reply_to="hello@juniper.example",
        subject=subject,
        text="Plain words.\n",
        html="<p>Plain words.</p>",
        at=time.now(),
        attachments=(Attachment("booking.ics", ics.CONTENT_TYPE, CALENDAR.encode()),),
    )
