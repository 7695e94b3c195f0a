"""Three workers and two schedulers, killed at random, Redis flushed in between: every due message once, none after a
cancellation, none for an old date.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from redis import Redis

from portal.db import database
from portal.devtools import embedded_redis
from portal.devtools.embedded_postgres import Cluster
from portal.kernel import time
from portal.promises import effects, messages, reminders
from tests.support import couples, leaving, plans, schedulers, shifting, sold, world
from tests.support.mailroom import letters
from tests.support.sold import Sold
from tests.support.workers import eventually
from tests.support.workshops import IMPATIENT, Workshop
from tests.support.world import Business

pytestmark = pytest.mark.slow
# There is no Stripe here, and the end of a cancellation is an hour away.
AT_STRIPE = ["booking.end_sessions", "booking.finish_cancelling", "refund.execute"]
COUPLES, WITHIN = 12, "20 seconds"
Act = Callable[[], None]
ATTACKS = ["worker"] * 5 + ["scheduler"] * 3 + ["redis"] * 3


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


def torment(workshop: Workshop, redis_url: str, chance: random.Random, meanwhile: Sequence[Act]) -> None:
    """Whoever is at work is killed or loses its queue, again and again, while couples change what they have; in the end
    all are let be.
    """
    running = [schedulers.start(workshop.environment) for _ in range(2)]
    acts, attacks = list(meanwhile), chance.sample(ATTACKS, len(ATTACKS))
    try:
        for _ in range(3):
            workshop.start()
        eventually(partial(has_begun, workshop), "the first of them")
        for victim in attacks:
            if acts:
                acts.pop()()
            if victim == "worker":
                chance.choice([each for each in workshop.workers if each.exit_code is None]).kill()
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


def change(booking: Sold, verb: Callable[[], object], changed: dict[UUID, datetime]) -> Act:
    """Something that a couple does, and when it was done."""

    def act() -> None:
        verb()
        changed[booking.booking_id] = time.now()

    return act


def has_begun(workshop: Workshop) -> bool:
    """Whether the first reminders have left and others are still to leave."""
    states = {row.status for row in plans.reminders(workshop.shop)}
    return {"sent", "planned"} <= states


def reminders_of(shop: Business, booking: Sold) -> list[database.Row]:
    with database.reading(shop.id):
        return database.rows(
            "SELECT id, kind, slot, recipient, status, sent_at FROM message WHERE subject_id = %s AND kind = ANY (%s)",
            booking.booking_id,
            plans.KINDS,
        )


@pytest.mark.timeout(400)
def test_every_due_message_comes_once_however_often_everybody_is_killed(workshop: Workshop) -> None:
    shop, chance = workshop.shop, random.Random(5)  # noqa: S311  no secret
    booked = [sold.sell(shop, event_on=couples.in_half_a_year(shop, plus=plus)) for plus in range(COUPLES)]
    plans.work(shop, time.now())  # a later look at the plan would put the hours right again
    with database.writing(shop.id):
        database.execute(
            "UPDATE message SET due_at = now() + random() * %s::interval WHERE kind = ANY (%s)", WITHIN, plans.KINDS
        )
    old = {row.slot for row in plans.reminders(shop)}
    gone, moved, kept = [*booked[:2], *booked[4:7]], [*booked[2:4], *booked[7:9]], booked[9:]
    changed: dict[UUID, datetime] = {}
    leave = [change(each, partial(leaving.cancelling, shop, each), changed) for each in gone]
    shift = [
        change(each, partial(shifting.moved, shop, each, shifting.later(shop, 60 + number)), changed)
        for number, each in enumerate(moved)
    ]
    for act in [*leave[:2], *shift[:2]]:
        act()
    with embedded_redis.start() as redis:
        workshop.environment["REDIS_URL"] = redis.url
        torment(workshop, redis.url, chance, [*leave[2:], *shift[2:]])
    folder = workshop.folder / "mail"
    files = Counter(str(letter.message["Message-ID"]) for letter in letters(folder))
    assert set(files.values()) == {1}
    for each in kept:
        rows = reminders_of(shop, each)
        assert Counter((row.kind, row.status) for row in rows) == {(kind, "sent"): 2 for kind in plans.KINDS}
        assert all((folder / f"{row.id}.eml").exists() for row in rows)
    for each in booked[:4]:
        assert not any((folder / f"{row.id}.eml").exists() for row in reminders_of(shop, each))
    for each in gone + moved:
        of_old = [row for row in reminders_of(shop, each) if each in gone or row.slot in old]
        assert {row.status for row in of_old} <= {"cancelled", "sent"}
        assert all(row.sent_at <= changed[each.booking_id] for row in of_old if row.status == "sent")
        # What was on its way could not be called back.
        late = changed[each.booking_id].timestamp() + 5
        written = [folder / f"{row.id}.eml" for row in of_old]
        assert all(path.stat().st_mtime < late for path in written if path.exists())
    for each in moved:
        new = [row for row in reminders_of(shop, each) if row.slot not in old]
        assert (len(new), {row.status for row in new}) == (2 * len(plans.KINDS), {"planned"})
    at = time.now()
    assert [*messages.accounted_for(at), *messages.true(at), *reminders.kept(at), *effects.ended(at)] == []
