"""Couples of the demo data who wait for a date that another one has. Joined as couples join, with the mail they get."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from portal.db import database
from portal.devtools import demo_effects
from portal.lifecycle import waiting
from portal.lifecycle.waiting import JoinRequest


@dataclass(frozen=True)
class DemoWait:
    """Who asked, so many days ago, for the date of which couple."""

    couple: str
    name: str
    email: str
    asked_ago: int


# The barn's date is being given up: when the time to undo that is over, the first of its two is asked.
_WAITS = {
    "bella-weddings": (
        DemoWait("Hannah Brooks & Daniel Osei", "Ottilie & Sam", "ottilie.reyes@couple.example", 31),
        DemoWait("Grace Whitfield & Ana Duarte", "June & Pascal", "june.abernathy@couple.example", 9),
        DemoWait("Grace Whitfield & Ana Duarte", "Yuki & Leonard", "yuki.tanaka@couple.example", 4),
    ),
    "hawthorn-barn": (
        DemoWait("Alice Penrose & George Tully", "Imogen & Tariq", "imogen.shaw@couple.example", 20),
        DemoWait("Alice Penrose & George Tully", "Flora & Benedict", "flora.quill@couple.example", 12),
    ),
    "atelier-lumiere": (
        DemoWait("Alice Perrin & Karim Benali", "Solène & Rémi", "solene.vidal@couple.example", 6),
    ),
}  # fmt: skip


def tell(tenant_id: UUID, slug: str, now: datetime) -> None:
    """Let each of them join, the earliest first."""
    for wait in sorted(_WAITS.get(slug, ()), key=lambda each: -each.asked_ago):
        package, event_on = _asked_for(tenant_id, wait.couple)
        at = now - timedelta(days=wait.asked_ago)
        waiting.join(tenant_id, JoinRequest(package, event_on, wait.name, wait.email), at=at)
        demo_effects.carry_out(tenant_id, at)


def _asked_for(tenant_id: UUID, couple: str) -> tuple[str, date]:
    with database.reading(tenant_id):
        found = database.row(
            "SELECT p.slug, b.event_on FROM booking b"
            " JOIN package p ON p.tenant_id = b.tenant_id AND p.id = b.package_id"
            " WHERE b.tenant_id = %s AND b.couple = %s",
            tenant_id,
            couple,
        )
    assert found is not None  # noqa: S101  it has just been told
    return found.slug, found.event_on
