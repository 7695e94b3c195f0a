"""All promises that can be proved from outside, by their number in the order they are checked."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from portal.promises import dates, money, pages
from portal.promises.violations import Violation

Check = Callable[[datetime], list[Violation]]


def checks(app: Any) -> dict[str, Check]:  # noqa: ANN401  a Flask app; this room does not import Flask
    """Each promise with its proof."""
    return {
        "P1": dates.claims,
        "P3": dates.timelines,
        "P4": dates.holds,
        "P8": money.sums,
        "P9": money.orphans,
        "P10": money.belongings,
        "P28": partial(pages.looking_changes_nothing, app),
    }
