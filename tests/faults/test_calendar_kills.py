"""Workers that are killed around Google's answer, paused past their lease, or meet a Google that errs, hangs and loses
answers: in the end the events with our id are the confirmed bookings.
"""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any
from uuid import UUID

import pytest

from portal.db import database
from portal.devtools.embedded_postgres import Cluster
from portal.devtools.google_emulator import GoogleEmulator
from portal.devtools.paths import ROOT
from portal.kernel import time
from portal.kernel.failpoints import EXIT_CODE
from portal.promises import calendars as promises
from portal.promises import effects
from tasks import relay
from tests.support import couples, google, shifting, sold, world
from tests.support.google import AT_STRIPE, EVENTS, Diary
from tests.support.workers import eventually
from tests.support.workshops import IMPATIENT, Workshop
from tests.support.world import Business

pytestmark = pytest.mark.slow
COUPLES, ROUNDS = 10, 14
CHILD = """
import os, sys
from uuid import UUID
from portal import factory
from portal.settings import Settings
from tasks import pace, relay
factory.connect(Settings.from_env(os.environ))
pace.install(pace.Pace(lease=0.1))
print(relay.answer(UUID(sys.argv[1])))
"""


@pytest.fixture
def emulator() -> Iterator[GoogleEmulator]:
    with google.running() as running:
        yield running


@pytest.fixture
def diary(emulator: GoogleEmulator, shop: Business) -> Iterator[Diary]:
    made = google.connect(emulator, shop)
    assert google.work(shop) == []
    yield made
    google.forget(made)


@pytest.fixture
def workshop(own_database: str, cluster: Cluster, environment: dict[str, str], tmp_path: Path) -> Iterator[Workshop]:
    here = {"DATABASE_URL": cluster.app_url(own_database), "VAR_DIR": str(tmp_path), "REDIS_URL": ""}
    made = Workshop(world.open_shop(), {**environment, **IMPATIENT, **here}, tmp_path)
    yield made
    for worker in made.workers:
        worker.kill()


def syncs(shop: Business) -> list[UUID]:
    """What is owed to the calendar alone, after everything that leads to it."""
    while found := [row for row in google.due(shop) if row.kind != "calendar.sync"]:
        for row in found:
            relay.answer(row.id)
    return [row.id for row in google.due(shop)]


def die(failpoint: str, effect_id: UUID, diary: Diary, environment: dict[str, str]) -> None:
    """A process that carries the effect out ends there."""
    ours = {"FAILPOINT": failpoint, "GOOGLE_API_BASE": diary.google.base_url, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(effect_id)],
        env={**os.environ, **environment, **ours},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == EXIT_CODE, done.stdout + done.stderr


def take_over(effect_id: UUID) -> None:
    for _ in range(10_000):
        if relay.answer(effect_id):
            return
    pytest.fail("nobody could take the effect over")


@pytest.mark.parametrize("failpoint", ["calendar.before_call", "calendar.after_call"])
@pytest.mark.parametrize("what", ["created", "moved", "taken out"])
def test_killed_around_the_answer(diary: Diary, environment: dict[str, str], failpoint: str, what: str) -> None:
    booking = sold.sell(diary.shop)
    if what != "created":
        assert google.work(diary.shop) == []
    if what == "moved":
        shifting.moved(diary.shop, booking, shifting.later(diary.shop))
    if what == "taken out":
        google.cancel(diary.shop, booking)
    first, *_ = syncs(diary.shop)
    die(failpoint, first, diary, environment)
    take_over(first)
    assert google.work(diary.shop) == []
    assert diary.on(booking) == (None if what == "taken out" else google.dates(diary.shop, booking))


def test_killed_with_the_event_made_and_cancelled_before_anybody_came_back(
    diary: Diary, environment: dict[str, str]
) -> None:
    booking = sold.sell(diary.shop)
    (first,) = syncs(diary.shop)
    die("calendar.after_call", first, diary, environment)
    assert diary.on(booking)
    google.cancel(diary.shop, booking)
    *_, second = syncs(diary.shop)
    assert not relay.answer(second)  # the event is in the hands of the dead
    take_over(first)
    assert google.work(diary.shop) == []
    assert diary.event(booking) is None


def trouble(emulator: GoogleEmulator, chance: random.Random) -> None:
    """Something goes wrong with one of the next calls."""
    method = chance.choice(["POST", "PATCH", "DELETE", "*"])
    skip = chance.randrange(2)
    match chance.randrange(5):
        case 0:
            emulator.drop_answers(method, EVENTS, skip=skip)
        case 1:
            emulator.fail_next(method, EVENTS, status=chance.choice([429, 500, 503]), skip=skip)
        case 2:
            emulator.fail_next(method, EVENTS, status=500, skip=skip, is_after_work=True)
        case 3:
            emulator.hang_next(method, EVENTS, seconds=chance.uniform(0.5, 3.5), skip=skip)
        case _:
            emulator.fail_next("POST", "/token", status=503)


def torment(workshop: Workshop, emulator: GoogleEmulator, booked: list[Any], chance: random.Random) -> None:
    """Couples book, move and give up, while Google errs and workers are killed or sleep past their leases."""
    for number in range(ROUNDS):
        trouble(emulator, chance)
        match chance.randrange(4):
            case 0:
                booked.append(
                    sold.sell(workshop.shop, event_on=couples.in_half_a_year(workshop.shop, plus=30 + number))
                )
            case 1:
                each = booked.pop(0)
                google.cancel(workshop.shop, each)
            case 2:
                each = booked.pop(0)
                shifting.moved(workshop.shop, each, shifting.later(workshop.shop, 60 + number))
            case _:
                # sold and given up before anybody can have told of it
                each = sold.sell(workshop.shop, event_on=couples.in_half_a_year(workshop.shop, plus=90 + number))
                google.cancel(workshop.shop, each)
        victim = chance.choice(workshop.workers[-3:])
        if chance.random() < 0.5:
            victim.kill()
            workshop.start()
        elif victim.exit_code is None:
            victim.tell(signal.SIGSTOP)
            sleep(2.5)  # longer than its lease
            victim.tell(signal.SIGCONT)


def is_quiet(workshop: Workshop) -> bool:
    with database.reading(workshop.shop.id):
        return not database.value(
            "SELECT count(*) FROM outbox WHERE status <> 'done' AND due_at < now() + interval '1 minute'"
            " AND NOT kind = ANY (%s)",
            AT_STRIPE,
        )


@pytest.mark.timeout(400)
def test_events_are_the_confirmed_bookings_however_badly_it_goes(workshop: Workshop, emulator: GoogleEmulator) -> None:
    shop, chance = workshop.shop, random.Random(24)  # noqa: S311  no secret
    workshop.environment["GOOGLE_API_BASE"] = emulator.base_url
    diary = google.connect(emulator, shop)
    booked = [sold.sell(shop, event_on=couples.in_half_a_year(shop, plus=plus)) for plus in range(COUPLES)]
    for _ in range(3):
        workshop.start()
    torment(workshop, emulator, booked, chance)
    emulator.clear_faults()
    eventually(partial(is_quiet, workshop), "an end of it")
    for worker in workshop.workers:
        worker.kill()
    assert google.work(shop, at=time.now() + google.LATER) == []
    assert promises.equal(time.now()) == []
    assert effects.ended(time.now()) == []
    with database.reading(shop.id):
        confirmed = database.value("SELECT count(*) FROM booking WHERE status = 'confirmed'")
    assert len(emulator.events(diary.calendar_id)) == confirmed
