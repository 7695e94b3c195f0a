"""The emulator as one object: start it, throw its switches, let it post what became of mails, stop it."""

from __future__ import annotations

import threading
from typing import Any

from portal.devtools.emulated import Emulated
from portal.devtools.postmark_emulator import events, posting
from portal.devtools.postmark_emulator.app import create_app
from portal.devtools.postmark_emulator.faults import Fault, FaultKind
from portal.devtools.postmark_emulator.mails import Doc, Mails

TOKEN = "emulated-server-token"  # noqa: S105  it opens nothing


class PostmarkEmulator(Emulated):
    """A Postmark of our own on one address. Nothing outlives it.

    ``told`` holds every event in the order in which it happened; they are posted when somebody says ``post``, or at
    once to ``webhook_url`` if there is one.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, token: str = TOKEN, webhook_url: str = "") -> None:
        super().__init__(host, port, create_app(self))
        self.token, self.webhook_url = token, webhook_url
        self.mails = Mails()
        self.told: list[Doc] = []
        self.answers_lost = 0

    @property
    def sent(self) -> list[Doc]:
        """The mails that were taken in, the first one first."""
        with self.mails.lock:
            return list(self.mails.taken)

    def copies(self, message_id: object) -> list[Doc]:
        """Those of one mail of the sender's."""
        return [mail for mail in self.sent if mail["Metadata"].get("message-id") == str(message_id)]

    def tell(self, provider_id: str, kind: str, **told: Any) -> Doc:  # noqa: ANN401  fields of an event
        """Let something become of a mail: Delivery, Open, Bounce (``Type=``), SpamComplaint, SubscriptionChange."""
        with self.mails.lock:
            mail = self.mails.of(provider_id)
            made = events.event(mail, kind, **told)
            if made.get("Inactive"):
                self.mails.suppress(mail["MessageStream"], mail["Recipient"], made["Type"])
            self.told.append(made)
        if self.webhook_url:
            threading.Thread(target=posting.until_taken, args=(self, made), daemon=True).start()
        return made

    def post(self, *told: Doc) -> list[int]:
        """Post events to the webhook now, in this order; the statuses. Without any: all, as they happened."""
        return [posting.post(self.webhook_url, each) for each in told or tuple(self.told)]

    def suppress(self, address: str, reason: str = "HardBounce", *, stream: str = "outbound") -> None:
        """Write to an address no more, without a word."""
        with self.mails.lock:
            self.mails.suppress(stream, address, reason)

    def fail_next(
        self, method: str = "*", path: str = "*", *, status: int = 500, code: int = 0, times: int = 1, skip: int = 0,
        is_after_work: bool = False,
    ) -> None:  # fmt: skip
        """Answer the next calls with an error, instead of working or after the work is done. `path` may hold `*`."""
        self.faults.add(Fault(FaultKind.ERROR, method, path, times, skip, status, 0, is_after_work, code))
