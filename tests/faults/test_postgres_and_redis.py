"""PostgreSQL restarted in the middle of requests, Redis killed and flushed: what the site answers then, and after."""

import os
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
from redis import Redis

from portal.db import database
from portal.devtools import embedded_postgres, embedded_redis
from portal.devtools.embedded_postgres import Cluster
from portal.devtools.embedded_redis import RedisServer
from portal.devtools.paths import tail
from portal.settings import Settings
from tests.support import live, world
from tests.support import site as sites
from tests.support.couples import in_half_a_year
from tests.support.live import couple
from tests.support.proving import broken_promises
from tests.support.site import Site, eventually
from tests.support.visitors import Answer, Visitor, fill_in
from tests.support.world import Business

pytestmark = pytest.mark.slow
IMPATIENT = {"PACE_LEASE": "2"}
BACK_WITHIN_SECONDS = 10  # promises.md, section 2
CLIENTS = 4
TIMES = 3


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """A PostgreSQL of the test's own, which keeps what it has committed."""
    with tempfile.TemporaryDirectory(prefix="aisle-pg-faults-") as name:
        Path(name).chmod(0o755)
        with embedded_postgres.start("faults", durable=True, base=Path(name)) as cluster:
            yield cluster


def crash(cluster: Cluster) -> None:
    """As PostgreSQL calls it: immediate. Every connection is cut, the next start recovers."""
    pid, port = cluster.server.running() or (0, 0)
    os.kill(pid, signal.SIGQUIT)
    eventually(lambda: cluster.server.running() is None, "the server's end")
    assert port == cluster.port


def start_again(cluster: Cluster) -> None:
    """On the port of before."""
    assert cluster.server.start(lambda _: cluster.superuser_url) == cluster.port


@dataclass
class Crowd:
    """People who look and book without a pause until they are told to go home."""

    site: Site
    shop: Business
    go_home: Event = field(default_factory=Event)
    answers: list[tuple[float, str, Answer]] = field(default_factory=list)

    def look_and_book(self, number: int) -> None:
        taken = number
        while not self.go_home.is_set():
            visitor = Visitor(self.site.url)
            self._note("look", visitor.get(self.shop.url()))
            page = visitor.get(self.shop.url("book/whole-day"))
            self._note("form", page)
            if page.status == 200:
                self._book(visitor, in_half_a_year(self.shop, plus=taken))
                taken += CLIENTS

    def _book(self, visitor: Visitor, day: date) -> None:
        try:
            fields = fill_in(visitor, self.shop, day)
        except AssertionError:  # the page without a form: told as one that could not be made
            return
        self._note("book", visitor.post(self.shop.url("book/whole-day"), fields))

    def _note(self, what: str, answer: Answer) -> None:
        self.answers.append((monotonic(), what, answer))

    def has(self, what: str, status: int, *, since: float = 0) -> bool:
        """Whether somebody got such an answer."""
        return any(each[1] == what and each[2].status == status for each in self.answers if each[0] >= since)

    def first_success(self, since: float) -> float:
        """How many seconds later somebody got a page, or a date."""
        return next(at for at, _, answer in self.answers if at >= since and answer.status in {200, 303}) - since


@contextmanager
def crowd(site: Site, shop: Business) -> Iterator[Crowd]:
    people = Crowd(site, shop)
    with ThreadPoolExecutor(CLIENTS) as pool:
        running = [pool.submit(people.look_and_book, number) for number in range(CLIENTS)]
        try:
            yield people
        finally:
            people.go_home.set()
        for each in running:
            each.result()


