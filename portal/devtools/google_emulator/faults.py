"""What shall go wrong with the next calls; rules are kept and counted as the emulator of Stripe does it."""

from dataclasses import dataclass

from portal.devtools.stripe_emulator.faults import Fault as AnyFault
from portal.devtools.stripe_emulator.faults import FaultKind

__all__ = ["AnyFault", "Fault", "FaultKind"]


@dataclass
class Fault(AnyFault):
    """A rule; ``reason`` is what Google names in an error of the calendar."""

    reason: str = ""
