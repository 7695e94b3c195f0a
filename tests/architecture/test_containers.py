"""Dockerfile and compose.yaml, without Docker: what they say is done, in production mode and not as root."""

import http.client
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis

from portal.devtools import embedded_redis, ports, postgres_server
from portal.devtools.paths import ROOT
from tests.support.containers import USER, Image, compose, context, dockerfile

HOST = "bookings.example.com"
VALUES = {
    "SECRET_KEY": "k" * 64,
    "SECRETS_KEY": f"1:{'k' * 43}=",
    "BASE_URL": f"https://{HOST}",
    "STRIPE_SECRET_KEY": "sk_test_containers",
    "STRIPE_WEBHOOK_SECRET": "whsec_containers",
    "MAIL_FROM": "Aisle <bookings@example.com>",
    "POSTMARK_SERVER_TOKEN": "token",
    "POSTGRES_PASSWORD": "super",
    "OWNER_DATABASE_PASSWORD": "owner",
    "APP_DATABASE_PASSWORD": "application",
}
WITHIN_SECONDS = 60


class Stack:
    """The services of compose.yaml as processes of this machine."""

    def __init__(self, image: Image, top: Path, ending: ExitStack) -> None:
        self.compose = compose(VALUES)
        self.image = image
        self.web_port = ports.free_port()
        self.ending = ending
        program, *options = self.compose["services"]["redis"]["command"]
        assert program == "redis-server"
        self.redis = ending.enter_context(embedded_redis.start(keeping=options))
        self.postgres = postgres_server.open_server(top / "server", durable=False)
        self.postgres.make(VALUES["POSTGRES_PASSWORD"])
        ending.callback(self.postgres.stop)
        self.postgres_port = self.postgres.start(lambda port: self._url("postgres", "super", "postgres", port))

    def _url(self, role: str, password: str, database: str, port: int) -> str:
        return f"postgresql://{role}:{password}@127.0.0.1:{port}/{database}"

    def environment(self, service: str) -> dict[str, str]:
        """Where compose has a service's name, there is a port of this machine here."""
        places = {
            "@postgres:5432": f"@127.0.0.1:{self.postgres_port}",
            "//redis:6379": f"//127.0.0.1:{self.redis.port}",
        }
        settings = {name: str(value) for name, value in self.compose["services"][service]["environment"].items()}
        for there, here in places.items():
            settings = {name: value.replace(there, here) for name, value in settings.items()}
        return self.image.environment(settings) | {"PORT": str(self.web_port)}

    def command(self, service: str) -> list[str]:
        command: list[str] = self.compose["services"][service].get("command") or self.image.final.command("CMD")
        return command

    def run_first_start_script(self) -> None:
        script = self.compose["configs"]["owner"]["content"]
        environment = {
            **self.compose["services"]["postgres"]["environment"],
            "PATH": f"{self.postgres.programs().bin}:/usr/bin:/bin",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.postgres_port),
            "PGPASSWORD": VALUES["POSTGRES_PASSWORD"],
        }
        subprocess.run(["/bin/sh", "-ec", script], env=environment, check=True, capture_output=True)

    def run(self, command: list[str], service: str) -> tuple[int, str]:
        process = self.image.start(command, self.environment(service))
        self.ending.callback(process.kill)
        output, _ = process.communicate(timeout=WITHIN_SECONDS)
        return process.returncode, output

    def start(self, service: str) -> subprocess.Popen[str]:
        process = self.image.start(self.command(service), self.environment(service))
        self.ending.callback(process.kill)
        return process

    def is_healthy(self) -> bool:
        return self.run(self.image.final.command("HEALTHCHECK"), "web")[0] == 0

    def get(self, path: str, host: str = HOST) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.web_port, timeout=20)
        connection.request("GET", path, headers={"Host": host, "X-Forwarded-Proto": "https"})
        return connection.getresponse()

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self._url("postgres", "super", "aisle", self.postgres_port))
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    with tempfile.TemporaryDirectory(prefix="aisle-image-") as name:
        Path(name).chmod(0o755)
        made = Image(Path(name), *dockerfile())
        made.make()
        yield made


