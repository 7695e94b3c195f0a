"""Switches about time and failure: broken answers, hanging calls, lost answers, another clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.faults import Fault, FaultKind
from portal.devtools.stripe_emulator.switches.base import Switches

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.api.recorder import RecordedRequest
    from portal.devtools.stripe_emulator.store import Doc


class FaultSwitches(Switches):
    """What can go wrong between Stripe and us. `path` may hold `*`, as in `/v1/checkout/*`."""

    def fail_next(
        self,
        method: str = "*",
        path: str = "*",
        *,
        status: int = 500,
        times: int = 1,
        skip: int = 0,
        is_after_work: bool = False,
    ) -> None:
        """Answer the next calls with an error, instead of working or (`is_after_work`) after the work is done.

        A 500 is kept under the idempotency key, as Stripe does; 409, 429 and 502 to 504 are not.
        """
        self.world.faults.add(
            Fault(FaultKind.ERROR, method, path, times=times, skip=skip, status=status, is_after_work=is_after_work)
        )

    def hang_next(
        self,
        method: str = "*",
        path: str = "*",
        *,
        seconds: float = 10.0,
        times: int = 1,
        skip: int = 0,
        is_after_work: bool = False,
    ) -> None:
        """Let the next calls wait before (or after) their work, which is done all the same."""
        self.world.faults.add(
            Fault(FaultKind.HANG, method, path, times=times, skip=skip, seconds=seconds, is_after_work=is_after_work)
        )

    def drop_answers(self, method: str = "*", path: str = "*", *, times: int = 1, skip: int = 0) -> None:
        """Do the work of the next calls and close the connection without an answer."""
        self.world.faults.add(Fault(FaultKind.DROP_ANSWER, method, path, times=times, skip=skip))

    def faults(self) -> list[Doc]:
        """The faults that are still to come."""
        return self.world.faults.all()

    def clear_faults(self) -> None:
        """Let every call work again."""
        self.world.faults.clear()

    def now(self) -> int:
        """The emulator's time in epoch seconds."""
        return self.world.clock.now()

    def shift_clock(self, seconds: int) -> int:
        """Move the emulator's clock; sessions whose time is up end at once."""
        return self.world.clock.shift(seconds)

    def set_clock(self, instant: int) -> int:
        """Let the emulator's clock run on from this epoch second."""
        return self.world.clock.set_to(instant)

    def reset_clock(self) -> None:
        """Back to the wall clock."""
        self.world.clock.reset()

    @property
    def requests(self) -> list[RecordedRequest]:
        """The API requests received, oldest first."""
        return self.world.recorder.all()

    def recorded_requests(self) -> list[Doc]:
        """The API requests received, as plain data."""
        return [request.as_dict() for request in self.world.recorder.all()]

    def clear_requests(self) -> None:
        """Forget the requests received so far."""
        self.world.recorder.clear()

    def forget_everything(self) -> None:
        """Begin anew: no objects, no keys, no deliveries, the wall clock. Endpoints stay."""
        self.world.store.clear()
        self.world.clock.reset()
