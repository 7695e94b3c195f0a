"""Typed settings, read once from the environment. A missing or weak required setting refuses to start.

``NAME_FILE`` may hold any secret instead of ``NAME``. Production refuses development tools: the emulator's
address, a shifted clock, a failpoint.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from portal.kernel import rings

GOOGLE = "https://www.googleapis.com"
ENVIRONMENTS = ("development", "test", "production")
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
_SHORTEST_SECRET = 32
# It stands in the address of a webhook, as a password.
_POSTMARK_SECRET = re.compile(r"[A-Za-z0-9_-]{24,}", re.ASCII)
_STREAM = re.compile(r"[a-z][a-z0-9-]{0,29}", re.ASCII)


class SettingsError(Exception):
    """The environment does not allow a start; the text names the setting and what it must be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between installations."""

    app_env: str
    secret_key: str
    secrets_ring: rings.Ring
    database_url: str
    database_owner_url: str
    base_url: str
    redis_url: str
    stripe_secret_key: str
    stripe_webhook_secrets: tuple[str, ...]
    stripe_api_base: str
    postmark_server_token: str
    postmark: "Postmark"
    google_api_base: str
    smtp_url: str
    mail_from: str
    features: "Features"
    sentry_dsn: str
    metrics_token: str
    trusted_proxies: int
    port: int
    var_dir: Path
    failpoint: str
    clock_shift: timedelta

    @property
    def is_production(self) -> bool:
        """Whether real couples and money are at stake."""
        return self.app_env == "production"

    @property
    def uses_https(self) -> bool:
        """Whether browsers reach us over TLS; decides the ``Secure`` and ``__Host-`` marks of cookies."""
        return self.base_url.startswith("https://")

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and check all settings. Raises SettingsError with every fault in one text."""
        return _Reader(environ).settings()


@dataclass(frozen=True, slots=True)
class Postmark:
    """How mails travel through Postmark; ``api_base`` is for development and tests."""

    stream: str = "outbound"
    broadcast_stream: str = ""
    webhook_secrets: tuple[str, ...] = ()
    api_base: str = ""


