"""The rounds that find what time has made due, row by row: one row's trouble must not keep the others.

A refusal or a silent provider is told in a line; anything else is a mistake of ours, told with where it happened.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

from portal.kernel.errors import PortalError
from portal.payments.gateway import GatewayError

log = logging.getLogger("aisle.lifecycle")
Done = TypeVar("Done")


def attempt(act: Callable[[], Done], *, otherwise: Done, stays: str) -> Done:
    """What ``act`` returns; ``otherwise`` when it fails, and the log says what stays undone."""
    try:
        return act()
    except (GatewayError, PortalError) as error:
        log.warning("%s: %s", stays, error)
    except Exception:
        log.exception("%s", stays)
    return otherwise


def is_done(act: Callable[[], object], *, stays: str) -> bool:
    """Whether ``act`` did not fail, whatever it returns."""

    def acted() -> bool:
        act()
        return True

    return attempt(acted, otherwise=False, stays=stays)
