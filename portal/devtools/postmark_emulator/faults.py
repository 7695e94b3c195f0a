"""Faults on demand, as the Stripe emulator has them; an error may carry one of Postmark's codes."""

from dataclasses import dataclass

from portal.devtools.stripe_emulator.faults import Fault as AnyFault
from portal.devtools.stripe_emulator.faults import FaultKind

__all__ = ["AnyFault", "Fault", "FaultKind"]


@dataclass
class Fault(AnyFault):
    """A rule; ``code`` is Postmark's."""

    code: int = 0
