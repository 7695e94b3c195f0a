"""What a program of this checkout needs around it in development: a database, secrets, addresses.

`services()` starts or joins the embedded PostgreSQL, brings it up to the migrations and gives the environment
for child processes. A variable that the developer has set wins over every default here, so a real PostgreSQL,
real Stripe test keys or another mail server can be used by setting them.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import token_hex

from portal.db.migrate import migrate
from portal.devtools import embedded_postgres, paths
from portal.devtools.ports import LOOPBACK, preferred_port

DATABASE = "aisle"
WEB_PORT, EMULATOR_PORT = 8000, 8400
EMULATOR_KEY = "sk_test_emulator"  # any key of test mode is right for the emulator


@dataclass(frozen=True)
class Ports:
    """Where things listen. The emulator's is kept: open payment pages have it in their address."""

    web: int
    emulator: int

    @classmethod
    def choose(cls) -> "Ports":
        ports = cls(preferred_port(cls.wanted()), preferred_port(cls.stored().emulator))
        _ports_file().write_text(json.dumps(asdict(ports)))
        return ports

    @staticmethod
    def wanted() -> int:
        return int(os.environ.get("PORT") or WEB_PORT)

    @classmethod
    def stored(cls) -> "Ports":
        """Those of the last `make run`."""
        try:
            return cls(**json.loads(_ports_file().read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return cls(WEB_PORT, EMULATOR_PORT)


def uses_emulator() -> bool:
    return not os.environ.get("STRIPE_SECRET_KEY")


def emulator_url(ports: Ports) -> str:
    return f"http://{LOOPBACK}:{ports.emulator}"


@contextmanager
def services(ports: Ports) -> Iterator[dict[str, str]]:
    """The environment for child processes; for as long as the block lasts its database is there."""
    environment = {**_defaults(ports), **{name: value for name, value in os.environ.items() if value}}
    environment["PORT"] = str(ports.web)
    cluster = None
    if not environment.get("DATABASE_URL"):
        cluster = embedded_postgres.start(embedded_postgres.DEVELOPMENT, durable=True)
        cluster.create_database(DATABASE)
        environment["DATABASE_URL"] = cluster.app_url(DATABASE)
        environment["DATABASE_OWNER_URL"] = cluster.owner_url(DATABASE)
    try:
        if owner_url := environment.get("DATABASE_OWNER_URL"):
            for name in migrate(owner_url, environment["DATABASE_URL"]):
                print(f"Applied {name}", flush=True)
        yield environment
    finally:
        if cluster:
            cluster.stop()


def _defaults(ports: Ports) -> dict[str, str]:
    var = paths.var_dir()
    defaults = {
        "APP_ENV": "development",
        "BASE_URL": f"http://localhost:{ports.web}",
        "PYTHONUNBUFFERED": "1",
        "SECRET_KEY": _kept_secret(var / "secret_key"),
        "VAR_DIR": str(var),
    }
    if uses_emulator():
        defaults["STRIPE_SECRET_KEY"] = EMULATOR_KEY
        defaults["STRIPE_API_BASE"] = emulator_url(ports)
        # Stripe signs events of the platform and of connected accounts with different secrets.
        secrets = (f"whsec_{_kept_secret(var / name)}" for name in ("webhook_secret", "connect_webhook_secret"))
        defaults["STRIPE_WEBHOOK_SECRET"] = ",".join(secrets)
    return defaults


def _kept_secret(path: Path) -> str:
    """Made once, so that sessions and links in mails survive a restart."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(token_hex(32))
    return path.read_text()


def _ports_file() -> Path:
    folder = paths.var_dir() / "run"
    folder.mkdir(exist_ok=True)
    return folder / "ports.json"
