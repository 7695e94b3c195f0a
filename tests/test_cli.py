"""The commands of an operator: what they do, and that an expected error is one plain line."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from click.testing import Result

from portal import settings as settings_module
from portal.db import database, outbox
from portal.db.tenancy import platform_scope
from portal.devtools.embedded_postgres import Cluster
from portal.devtools.paths import ROOT
from portal.identity import accounts, sessions
from portal.kernel import time
from portal.kernel.ids import uuid7
from portal.messages import service
from portal.messages.service import Addressed
from portal.messages.states import Audience, MessageKind
from portal.settings import Settings
from portal.web.application import Application
from tests.support import sold
from tests.support.world import Business, open_shop

PASSWORD = "a long enough password"
TENANT = [
    "--name", "Olive & Ash", "--timezone", "Europe/Rome", "--currency", "EUR", "--locale", "fr_FR",
    "--contact-email", "ciao@olive.example", "--resource", "Garden", "--resource", "Hall",
]  # fmt: skip


class Terminal:
    """Types commands."""

    def __init__(self, app: Application) -> None:
        self.runner = app.test_cli_runner()

    def __call__(self, *command: str, typed: str = "") -> Result:
        result: Result = self.runner.invoke(args=command, input=typed)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result


@pytest.fixture
def flask(app: Application) -> Terminal:
    return Terminal(app)


@pytest.fixture
def fresh(cluster: Cluster, connected: Settings) -> Iterator[Settings]:
    """Settings that name a database without any table."""
    name = f"aisle_fresh_{uuid7().hex[-8:]}"
    cluster.create_database(name)
    chosen = replace(connected, database_url=cluster.app_url(name), database_owner_url=cluster.owner_url(name))
    settings_module.install(chosen)
    yield chosen
    settings_module.install(connected)
    cluster.drop_database(name)


def test_migrate_says_what_it_applied_and_then_that_there_is_nothing(flask: Terminal, fresh: Settings) -> None:
    first = flask("migrate")
    assert first.exit_code == 0
    assert "applied 0001_tenants_and_people.sql" in first.output
    assert flask("migrate").output == "The database is up to date.\n"


def test_migrate_without_an_owner_says_which_setting_is_missing(flask: Terminal, connected: Settings) -> None:
    settings_module.install(replace(connected, database_owner_url=""))
    result = flask("migrate")
    settings_module.install(connected)
    assert result.exit_code == 1
    assert result.output == "Error: DATABASE_OWNER_URL must be set: the role that owns the tables\n"


def test_a_real_installations_first_owner_can_log_in(flask: Terminal) -> None:
    slug, email = f"olive-{uuid7().hex[-8:]}", f"anna-{uuid7().hex[-8:]}@olive.example"
    opened = flask("tenant", "create", slug, *TENANT)
    assert opened.output == f"Opened http://localhost/t/{slug}/\n"
    made = flask("user", "create", email, "--name", "Anna", "--tenant", slug, "--password-stdin", typed=f"{PASSWORD}\n")
    assert f"{email} is now owner of {slug}." in made.output
    assert PASSWORD not in made.output
    raw = sessions.log_in(email, PASSWORD, user_agent="", remote_address="", at=time.now())
    assert sessions.find(raw, at=time.now())
    with database.reading_by("tenant_id_by_slug", slug):
        assert [row.name for row in database.rows("SELECT name FROM resource ORDER BY position")] == ["Garden", "Hall"]


def test_a_second_business_of_the_same_person_asks_for_no_password(
    flask: Terminal, shop: Business, rival: Business
) -> None:
    email = f"anna-{uuid7().hex[-8:]}@olive.example"
    flask("user", "create", email, "--tenant", shop.slug, typed=f"Anna\n{PASSWORD}\n{PASSWORD}\n")
    result = flask("user", "create", email, "--tenant", rival.slug, "--role", "viewer")
    assert f"{email} is now viewer of {rival.slug}." in result.output
    user_id = accounts.user_id_by_email(email)
    assert user_id
    assert {slug for slug, _ in accounts.tenants_of(user_id)} == {shop.slug, rival.slug}


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["tenant", "create", "Not A Slug", *TENANT], "slug"),
        (["tenant", "create", "olive-2", *TENANT, "--timezone", "Mars/Olympus"], "timezone"),
        (["tenant", "create", "olive-2", *TENANT, "--commission-percent", "much"], "no percentage"),
        (["user", "create", "a@b.example", "--tenant", "no-such-shop"], "There is no business called no-such-shop."),
        (["outbox", "retry"], "Name one effect"),
        (["outbox", "retry", str(uuid7())], "This effect is done, being carried out, or unknown."),
        (["outbox", "retry", "nonsense"], "not a valid UUID"),
        (["webhook", "retry", str(uuid7())], "not waiting for a retry"),
        (["message", "retry", str(uuid7())], "There is no such message."),
        (["check", "P99"], "No such promise: P99"),
    ],
)
def test_a_mistake_is_told_plainly(flask: Terminal, command: list[str], says: str) -> None:
    result = flask(*command)
    assert result.exit_code in {1, 2}
    assert says in result.output
    assert "Traceback" not in result.output


def test_a_slug_in_use_is_told_plainly(flask: Terminal, shop: Business) -> None:
    result = flask("tenant", "create", shop.slug, *TENANT)
    assert result.output == "Error: Another business has this address already.\n"


def test_a_weak_password_is_refused_and_no_account_made(flask: Terminal) -> None:
    email = f"weak-{uuid7().hex[-8:]}@olive.example"
    result = flask("user", "create", email, "--name", "W", "--password-stdin", typed="short\n")
    assert result.exit_code == 1
    assert "10 to 200 characters" in result.output
    assert accounts.user_id_by_email(email) is None


def test_what_is_dead_is_listed_first_and_comes_back_by_retry(flask: Terminal, own_database: str) -> None:
    assert flask("outbox", "list").output == "Nothing is owed.\n"
    with database.writing(), platform_scope(reason="a test"):
        waiting = outbox.owe("account.reset_mail", uuid7())
        dead = outbox.owe("account.reset_mail", uuid7())
        database.execute("UPDATE outbox SET status = 'dead', last_error = 'no route', attempts = 9 WHERE id = %s", dead)
    lines = flask("outbox", "list").output.splitlines()
    assert lines[0].startswith(f"{dead}  dead ")
    assert lines[0].endswith("attempts 9  no route")
    assert lines[1].startswith(f"{waiting}  due ")
    assert lines[2] == "2 not done."
    assert flask("outbox", "retry", "--all-dead").output == "1 due now.\n"
    assert flask("outbox", "list", "--status", "dead").output == "Nothing is owed.\n"
    assert flask("outbox", "retry", str(waiting)).output == "1 due now.\n"


def test_mails_that_failed_are_listed_and_leave_once_more(flask: Terminal, own_database: str) -> None:
    assert flask("message", "list").output == "No message has failed.\n"
    shop = open_shop()
    booking = sold.sell(shop)
    to = [Addressed("anna@couple.example", Audience.COUPLE)]
    (owed,) = service.owe(shop.id, booking.booking_id, MessageKind.CONFIRMATION, slot="s", to=to, at=time.now())
    assert flask("message", "list").output == "No message has failed.\n"
    service.record_failed(shop.id, owed, failure="inactive recipient")
    first, last = flask("message", "list").output.splitlines()
    assert first.startswith(f"{owed}  confirmation ")
    assert f"{booking.reference}  anna@couple.example" in first
    assert first.endswith("inactive recipient")
    assert last == "1 failed."
    assert flask("message", "retry", str(owed)).output == "It leaves as soon as a worker has time.\n"
    assert "has not failed" in flask("message", "retry", str(owed)).output


def test_webhooks_that_are_not_handled_are_listed(flask: Terminal, own_database: str) -> None:
    assert flask("webhook", "list").output == "Every event is handled.\n"
    event = uuid7()
    with database.writing(), platform_scope(reason="a test"):
        database.execute(
            "INSERT INTO webhook_event (id, provider, event_id, type, status, last_error, created_at, received_at)"
            " VALUES (%s, 'stripe', 'evt_1', 'charge.refunded', 'dead', 'gone', now(), now())",
            event,
        )
    assert "charge.refunded" in flask("webhook", "list").output
    assert flask("webhook", "retry", str(event)).exit_code == 0
    assert f"{event}  pending" in flask("webhook", "list").output


def test_the_promises_hold_on_an_empty_database(flask: Terminal, own_database: str) -> None:
    result = flask("check", "P1", "P3")
    assert (result.exit_code, result.output) == (0, "P1   holds\nP3   holds\n")


def run(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env={**clean, **environment}, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_settings_that_are_missing_are_told_without_a_traceback(environment: dict[str, str]) -> None:
    result = run({**environment, "SECRET_KEY": ""}, "-m", "flask", "--app", "app", "outbox", "list")
    assert result.returncode == 3
    assert "- SECRET_KEY must be set" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_a_server_that_logs_in_as_a_superuser_refuses_to_start(environment: dict[str, str], cluster: Cluster) -> None:
    changed = {
        "APP_ENV": "production",
        "BASE_URL": "https://book.example",
        "STRIPE_API_BASE": "",
        "GOOGLE_API_BASE": "",
        "SECRETS_KEY": f"1:{'A' * 43}=",
        "SMTP_URL": "smtp://localhost",
        "MAIL_FROM": "a@book.example",
        "DATABASE_URL": cluster.superuser_url,
        "WEB_CONCURRENCY": "1",  # gunicorn stumbles over two that refuse in the same moment
    }
    server = ["-m", "gunicorn", "app:app", "--config", "python:portal.gunicorn", "--bind", "127.0.0.1:0"]
    result = run({**environment, **changed}, *server)
    assert result.returncode == 3
    assert "must not log in as a superuser" in result.stderr
    assert "Traceback" not in result.stderr
    allowed = run({**environment, **changed, "DATABASE_URL": environment["DATABASE_URL"]}, "-c", "import app")
    assert (allowed.returncode, allowed.stderr) == (0, "")
