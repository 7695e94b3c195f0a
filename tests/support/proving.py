"""The checker of promises at the end of a test: whatever happened, the rows and the provider tell the same story."""

from datetime import datetime

from portal.kernel import time
from portal.promises import blackouts, dates, handovers, money, orphans
from portal.promises.violations import Violation

CHECKS = (
    dates.claims,
    blackouts.blocked,
    dates.timelines,
    dates.holds,
    handovers.moves,
    money.sums,
    orphans.orphans,
    money.belongings,
)


def broken_promises(*, at: datetime | None = None) -> list[Violation]:
    """What the checks of rows find in the database that this process is connected to."""
    return [violation for check in CHECKS for violation in check(at or time.now())]
