"""Three workers and two schedulers, killed at random, Redis flushed in between: every due message once, none after a
cancellation, none for an old date.
"""

import random
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from redis import Redis

from portal.db import database
from portal.devtools import embedded_redis
from portal.devtools.embedded_postgres import Cluster
from portal.kernel import time
from portal.promises import effects, messages, reminders
from tests.faults.test_worker import IMPATIENT, Workshop
from tests.support import couples, leaving, plans, schedulers, shifting, sold, world
from tests.support.mailroom import letters
from tests.support.workers import eventually

pytestmark = pytest.mark.slow
# There is no Stripe here, and the end of a cancellation is an hour away.
AT_STRIPE = ["booking.end_sessions", "booking.finish_cancelling", "refund.execute"]
COUPLES, ROUNDS, WITHIN = 8, 10, "6 seconds"


@pytest.fixture
def workshop(own_database: str, cluster: Cluster, environment: dict[str, str], tmp_path: Path) -> Iterator[Workshop]:
    ours = {**environment, **IMPATIENT, "DATABASE_URL": cluster.app_url(own_database), "VAR_DIR": str(tmp_path)}
    made = Workshop(world.open_shop(), ours, tmp_path)
    yield made
    for worker in made.workers:
        worker.kill()


def is_quiet(workshop: Workshop) -> bool:
    """Whether all that is due was sent, skipped or withdrawn, and nothing is owed."""
    with database.reading(workshop.shop.id):
        waiting = database.value(
            "SELECT count(*) FROM message WHERE status = 'due' OR (status = 'planned' AND due_at <= now())"
        )
        owed = database.value("SELECT count(*) FROM outbox WHERE status <> 'done' AND NOT kind = ANY (%s)", AT_STRIPE)
        ahead = database.value("SELECT count(*) FROM message WHERE due_at BETWEEN now() AND now() + interval '1 day'")
    return not waiting + owed + ahead


def torment(workshop: Workshop, redis_url: str, chance: random.Random) -> None:
    """Whoever is at work is killed or loses its queue, again and again; in the end they are let be."""
    running = [schedulers.start(workshop.environment) for _ in range(2)]
    try:
        for _ in range(3):
            workshop.start()
        for _ in range(ROUNDS):
            victim = chance.choice(["worker", "worker", "scheduler", "redis"])
            if victim == "worker":
                chance.choice(workshop.workers[-3:]).kill()
                workshop.start()
            elif victim == "scheduler":
                killed = running.pop(0)
                killed.kill()
                killed.wait()
                running.append(schedulers.start(workshop.environment))
            else:
                Redis.from_url(redis_url).flushall()
        eventually(partial(is_quiet, workshop), "an end of it")
    finally:
        for process in running:
            process.kill()
            process.wait()
        for worker in workshop.workers:
            worker.kill()


@pytest.mark.timeout(400)
def test_every_due_message_comes_once_however_often_everybody_is_killed(workshop: Workshop) -> None:
    shop, chance = workshop.shop, random.Random(5)  # noqa: S311  no secret
    booked = [sold.sell(shop, event_on=couples.in_half_a_year(shop, plus=plus)) for plus in range(COUPLES)]
    plans.work(shop, time.now())  # a later look at the plan would put the hours right again
    with database.writing(shop.id):
        database.execute(
            "UPDATE message SET due_at = now() + random() * %s::interval WHERE kind = ANY (%s)", WITHIN, plans.KINDS
        )
    gone, moved = booked[:2], booked[2:4]
    old = {row.slot for row in plans.reminders(shop)}
    for each in gone:
        leaving.cancelling(shop, each)
    for number, each in enumerate(moved):
        shifting.moved(shop, each, shifting.later(shop, 60 + number))
    with embedded_redis.start() as redis:
        workshop.environment["REDIS_URL"] = redis.url
        torment(workshop, redis.url, chance)
    kept = len(booked) - len(gone) - len(moved)
    outcome = plans.outcome(shop)
    assert {kind: outcome[kind, "sent"] for kind in plans.KINDS} == dict.fromkeys(plans.KINDS, 2 * kept)
    files = Counter(str(letter.message["Message-ID"]) for letter in letters(workshop.folder / "mail"))
    assert set(files.values()) == {1}
    with database.reading(shop.id):
        of_gone = database.rows(
            "SELECT status FROM message WHERE subject_id = ANY (%s) AND kind = ANY (%s)",
            [each.booking_id for each in gone],
            plans.KINDS,
        )
        of_moved = database.rows(
            "SELECT status, slot FROM message WHERE subject_id = ANY (%s) AND kind = ANY (%s)",
            [each.booking_id for each in moved],
            plans.KINDS,
        )
    assert {row.status for row in of_gone} == {"cancelled"}
    assert {(row.status, row.slot in old) for row in of_moved} == {("cancelled", True), ("planned", False)}
    at = time.now()
    assert [*messages.accounted_for(at), *messages.true(at), *reminders.kept(at), *effects.ended(at)] == []