@dataclass(frozen=True, slots=True)
class Features:
    """Switches of the installation; bookings that exist keep what they have."""

    deposits: bool = True
    refunds: bool = True
    invoices: bool = True
    reminders: bool = True


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.faults: list[str] = []
        self.app_env = environ.get("APP_ENV", "production")
        if self.app_env not in ENVIRONMENTS:
            self.faults.append(f"APP_ENV must be one of {', '.join(ENVIRONMENTS)}")
        self.is_production = self.app_env == "production"

    def settings(self) -> Settings:
        base_url = self.text("BASE_URL", "http://localhost:8000").rstrip("/")
        settings = Settings(
            app_env=self.app_env,
            secret_key=self.secret_key(),
            secrets_ring=self.secrets_ring(),
            database_url=self.required("DATABASE_URL"),
            database_owner_url=self.text("DATABASE_OWNER_URL"),
            base_url=base_url,
            redis_url=self.text("REDIS_URL"),
            stripe_secret_key=self.required("STRIPE_SECRET_KEY"),
            stripe_webhook_secrets=self.webhook_secrets(),
            stripe_api_base=self.text("STRIPE_API_BASE").rstrip("/"),
            postmark_server_token=self.text("POSTMARK_SERVER_TOKEN"),
            postmark=self.postmark(),
            google_api_base=self.text("GOOGLE_API_BASE", GOOGLE).rstrip("/"),
            smtp_url=self.text("SMTP_URL"),
            mail_from=self.text("MAIL_FROM", "Aisle <bookings@localhost>"),
            features=self.features(),
            sentry_dsn=self.text("SENTRY_DSN"),
            metrics_token=self.text("METRICS_TOKEN"),
            trusted_proxies=self.number("TRUSTED_PROXIES", 0),
            port=self.number("PORT", 8000),
            var_dir=Path(self.text("VAR_DIR", "var")),
            failpoint=self.text("FAILPOINT"),
            clock_shift=timedelta(seconds=self.number("CLOCK_SHIFT_SECONDS", 0)),
        )
        self.check_production(settings)
        if self.faults:
            raise SettingsError("Aisle cannot start:\n- " + "\n- ".join(self.faults))
        return settings

    def check_production(self, settings: Settings) -> None:
        if not self.is_production:
            return
        if urlsplit(settings.base_url).scheme != "https":
            self.faults.append("BASE_URL must be the public https:// address")
        if not (settings.postmark_server_token or settings.smtp_url):
            self.faults.append("POSTMARK_SERVER_TOKEN or SMTP_URL must be set, or no mail leaves")
        if not self.text("MAIL_FROM"):
            self.faults.append("MAIL_FROM must be set")
        if settings.stripe_api_base:
            self.faults.append("STRIPE_API_BASE is for development and tests only")
        if settings.google_api_base != GOOGLE:
            self.faults.append("GOOGLE_API_BASE is for development and tests only")
        if settings.failpoint or settings.clock_shift:
            self.faults.append("FAILPOINT and CLOCK_SHIFT_SECONDS are for development and tests only")

    def text(self, name: str, default: str = "") -> str:
        path = self.environ.get(f"{name}_FILE")
        if path:
            try:
                return Path(path).read_text("utf-8").strip()
            except OSError as error:
                self.faults.append(f"{name}_FILE cannot be read: {error.strerror}")
        return self.environ.get(name, "").strip() or default

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            self.faults.append(f"{name} must be set")
        return value

    def secret_key(self) -> str:
        value = self.required("SECRET_KEY")
        if value and len(value) < _SHORTEST_SECRET:
            self.faults.append(f"SECRET_KEY must have at least {_SHORTEST_SECRET} characters")
        return value

    def secrets_ring(self) -> rings.Ring:
        """Outside of production it may follow from ``SECRET_KEY``."""
        text = self.required("SECRETS_KEY") if self.is_production else self.text("SECRETS_KEY")
        try:
            return rings.parse(text) if text else rings.derived(self.text("SECRET_KEY"))
        except ValueError as error:
            self.faults.append(f"SECRETS_KEY cannot be used: {error}")
            return rings.derived("")

    def webhook_secrets(self) -> tuple[str, ...]:
        secrets = tuple(part.strip() for part in self.required("STRIPE_WEBHOOK_SECRET").split(",") if part.strip())
        is_well_formed = all(secret.startswith("whsec_") and secret != "whsec_" for secret in secrets)  # noqa: S105
        if not secrets or not is_well_formed:
            self.faults.append("STRIPE_WEBHOOK_SECRET must be one or several secrets (whsec_…), separated by commas")
        return secrets

    def postmark(self) -> Postmark:
        secrets = tuple(part.strip() for part in self.text("POSTMARK_WEBHOOK_SECRET").split(",") if part.strip())
        if not all(_POSTMARK_SECRET.fullmatch(secret) for secret in secrets):
            self.faults.append(
                "POSTMARK_WEBHOOK_SECRET must be one or several secrets, separated by commas, each of at least"
                " 24 letters, digits, - or _"
            )
        chosen = Postmark(
            stream=self.text("POSTMARK_STREAM", "outbound"),
            broadcast_stream=self.text("POSTMARK_BROADCAST_STREAM"),
            webhook_secrets=secrets,
            api_base=self.text("POSTMARK_API_BASE").rstrip("/"),
        )
        if not all(_STREAM.fullmatch(stream) for stream in (chosen.stream, chosen.broadcast_stream or "none")):
            self.faults.append("POSTMARK_STREAM and POSTMARK_BROADCAST_STREAM must be IDs of message streams")
        if chosen.api_base and self.is_production:
            self.faults.append("POSTMARK_API_BASE is for development and tests only")
        return chosen

    def features(self) -> Features:
        return Features(
            deposits=self.switch("FEATURE_DEPOSITS_ENABLED"),
            refunds=self.switch("FEATURE_REFUNDS_ENABLED"),
            invoices=self.switch("FEATURE_INVOICES_ENABLED"),
            reminders=self.switch("FEATURE_REMINDERS_ENABLED"),
        )

    def switch(self, name: str) -> bool:
        value = self.text(name, "true").lower()
        if value not in _TRUE | _FALSE:
            self.faults.append(f"{name} must be true or false")
        return value in _TRUE

    def number(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        try:
            return int(value)
        except ValueError:
            self.faults.append(f"{name} must be a whole number")
            return default


_current: list[Settings] = []


def install(settings: Settings) -> None:
    """Make these the settings of the process."""
    _current[:] = [settings]


def current() -> Settings:
    """The settings of the process."""
    if not _current:
        msg = "settings were not installed: create_app() or connect() does it"
        raise RuntimeError(msg)
    return _current[0]
