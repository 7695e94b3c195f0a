"""What each kind of effect leads to: a table, each entry a thin call into the portal.

A reaction runs outside of any transaction and may run again: it returns when the effect is done or no longer needed,
and raises when it must be tried later.
"""

import importlib
import logging
from collections.abc import Callable

from tasks.claims import Effect

log = logging.getLogger("aisle.outbox")
Reaction = Callable[[Effect], None]

# A couple looks at a page that waits for these; refunds and mails may follow.
URGENT = ("webhook.handle", "checkout.settle")


def _message(name: str) -> Reaction:
    def react(effect: Effect) -> None:
        getattr(importlib.import_module("portal.messages.reactions"), name)(effect)

    return react


REACTIONS: dict[str, Reaction] = {}


def react(effect: Effect) -> None:
    """Carry out one effect."""
    REACTIONS[effect.kind](effect)


def mourn(effect: Effect, failure: str) -> None:
    """An effect is dead: say so where a person will see it."""
    del effect, failure
