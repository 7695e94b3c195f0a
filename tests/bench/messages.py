"""What planned messages cost: finding the next that are due among a million, and how many a worker sends in a second.

Rows are copied from one real booking in a few statements by the server's superuser, whom no policy holds up.
"""

import os
import statistics
import time as stopwatch
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import psycopg2

from portal import factory
from portal.db import database, outbox
from portal.db.tenancy import platform_scope
from portal.devtools import embedded_redis
from portal.devtools.embedded_postgres import Cluster
from portal.kernel import time
from portal.messages import due, planning, reminders
from portal.settings import Settings
from tasks import relay
from tests.bench import seed
from tests.support import databases, sold, workers, world

FEW, MANY = 10_000, 1_000_000
TENANTS = 10_000
SENT = 500
ROUNDS = 21
_PATIENCE = 300
_BOOKINGS = 10  # of each tenant, with as many messages each
_SPREAD = "200 hours"
_DUE = "20 hours"  # one in ten is due, and none of them too late
_TENANT, _BOOKING = "md5('t' || t)::uuid", "md5('b' || t || '/' || b)::uuid"
# By table: what stands in the place of the copied values, and of what there are several for each tenant.
_COPIED = (
    ("tenant", {"id": _TENANT, "slug": "'bench-' || t"}, ""),
    (
        "booking",
        {"id": _BOOKING, "tenant_id": _TENANT, "reference": "'T' || t || 'B' || b", "request_nonce": _BOOKING},
        f", generate_series(1, {_BOOKINGS}) b",
    ),
    (
        "message",
        {
            "id": "gen_random_uuid()", "tenant_id": _TENANT, "subject_id": _BOOKING, "slot": "'slot-' || m",
            "status": "'planned'", "kind": "'event_soon'", "sent_at": "NULL",
            "due_at": f"now() - interval '{_DUE}' + random() * interval '{_SPREAD}'",
        },
        f", generate_series(1, {_BOOKINGS}) b, generate_series(1, {FEW // 100 // _BOOKINGS}) m",
    ),
)  # fmt: skip


class _Undo(Exception):
    """Ends a transaction that is only measured."""


def finding(cluster: Cluster, environment: Mapping[str, str]) -> tuple[dict[str, tuple[float, float]], float]:
    """Milliseconds of finding the next 500, and of the whole round, by size; how many times as long among many."""
    measured = {}
    with databases.cloned(cluster) as name, _at(cluster, name, environment):
        shop = world.open_shop()
        planning.keep_up(shop.id, sold.sell(shop).booking_id, at=time.now())
        with closing(psycopg2.connect(cluster.superuser_url, dbname=name)) as opened:
            opened.autocommit = True
            for first, last, label in ((0, TENANTS * FEW // MANY, FEW), (TENANTS * FEW // MANY, TENANTS, MANY)):
                _fill(opened, first, last)
                measured[f"{label:,}"] = _measured()
    few, many = (each[0] for each in measured.values())
    return measured, many / few


def sending(cluster: Cluster, environment: Mapping[str, str], var: Path) -> tuple[float, float]:
    """Messages that one worker with its queue puts into files in a second, and milliseconds of processor for each."""
    with embedded_redis.start() as redis, databases.cloned(cluster) as name:
        ours = {**environment, "REDIS_URL": redis.url, "DATABASE_URL": cluster.app_url(name), "VAR_DIR": str(var)}
        with _at(cluster, name, ours):
            shop = world.open_shop()
            seed.bookings(shop, SENT + 60)
            planning.plan_unplanned(time.now())
            with database.writing(shop.id):
                database.execute(
                    "UPDATE message SET due_at = now() WHERE id IN (SELECT id FROM message WHERE kind = 'event_eve'"
                    " ORDER BY due_at DESC LIMIT %s)",
                    SENT,
                )
            worker = workers.start(ours, var / "worker.log")
            try:
                outbox.install_doorbell(relay.ring)
                before = _busy_seconds(worker)
                due.mark_due(time.now())
                workers.eventually(partial(_is_sent, shop), f"the end of {SENT} messages", within=_PATIENCE)
                busy = _busy_seconds(worker) - before
            finally:
                worker.kill()
            with database.reading(shop.id):
                taken: float = database.value(
                    "SELECT extract(epoch FROM max(sent_at) - min(sent_at))::float8 FROM message WHERE status = 'sent'"
                )
    return (SENT - 1) / taken, 1000 * busy / SENT


def _busy_seconds(worker: workers.Worker) -> float:
    """What a worker has used of the processor so far."""
    fields = Path(f"/proc/{worker.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _is_sent(shop: world.Business) -> bool:
    with database.reading(shop.id):
        return bool(database.value("SELECT count(*) = %s FROM message WHERE status = 'sent'", SENT))


@contextmanager
def _at(cluster: Cluster, name: str, environment: Mapping[str, str]) -> Iterator[None]:
    """This process works there for a while."""
    database.db.close_all()
    factory.connect(Settings.from_env({**environment, "DATABASE_URL": cluster.app_url(name)}))
    try:
        yield
    finally:
        database.db.close_all()
        factory.connect(Settings.from_env(environment))


def _measured() -> tuple[float, float]:
    at = time.now()
    late = at - reminders.LATE
    found, marked = [], []
    for number in range(ROUNDS + 1):  # the first warms up
        alone = _timed(due._FOUND, late, at, late, due.BATCH)
        whole = _timed(due._STATEMENT, late, at, late, due.BATCH, reminders.PAUSED, reminders.MISSED, at, at)
        if number:
            found.append(alone)
            marked.append(whole)
    return statistics.median(found), statistics.median(marked)


def _timed(statement: str, *params: object) -> float:
    """Milliseconds of a statement that is undone again."""
    taken = 0.0
    with suppress(_Undo), database.writing(), platform_scope(reason="a measurement"):
        started = stopwatch.perf_counter()
        rows = database.rows(statement, *params)
        taken = 1000 * (stopwatch.perf_counter() - started)
        if due.BATCH not in {len(rows), getattr(rows[0], "marked", 0)}:
            raise RuntimeError("it did not find a whole batch")
        raise _Undo
    return taken


def _fill(opened: Any, first: int, last: int) -> None:
    """Tenants with bookings and messages like those of the shop that is there."""
    with opened.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # copies of what was checked already
        for table, instead, among in _COPIED:
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'"
                " AND table_schema = 'public'",
                [table],
            )
            columns = [name for (name,) in cursor.fetchall()]
            values = ", ".join(instead.get(name, f"copied.{name}") for name in columns)
            numbers = f"generate_series({first + 1}, {last}) t{among}"
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values}"
                f" FROM (SELECT * FROM {table} ORDER BY id LIMIT 1) copied, {numbers}"
            )
        cursor.execute("VACUUM ANALYZE")
