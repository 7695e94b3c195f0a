"""Workers are killed while a Postmark fails: no mail is lost, and its copies are at most the kills and lost answers.

What Postmark tells meanwhile, over HTTP and more than once, is heard.
"""

from collections.abc import Iterator
from functools import partial

import pytest

from portal.db import database
from portal.devtools.postmark_emulator import PostmarkEmulator
from portal.devtools.stripe_emulator.server import Server
from portal.kernel.failpoints import EXIT_CODE
from portal.web.application import Application
from tests.support.postmark import ADDRESS, SECRET
from tests.support.workers import eventually
from tests.support.workshops import Workshop, workshop

__all__ = ["workshop"]
pytestmark = pytest.mark.slow


@pytest.fixture
def postmark(workshop: Workshop) -> Iterator[PostmarkEmulator]:
    with PostmarkEmulator() as emulator:
        workshop.environment["POSTMARK_API_BASE"] = emulator.base_url
        workshop.environment["POSTMARK_SERVER_TOKEN"] = emulator.token
        yield emulator


@pytest.fixture
def listening(app: Application, workshop: Workshop, postmark: PostmarkEmulator) -> Iterator[PostmarkEmulator]:
    """Postmark, and our site where it posts."""
    server = Server("127.0.0.1", 0, app)
    server.start()
    postmark.webhook_url = f"http://postmark:{SECRET}@127.0.0.1:{server.port}{ADDRESS}"
    yield postmark
    server.stop()


def copies(shop: Workshop, emulator: PostmarkEmulator) -> list[int]:
    with database.reading(shop.shop.id):
        found = database.rows("SELECT id FROM message WHERE status <> 'planned'")
    return sorted(len(emulator.copies(row.id)) for row in found)


def test_a_worker_that_dies_before_it_has_recorded_costs_no_copy(
    workshop: Workshop, postmark: PostmarkEmulator
) -> None:
    workshop.sell()
    dying = workshop.start(FAILPOINT="message.after_send")
    eventually(lambda: dying.exit_code == EXIT_CODE, "the end at the failpoint")
    workshop.start()
    eventually(lambda: workshop.is_all_sent(3), "all mails")
    assert copies(workshop, postmark) == [1, 1, 1]


def test_kills_errors_and_lost_answers_lose_no_mail(workshop: Workshop, postmark: PostmarkEmulator) -> None:
    workshop.sell(4)
    postmark.drop_answers("POST", "/email", times=2)
    postmark.fail_next("POST", "/email", times=2, skip=2)
    postmark.fail_next("POST", "/email", status=503, times=2, skip=3, is_after_work=True)
    kills = 0
    for left in (2, 6):
        worker = workshop.start()
        eventually(partial(workshop.has_sent, left), "some mails")
        worker.kill()
        kills += 1
    workshop.start()
    eventually(lambda: workshop.is_all_sent(12), "all mails")
    found = copies(workshop, postmark)
    assert found[0] == 1
    assert sum(found) - 12 <= postmark.answers_lost + kills


def test_what_postmark_tells_is_heard_by_the_next_worker_when_one_dies_over_it(
    workshop: Workshop, listening: PostmarkEmulator
) -> None:
    workshop.sell()
    dying = workshop.start(FAILPOINT="mail_webhook.before_handled")
    eventually(lambda: dying.exit_code == EXIT_CODE, "the end over a delivery")
    workshop.start()
    eventually(lambda: workshop.has_sent(3), "all mails")
    mail = next(each for each in listening.sent if each["Recipient"] == "anna@couple.example")
    bounce = listening.tell(mail["MessageID"], "Bounce")
    assert listening.post(bounce, bounce) == [200, 200]
    eventually(lambda: standing(workshop) == (1, 2, 1), "a stop, two deliveries and a mail that came back")


def standing(shop: Workshop) -> tuple[int, ...]:
    with database.reading(shop.shop.id):
        return (
            database.value("SELECT count(*) FROM stopped_address WHERE is_stopped"),
            database.value("SELECT count(*) FROM message WHERE delivered_at IS NOT NULL AND status = 'sent'"),
            database.value("SELECT count(*) FROM message WHERE status = 'failed' AND bounced_id <> ''"),
        )
