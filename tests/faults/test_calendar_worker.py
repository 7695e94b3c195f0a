"""A calendar elsewhere from end to end: a server, a worker as a process of its own, and what couples and business see.

The worker is killed while it reads, and loses nothing by it.
"""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID

import pytest

from portal.calendars import checking, connections, reading, standing, targets
from portal.calendars.standing import ConnectionView
from portal.db import database
from portal.devtools.embedded_postgres import Cluster
from portal.kernel import time
from portal.kernel.errors import DateTaken
from tests.calendars.conftest import Server, server
from tests.calendars.test_busy import on
from tests.support import couples, sold, workers, world
from tests.support.couples import in_half_a_year
from tests.support.mailroom import letters
from tests.support.workers import Worker, eventually
from tests.support.workshops import IMPATIENT
from tests.support.world import Business

__all__ = ["server"]
pytestmark = pytest.mark.slow
Starter = Callable[[], Worker]


@pytest.fixture
def shop(own_database: str) -> Business:
    return world.open_shop()


@pytest.fixture
def start(
    own_database: str, cluster: Cluster, environment: dict[str, str], tmp_path: Path, server: Server
) -> Iterator[Starter]:
    """Workers that may read the server of this test, without a queue: they sweep."""
    here = {
        **environment, **IMPATIENT, "DATABASE_URL": cluster.app_url(own_database), "VAR_DIR": str(tmp_path),
        "REDIS_URL": "", "FEATURE_INVOICES_ENABLED": "false", "CALENDAR_PORT": str(server.port),
    }  # fmt: skip
    started: list[Worker] = []

    def begin() -> Worker:
        log = tmp_path / f"worker-{len(started)}.log"
        started.append(workers.start(here, log, module="tests.support.loopback_worker"))
        return started[-1]

    yield begin
    for worker in started:
        worker.kill()


def connect(shop: Business, server: Server, monkeypatch: pytest.MonkeyPatch) -> UUID:
    monkeypatch.setattr(targets.parse, "__defaults__", (server.rules,))
    return connections.connect(
        shop.id, resource_id=shop.resource_id, name="Private", address=server.url(), is_whole_days_only=False,
        at=time.now(),
    )  # fmt: skip


def view(shop: Business) -> ConnectionView:
    with database.reading(shop.id):
        (found,) = standing.of_tenant(shop.id, today=date(2020, 1, 1))
    return found


def has_read(shop: Business, days: int, failure: str = "") -> bool:
    """Whether the check that was asked for is done, and ended so."""
    found = view(shop)
    return (found.asked_at, found.busy_days, found.failure) == (None, days, failure)


def warnings(folder: Path) -> list[Any]:
    return [each for each in letters(folder / "mail") if "busy in another calendar" in each.subject]


@pytest.mark.timeout(200)
def test_a_calendar_is_read_blocks_warns_and_is_let_go(
    shop: Business, server: Server, start: Starter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, sold_on = in_half_a_year(shop), in_half_a_year(shop, plus=3)
    booking = sold.sell(shop, event_on=sold_on)
    server.says(on(busy))
    diary = connect(shop, server, monkeypatch)
    start()
    eventually(partial(has_read, shop, 1), "the first reading")
    with pytest.raises(DateTaken):
        couples.hold(shop, event_on=busy)
    server.says(on(busy, sold_on))
    checking.ask(shop.id, diary, at=time.now())
    eventually(partial(has_read, shop, 2), "the second reading")
    eventually(lambda: warnings(tmp_path), "a warning")
    server.says("<html>Please log in</html>")
    checking.ask(shop.id, diary, at=time.now())
    eventually(partial(has_read, shop, 2, reading.A_PAGE), "what is wrong")
    server.says(on())
    checking.ask(shop.id, diary, at=time.now())
    eventually(partial(has_read, shop, 0), "the last reading")
    assert couples.hold(shop, event_on=busy).checkout_id
    assert len(warnings(tmp_path)) == 1
    with database.reading(shop.id):
        assert database.value("SELECT status FROM booking WHERE id = %s", booking.booking_id) == "confirmed"
        assert database.value("SELECT count(*) FROM outbox WHERE kind LIKE 'calendar.%%' AND status <> 'done'") == 0


@pytest.mark.timeout(200)
def test_a_worker_that_is_killed_while_it_reads_is_followed_by_one_that_does_it(
    shop: Business, server: Server, start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_over = Event()

    def hang(handler: BaseHTTPRequestHandler) -> None:
        del handler
        is_over.wait(60)

    server.acts["/a.ics"] = hang
    connect(shop, server, monkeypatch)
    first = start()
    eventually(lambda: server.asked, "a question")
    first.kill()
    is_over.set()
    assert view(shop).read_at is None
    server.says(on(in_half_a_year(shop)))
    start()
    eventually(partial(has_read, shop, 1), "a reading by the next one")
    with pytest.raises(DateTaken):
        couples.hold(shop)
