"""A worker that is killed, stopped, paused or cut off from its queue loses no mail, and repeats none without need."""

import signal
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from functools import partial

import pytest
from redis import Redis

from portal.devtools import embedded_redis
from portal.devtools.embedded_redis import RedisServer
from portal.devtools.ports import free_port
from portal.kernel.failpoints import EXIT_CODE
from tests.support import mail_servers
from tests.support.mail_servers import SmtpServer
from tests.support.workers import eventually
from tests.support.workshops import Workshop, workshop

__all__ = ["workshop"]

pytestmark = pytest.mark.slow


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with embedded_redis.start() as server:
        yield server


@pytest.fixture
def smtp(workshop: Workshop) -> Iterator[SmtpServer]:
    with mail_servers.smtp() as server:
        workshop.environment["SMTP_URL"] = server.url
        yield server


@pytest.mark.parametrize("step", ["message.before_send", "message.after_send"])
@pytest.mark.parametrize("queue", ["redis", "postgresql"])
def test_killed_around_the_sending_another_worker_finishes(
    workshop: Workshop, redis: RedisServer, step: str, queue: str
) -> None:
    workshop.environment["REDIS_URL"] = redis.url if queue == "redis" else ""
    workshop.sell()
    dying = workshop.start(FAILPOINT=step)
    eventually(lambda: dying.exit_code == EXIT_CODE, "the end at the failpoint")
    assert not workshop.is_all_sent(3)
    workshop.start()
    eventually(lambda: workshop.is_all_sent(3), "all mails")
    assert len(workshop.mails()) == 3


def test_killed_again_and_again_everything_is_done_in_the_end(workshop: Workshop, redis: RedisServer) -> None:
    workshop.environment["REDIS_URL"] = redis.url
    workshop.sell(6)
    for left in (2, 8, 14):
        worker = workshop.start()
        eventually(partial(workshop.has_sent, left), "some mails")
        worker.kill()
    workshop.start()
    eventually(lambda: workshop.is_all_sent(18), "all mails")
    assert len(workshop.mails()) == 18


def test_asked_to_stop_it_finishes_what_it_is_doing(workshop: Workshop, smtp: SmtpServer) -> None:
    smtp.mood = "slow"
    workshop.sell()
    worker = workshop.start()
    eventually(lambda: smtp.talking, "a mail on its way")
    worker.tell(signal.SIGTERM)
    eventually(lambda: worker.exit_code == 0, "the worker's end")
    assert "leased" not in {row.status for row in workshop.effects()}
    assert workshop.messages()["sent"] == len(smtp.received)
    smtp.mood = "fine"
    workshop.start()
    eventually(lambda: workshop.is_all_sent(3), "all mails")
    assert len(smtp.received) == 3


def test_two_workers_share_the_work_and_do_nothing_twice(workshop: Workshop, smtp: SmtpServer) -> None:
    for _ in range(2):
        workshop.start()
    workshop.sell(5)
    eventually(lambda: workshop.is_all_sent(15), "all mails")
    ids = Counter(message_from_bytes(raw)["Message-ID"] for raw in smtp.received)
    assert len(ids) == 15
    assert set(ids.values()) == {1}
    assert {row.attempts for row in workshop.effects()} == {1}


def test_paused_past_its_lease_it_wakes_to_find_that_its_result_does_not_count(
    workshop: Workshop, smtp: SmtpServer
) -> None:
    smtp.mood = "slow"
    workshop.sell()
    sleeper = workshop.start(PACE_SWEEP_EVERY="600")
    eventually(lambda: smtp.talking, "a mail on its way")
    sleeper.tell(signal.SIGSTOP)
    smtp.mood = "fine"
    workshop.start(PACE_LEASE="60")  # its own must not run out too, however slow the machine
    eventually(lambda: workshop.is_all_sent(3), "all mails")
    sleeper.tell(signal.SIGCONT)
    eventually(lambda: sleeper.says("was taken over meanwhile"), "the late result's refusal")
    assert workshop.is_all_sent(3)
    ids = Counter(message_from_bytes(raw)["Message-ID"] for raw in smtp.received)
    assert len(ids) == 3
    assert max(ids.values()) <= 2


def test_a_flushed_redis_loses_nothing(workshop: Workshop, redis: RedisServer) -> None:
    workshop.environment["REDIS_URL"] = redis.url
    workshop.start()
    workshop.sell(3)
    Redis.from_url(redis.url).flushall()
    eventually(lambda: workshop.is_all_sent(9), "all mails")


def test_without_its_redis_a_worker_goes_on_and_finds_it_again(workshop: Workshop) -> None:
    with embedded_redis.start() as server:
        workshop.environment["REDIS_URL"] = server.url
        workshop.start()
        server.kill()
        workshop.sell()
        eventually(lambda: workshop.is_all_sent(3), "all mails without Redis")
        server.start()
        workshop.sell(2)
        eventually(lambda: workshop.is_all_sent(9), "all mails with Redis again")


def test_a_mail_server_that_comes_back_gets_everything_that_waited(workshop: Workshop, smtp: SmtpServer) -> None:
    workshop.environment["SMTP_URL"] = f"smtp://127.0.0.1:{free_port()}"
    first = workshop.start()
    workshop.sell(2)
    eventually(lambda: any(row.kind == "message.send" and row.attempts > 1 for row in workshop.effects()), "tries")
    first.kill()
    workshop.environment["SMTP_URL"] = smtp.url
    workshop.start()
    eventually(lambda: workshop.is_all_sent(6), "all mails")
    assert len(smtp.received) == 6