def test_postgresql_restarted_in_the_middle_of_requests(
    own_cluster: Cluster, environment: dict[str, str], connected: Settings, tmp_path: Path
) -> None:
    with (
        sites.running(own_cluster, environment | IMPATIENT, tmp_path) as site,
        live.at_its_database(site, back_to=connected.database_url),
    ):
        shop = world.open_shop()
        with crowd(site, shop) as people:
            eventually(lambda: people.has("book", 303), "a booking before")
            for _ in range(TIMES):
                crash_and_return(own_cluster, people)
        seen = Counter((what, answer.status) for _, what, answer in people.answers)
        assert {status for _, status in seen} <= {200, 303, 503}, (seen, tail(site.web.log))
        for _, _, answer in people.answers:
            if answer.status == 503:
                assert int(answer.headers["Retry-After"]) > 0
                assert "Please try again" in answer.text or "Try again" in answer.text
        nothing_is_half_written(shop, at_least=seen["book", 303])
        pair = couple(site)  # the worker, too, has found its way back
        pair.book()
        pair.pay()
        pair.must_be_sold_once()


def crash_and_return(cluster: Cluster, people: Crowd) -> None:
    """The server goes in the middle of what people do, and they notice; it comes back, and they notice that soon."""
    crash(cluster)
    gone_at = monotonic()
    eventually(lambda: people.has("look", 503, since=gone_at), "word that it is away")
    start_again(cluster)
    back_at = monotonic()
    eventually(lambda: people.has("book", 303, since=back_at), "a booking after")
    assert people.first_success(back_at) < BACK_WITHIN_SECONDS


def nothing_is_half_written(shop: Business, *, at_least: int) -> None:
    """Each booking has all its parts, and none of the successes that people saw is missing."""
    with database.reading(shop.id):
        parts = database.rows(
            "SELECT (SELECT count(*) FROM date_claim c WHERE c.booking_id = b.id) AS days,"
            " (SELECT count(*) FROM booking_line l WHERE l.booking_id = b.id) AS lines,"
            " (SELECT count(*) FROM booking_payment_stage s WHERE s.booking_id = b.id) AS stages,"
            " (SELECT count(*) FROM checkout k JOIN checkout_stage cs ON cs.checkout_id = k.id"
            "   WHERE k.booking_id = b.id) AS checkouts,"
            " (SELECT count(*) FROM booking_event e WHERE e.booking_id = b.id) AS events FROM booking b"
        )
    assert len(parts) >= at_least
    assert set(map(tuple, parts)) == {(1, 1, 2, 1, 1)}
    assert broken_promises() == []


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with embedded_redis.start() as server:
        yield server


@pytest.fixture
def site(
    redis: RedisServer, cluster: Cluster, environment: dict[str, str], connected: Settings, tmp_path: Path
) -> Iterator[Site]:
    """A site with its queue, cache and limits in Redis."""
    with (
        sites.running(cluster, environment | IMPATIENT, tmp_path, redis=redis) as running,
        live.at_its_database(running, back_to=connected.database_url),
    ):
        yield running


def tries(site: Site) -> list[int]:
    """What somebody hears who guesses passwords."""
    visitor = Visitor(site.url)
    token = visitor.get("/login").form("")["csrf_token"]
    fields = {"email": "nobody@nowhere.example", "password": "a long enough guess", "next": "", "csrf_token": token}
    return [visitor.post("/login", fields).status for _ in range(7)]


def flushed(redis: RedisServer) -> None:
    Redis.from_url(redis.url).flushall()


@pytest.mark.parametrize("accident", [RedisServer.kill, flushed], ids=["killed", "flushed"])
def test_without_redis_people_book_and_get_their_mails(
    site: Site, redis: RedisServer, accident: Callable[[RedisServer], None]
) -> None:
    before, during = couple(site), couple(site)
    before.book()
    accident(redis)
    during.book()
    for pair in (before, during):
        pair.pay()
    for pair in (before, during):
        pair.must_be_sold_once()
    after = couple(site)
    assert Visitor(site.url).get(after.shop.url()).status == 200
    assert tries(site)[-1] == 429
    if accident is RedisServer.kill:
        assert Visitor(site.url).get("/health").status == 200
        redis.start()
    after.book()
    after.pay()
    after.must_be_sold_once()