@pytest.fixture
def stack(image: Image) -> Iterator[Stack]:
    """All services but web and worker, migrated."""
    with tempfile.TemporaryDirectory(prefix="aisle-stack-") as name, ExitStack() as ending:
        Path(name).chmod(0o755)
        stack = Stack(image, Path(name), ending)
        stack.run_first_start_script()
        code, output = stack.run(stack.command("migrate"), "migrate")
        assert code == 0, output
        yield stack


def wait_until(true: Any, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + WITHIN_SECONDS
    while not true():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail(process.communicate()[0])
        time.sleep(0.1)


def user_of(process: subprocess.Popen[str]) -> int:
    return Path(f"/proc/{process.pid}").stat().st_uid


@pytest.mark.slow
def test_the_commands_of_both_files_work_in_production_mode(stack: Stack) -> None:
    assert (
        stack.query("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname LIKE 'aisle%'") == [(False, False)] * 3
    )
    assert stack.run(stack.command("migrate"), "migrate")[0] == 0

    web, worker = stack.start("web"), stack.start("worker")
    wait_until(stack.is_healthy, web)
    assert (stack.get("/").status, stack.get("/health").status) == (200, 200)
    assert stack.get("/dev/mail").status == 404
    assert stack.get("/", host="evil.example").status == 400
    expected = USER if os.geteuid() == 0 else os.geteuid()
    assert user_of(web) == user_of(worker) == expected != 0
    with redis.Redis(port=stack.redis.port) as queue:
        wait_until(lambda: len(queue.client_list()) > 1, worker)
        assert queue.config_get("appendonly") == {"appendonly": "yes"}
    roles = "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'aisle' AND usename <> 'postgres'"
    wait_until(lambda: stack.query(roles) == [("aisle_app",)], worker)

    for process in (web, worker):
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=WITHIN_SECONDS)
        assert process.returncode == 0, output
        assert "Traceback" not in output


@pytest.mark.slow
@pytest.mark.parametrize("service", ["web", "worker"])
def test_web_and_worker_refuse_to_start_with_the_rights_of_a_superuser(stack: Stack, service: str) -> None:
    stack.query("ALTER ROLE aisle_app SUPERUSER")
    code, output = stack.run(stack.command(service), service)
    assert code != 0
    assert "superuser" in output


def test_the_image_runs_as_a_user_that_is_not_root() -> None:
    final = dockerfile()[-1]
    assert final.last("USER") == f"{USER}:{USER}"
    assert [name for name, _ in final.instructions if name in {"USER", "CMD"}] == ["USER", "CMD"]


def test_the_image_holds_neither_development_tools_nor_secrets() -> None:
    files = context()
    tops = {path.split("/")[0] for path in files}
    assert tops == {"app.py", "pyproject.toml", "uv.lock", "portal", "tasks", "templates", "static", "migrations"}
    assert not [path for path in files if path.startswith("portal/devtools/")]
    for stage in dockerfile():
        assert not [name for name in stage.environment() if re.search("KEY|SECRET|PASSWORD|TOKEN|DATABASE", name)]


def test_each_service_gets_only_the_secrets_it_needs() -> None:
    services = compose(VALUES)["services"]
    assert [name for name, service in services.items() if "owner@" in str(service)] == ["migrate"]
    holders = [name for name, service in services.items() if "super" in str(service.get("environment"))]
    assert holders == ["postgres"]
    for name in ("migrate", "web", "worker"):
        assert (services[name]["read_only"], services[name]["cap_drop"]) == (True, ["ALL"])


def test_web_and_worker_start_after_the_migrations() -> None:
    services = compose(VALUES)["services"]
    for name in ("web", "worker"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", sorted(set(VALUES) - {"POSTMARK_SERVER_TOKEN"}))
def test_compose_refuses_to_start_without_a_required_value(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        compose({key: value for key, value in VALUES.items() if key != name})


def test_the_example_of_settings_names_every_setting() -> None:
    example = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))
    read = set(re.findall(r'(?:text|required|switch|number)\("([A-Z_]+)"', (ROOT / "portal/settings.py").read_text()))
    of_tools = {"APP_ENV", "STRIPE_API_BASE", "POSTMARK_API_BASE", "FAILPOINT", "CLOCK_SHIFT_SECONDS"}
    assert asked | read - of_tools <= example
