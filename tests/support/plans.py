"""Planned messages in tests: what a booking is going to get, and a clock that goes on to when it gets it."""

from collections import Counter
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID

from portal.db import database
from portal.kernel import time as clock
from portal.messages import due
from tasks import relay
from tests.support import sold
from tests.support.mailroom import Letter, letters
from tests.support.sold import Sold
from tests.support.world import Business

COUNTED = (
    "SELECT kind, slot, recipient, status, failure, due_at FROM message WHERE kind = ANY (%s) ORDER BY due_at, kind"
)
KINDS = ["event_soon", "event_eve", "follow_up", "balance_soon", "balance_due", "balance_overdue", "balance_last"]


def reminders(shop: Business, *statuses: str) -> list[Any]:
    """The rows of planned kinds, those in some states alone if any are named."""
    with database.reading(shop.id):
        found = database.rows(COUNTED, KINDS)
    return [row for row in found if not statuses or row.status in statuses]


def planned(shop: Business) -> dict[str, str]:
    """Slot by kind of what is planned; each address gets the same."""
    rows = reminders(shop, "planned")
    to = {row.recipient for row in rows}
    assert {(row.kind, row.slot, each) for row in rows for each in to} == {
        (row.kind, row.slot, row.recipient) for row in rows
    }
    return {row.kind: row.slot for row in rows}


def outcome(shop: Business) -> Counter[tuple[str, str]]:
    """How many rows of each kind stand in each state."""
    return Counter((row.kind, row.status) for row in reminders(shop))


def booked(shop: Business, folder: Path, **changes: Any) -> Sold:
    """A confirmed booking, everything said that is said at once."""
    found = sold.sell(shop, **changes)
    work(shop, clock.now())
    arrived(folder)
    return found


def local(shop: Business, on: date, text: str) -> datetime:
    """A day and an hour on the shop's clock."""
    return clock.local_instant(on, time.fromisoformat(text), shop.tenant.timezone)


def work(shop: Business, at: datetime) -> None:
    """Carry out everything that a tenant owes by an instant, at that instant.

    PDFs, and the mails that bring them, are left to tests about them.
    """
    with clock.frozen(at):
        while found := _due(shop, at):
            for effect_id in found:
                relay.answer(effect_id)


def tick(shop: Business, at: datetime) -> None:
    """The scheduler's minute, and the worker's after it."""
    with clock.frozen(at):
        due.mark_due(at)
    work(shop, at)


def arrived(folder: Path) -> list[Letter]:
    """What has come since the last look."""
    found = letters(folder) if folder.exists() else []
    for path in folder.glob("*.eml"):
        path.unlink()
    return found


def _due(shop: Business, at: datetime) -> list[UUID]:
    with database.reading(shop.id):
        return [
            row.id
            for row in database.rows(
                "SELECT id FROM outbox WHERE tenant_id = %s AND status = 'due' AND attempts = 0 AND due_at <= %s"
                " AND kind <> 'invoice.render' ORDER BY created_at, id",
                shop.id,
                at,
            )
        ]
