"""All promises that can be proved from outside, by their number in the order they are checked.

An "always" promise holds at any instant. A "quiet" one holds once nothing is owed to the outside any more, which
``owed`` tells.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from portal.db import database
from portal.promises import (
    blackouts,
    calendars,
    confirmations,
    dates,
    days,
    effects,
    handovers,
    invoices,
    links,
    messages,
    money,
    orphans,
    pages,
    refunds,
    reminders,
    stages,
)
from portal.promises.violations import Violation, everything

Check = Callable[[datetime], list[Violation]]
QUIET = frozenset({"P4", "P8", "P9", "P10", "P11", "P14", "P21", "P23", "P24", "P25"})


class People(pages.Visits, links.Readers, Protocol):
    """Browsers of people."""


def checks(app: Any, visits: People) -> dict[str, Check]:  # noqa: ANN401  a Flask app; this room does not import Flask
    """Each promise with its proof."""
    return {
        "P1": dates.claims,
        "P2": blackouts.blocked,
        "P3": dates.timelines,
        "P4": dates.holds,
        "P5": partial(days.same, visits),
        "P7": handovers.moves,
        "P8": money.sums,
        "P9": orphans.orphans,
        "P10": money.belongings,
        "P11": stages.kept,
        "P12": confirmations.equal,
        "P13": refunds.limits,
        "P14": refunds.matches,
        "P16": invoices.documents,
        "P21": messages.accounted_for,
        "P22": messages.true,
        "P23": reminders.kept,
        "P24": calendars.equal,
        "P25": effects.ended,
        "P28": partial(pages.looking_changes_nothing, app, visits),
        "P29": partial(links.serve, app, visits),
    }


def owed(at: datetime) -> int:
    """How many effects are due or being carried out: until there are none, a quiet promise may look broken."""
    with everything():
        return int(
            database.value(
                "SELECT count(*) FROM outbox WHERE status = 'leased'"
                " OR (status = 'due' AND (due_at <= %s OR attempts > 0))",
                at,
            )
        )
