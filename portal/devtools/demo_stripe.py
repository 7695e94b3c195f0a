"""The Stripe emulator as the demo data needs it: couples who pay, and a clock that goes back to when they did."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from portal.devtools.stripe_emulator.cards import CARD_DELAYED
from portal.kernel import time

_PATIENCE_SECONDS = 10
DELAYED_AFTER_SECONDS = 20.0  # as `python -m portal.devtools.stripe_emulator` starts with


class NoEmulatorError(Exception):
    """Nobody answers there, or somebody who is no emulator."""


class DemoStripe:
    """Throws the emulator's switches over HTTP."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    def throw(self, switch: str, **arguments: object) -> Any:  # noqa: ANN401  whatever the switch returns
        """Throw one switch. Raises NoEmulatorError."""
        request = Request(  # noqa: S310  the address is a setting of this installation
            f"{self._base_url}/_emulator/{switch}",
            data=json.dumps(arguments).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        try:
            with urlopen(request, timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310
                return json.load(answer)["result"]
        except HTTPError as error:
            msg = f"the Stripe emulator refused {switch}: {error.read().decode()}"
            raise NoEmulatorError(msg) from error
        except (URLError, OSError, ValueError, KeyError) as error:
            msg = f"no Stripe emulator answers at {self._base_url}"
            raise NoEmulatorError(msg) from error

    def pay_and_wait(self, session_id: str) -> None:
        """Pay in a way whose outcome the bank never tells by itself; later payments are as quick as usual."""
        self.throw("set_delayed_after", seconds=None)
        self.throw("pay", session_id=session_id, card=CARD_DELAYED)
        self.throw("set_delayed_after", seconds=DELAYED_AFTER_SECONDS)

    @contextmanager
    def without_webhooks(self) -> Iterator[None]:
        """What happens meanwhile is settled by the demo data itself; nobody is told of it later."""
        self.throw("drop_webhooks")
        try:
            yield
        finally:
            self.throw("reset_webhooks")
            self.throw("reset_clock")

    @contextmanager
    def at(self, instant: datetime) -> Iterator[datetime]:
        """Both clocks, ours and Stripe's, stand at an instant of the past."""
        self.throw("set_clock", instant=int(instant.timestamp()))
        with time.frozen(instant):
            yield instant
