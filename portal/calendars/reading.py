"""From a calendar's file to the days it makes busy; says in a sentence what is wrong with one that cannot be read."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from portal.calendars.targets import OUR_OWN, Refused
from portal.kernel.text import N_

PATIENCE = 30.0  # seconds of waiting for a process that limits its own computing to half of them
_ROOT = Path(__file__).parents[2]
_BEGIN = b"BEGIN:VCALENDAR"
_BEGUN, _ENDED = (re.compile(rb"^%s:V" % word, re.MULTILINE | re.IGNORECASE) for word in (b"BEGIN", b"END"))

EMPTY = N_("There is nothing at this address: the answer is empty.")
A_PAGE = N_("This address shows a web page, perhaps a login, and no calendar. Please copy the iCal address.")
NO_CALENDAR = N_("What is at this address is no calendar (iCal).")
TOO_MUCH = N_("This calendar repeats its entries in a way that cannot be worked out.")


@dataclass(frozen=True, slots=True)
class Busy:
    """What a calendar says: its busy days, how many entries it has and how many of them were left out."""

    days: frozenset[date]
    entries: int
    left_out: int


def read(content: bytes, *, timezone: str, first_on: date, last_on: date, is_whole_days_only: bool) -> Busy:
    """The busy days of a range. Raises Refused."""
    _refuse_others(content)
    told = _expanded(content, timezone, first_on.isoformat(), last_on.isoformat(), "whole" * is_whole_days_only)
    if told.get("is_own"):
        raise Refused(OUR_OWN)
    return Busy(frozenset(map(date.fromisoformat, told["days"])), told["entries"], told["left_out"])


def _refuse_others(content: bytes) -> None:
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:200]
    if not start:
        raise Refused(EMPTY)
    if start.startswith(b"<"):
        raise Refused(A_PAGE)
    if not start.upper().startswith(_BEGIN) or len(_BEGUN.findall(content)) != len(_ENDED.findall(content)):
        raise Refused(NO_CALENDAR)  # the half of a calendar would free what stands in the other


def _expanded(content: bytes, *asked: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "portal.calendars.expanding", *asked]
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LD_LIBRARY_PATH", "VIRTUAL_ENV"}}
    try:
        done = subprocess.run(  # noqa: S603  our own program
            command, input=content, capture_output=True, timeout=PATIENCE, cwd=_ROOT, env=kept, check=False
        )
    except subprocess.TimeoutExpired:
        raise Refused(TOO_MUCH) from None
    if done.returncode < 0 or b"MemoryError" in done.stderr:
        raise Refused(TOO_MUCH)
    if done.returncode:
        raise Refused(NO_CALENDAR)
    told: dict[str, Any] = json.loads(done.stdout)
    return told
