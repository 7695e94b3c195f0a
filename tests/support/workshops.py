"""A database of a test's own, a shop in it, and workers as processes that it may kill."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from portal.db import database
from portal.devtools.embedded_postgres import Cluster
from tests.support import couples, sold, workers, world
from tests.support.workers import Worker
from tests.support.world import Business

IMPATIENT = {
    "PACE_LEASE": "2",
    "PACE_FIRST_DELAY": "0.2",
    "PACE_LONGEST_DELAY": "0.5",
    "PACE_REST": "0",
    "PACE_SWEEP_EVERY": "0.3",
}


@dataclass
class Workshop:
    """A database of the test's own, a shop in it, and workers as processes."""

    shop: Business
    environment: dict[str, str]
    folder: Path
    workers: list[Worker] = field(default_factory=list)
    sold: int = 0

    def start(self, **changes: str) -> Worker:
        """A worker; returns when it listens."""
        log = self.folder / f"worker-{len(self.workers)}.log"
        self.workers.append(workers.start({**self.environment, **changes}, log))
        return self.workers[-1]

    def sell(self, count: int = 1) -> None:
        """So many bookings, each of which owes three mails."""
        for _ in range(count):
            self.sold += 1
            sold.sell(self.shop, event_on=couples.in_half_a_year(self.shop, plus=self.sold))

    def messages(self) -> Counter[str]:
        """How many messages stand in which state."""
        with database.reading(self.shop.id):
            return Counter(row.status for row in database.rows("SELECT status FROM message WHERE status <> 'planned'"))

    def effects(self) -> list[Any]:
        with database.reading(self.shop.id):
            return database.rows("SELECT kind, status, attempts FROM outbox ORDER BY created_at, id")

    def is_all_sent(self, count: int) -> bool:
        """Whether every message left and nothing is owed any more."""
        is_quiet = {row.status for row in self.effects()} == {"done"}
        return is_quiet and self.messages() == {"sent": count}

    def has_sent(self, count: int) -> bool:
        """Whether at least so many messages left."""
        return self.messages()["sent"] >= count

    def mails(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "mail").glob("*.eml"))


@pytest.fixture
def workshop(own_database: str, cluster: Cluster, environment: dict[str, str], tmp_path: Path) -> Iterator[Workshop]:
    shop = world.open_shop()
    address = cluster.app_url(own_database)
    here = {"DATABASE_URL": address, "VAR_DIR": str(tmp_path), "REDIS_URL": "", "FEATURE_INVOICES_ENABLED": "false"}
    ours = {**environment, **IMPATIENT, **here}  # documents would owe mails of their own
    made = Workshop(shop, ours, tmp_path)
    yield made
    for worker in made.workers:
        worker.kill()
