"""Two schedulers at work and a worker killed around the sending: a day's summary comes once, with everything in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.db import database
from portal.devtools.embedded_postgres import Cluster
from portal.kernel import time
from portal.kernel.failpoints import EXIT_CODE
from portal.messages import notices
from portal.messages.notices import Topic, Way
from tests.support import schedulers, world
from tests.support.mailroom import letters
from tests.support.workers import eventually
from tests.support.workshops import IMPATIENT, Workshop

pytestmark = pytest.mark.slow
COUPLES = 3


@pytest.fixture
def workshop(own_database: str, cluster: Cluster, environment: dict[str, str], tmp_path: Path) -> Iterator[Workshop]:
    here = {"DATABASE_URL": cluster.app_url(own_database), "VAR_DIR": str(tmp_path), "REDIS_URL": ""}
    ours = {**environment, **IMPATIENT, **here, "FEATURE_INVOICES_ENABLED": "false"}
    made = Workshop(world.open_shop(), ours, tmp_path)
    yield made
    for worker in made.workers:
        worker.kill()


def summaries(workshop: Workshop) -> list[str]:
    """In which states they are."""
    with database.reading(workshop.shop.id):
        return [row.status for row in database.rows("SELECT status FROM message WHERE kind = 'daily_summary'")]


@pytest.mark.parametrize("step", ["message.before_send", "message.after_send"])
def test_a_days_summary_comes_once_whoever_is_killed(workshop: Workshop, step: str) -> None:
    shop = workshop.shop
    notices.choose(shop.id, dict.fromkeys(Topic, Way.DAILY), at_time="08:00", at=time.now())
    workshop.start()
    workshop.sell(COUPLES)
    eventually(lambda: workshop.is_all_sent(2 * COUPLES), "the mails to the couples")
    workshop.workers[-1].kill()
    with database.writing(shop.id):
        database.execute("UPDATE message SET due_at = now() WHERE kind = 'daily_summary'")
    running = [schedulers.start(workshop.environment) for _ in range(2)]
    try:
        dying = workshop.start(FAILPOINT=step)
        eventually(lambda: dying.exit_code == EXIT_CODE, "the end at the failpoint")
        assert summaries(workshop) == ["due"]
        workshop.start()
        eventually(lambda: summaries(workshop) == ["sent"], "the summary")
    finally:
        for process in running:
            process.kill()
            process.wait()
    (letter,) = [each for each in letters(workshop.folder / "mail") if each.subject.startswith("Your daily summary: ")]
    assert letter.text.count("New booking: ") == COUPLES
