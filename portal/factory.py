"""How a process becomes Aisle: ``connect`` for everything that works with the database, ``create_app`` for the web.

Both read as a list of named steps. Nothing below imports this module.
"""

from importlib import import_module
from pkgutil import iter_modules
from time import sleep

from click import Command, Context
from flask import Blueprint
from flask.cli import AppGroup
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import settings as settings_module
from portal.db import database
from portal.kernel import failpoints, time
from portal.kernel.errors import Unavailable
from portal.messages import delivery
from portal.payments import gateway, stripe_gateway
from portal.settings import Settings, SettingsError
from portal.web import (
    assets,
    cache,
    cookies,
    csrf,
    errors,
    filters,
    guard,
    headers,
    login,
    logs,
    metrics,
    sentry,
    speech,
    tenant,
    words,
)
from portal.web.application import Application

# Folders of pages: each module in them that has a blueprint is a page or a small group of pages.
PAGES = (
    "portal.web.platform",
    "portal.web.storefront",
    "portal.web.couple",
    "portal.web.account",
    "portal.web.dashboard",
    "portal.web.hooks",
)
_START_TRIES = 20


class Commands(AppGroup):
    """The commands of ``portal.cli``, which a web process does not load."""

    def list_commands(self, ctx: Context) -> list[str]:
        """Their names."""
        self._load()
        return super().list_commands(ctx)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """One of them."""
        self._load()
        return super().get_command(ctx, cmd_name)

    def _load(self) -> None:
        for command in import_module("portal.cli").COMMANDS:
            self.add_command(command)


def connect(settings: Settings) -> None:
    """Everything a process needs before it calls a service."""
    settings_module.install(settings)
    logs.configure(settings)
    sentry.install(settings)
    time.shift(settings.clock_shift)
    failpoints.arm(settings.failpoint or None)
    database.configure(settings.database_url)
    gateway.install(stripe_gateway.from_settings(settings))
    delivery.install(delivery.channel_for(settings))


def refuse_powerful_role() -> None:
    """Row-level security means nothing to a superuser: in production such a process does not start.

    A database that is not there yet is waited for, a third of a minute at most. Raises SettingsError.
    """
    if not settings_module.current().is_production:
        return
    for _ in range(_START_TRIES):
        try:
            with database.reading():
                is_powerful = database.value(
                    "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
                )
        except Unavailable:
            sleep(1)
            continue
        if is_powerful:
            raise SettingsError("Aisle cannot start:\n- DATABASE_URL must not log in as a superuser or with BYPASSRLS")
        return
    raise SettingsError("Aisle cannot start:\n- the database at DATABASE_URL does not answer")


def create_app(settings: Settings) -> Application:
    """The web application."""
    connect(settings)
    app = Application("portal", template_folder="../templates", static_folder=None)
    app.config.update(SECRET_KEY=settings.secret_key, TESTING=settings.app_env == "test")
    app.config["TEMPLATES_AUTO_RELOAD"] = is_watched = settings.app_env == "development"
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    # In this order before a view, and in the opposite order after it.
    logs.install(app, settings)
    metrics.install(app)
    guard.install(app, settings)
    headers.install(app, settings)
    cookies.install(app)
    csrf.install(app)
    login.install(app)
    tenant.install(app)
    speech.install(app)
    filters.install(app)
    words.install(app)
    assets.install(app, is_watched=is_watched)
    cache.install(app, is_watched=is_watched)
    errors.install(app)
    _register_pages(app)
    if not settings.is_production:
        app.register_blueprint(import_module("portal.devtools.mailbox").bp)
    app.cli = Commands()
    return app


def _register_pages(app: Application) -> None:
    for blueprint in _blueprints():
        app.register_blueprint(blueprint)
        if blueprint.name in csrf.EXEMPT:
            csrf.exempt(app, blueprint)


def _blueprints() -> list[Blueprint]:
    found: dict[str, Blueprint] = {}
    for folder in PAGES:
        package = import_module(folder)
        for module in iter_modules(package.__path__, f"{folder}."):
            blueprint = getattr(import_module(module.name), "bp", None)
            if isinstance(blueprint, Blueprint):
                found[blueprint.name] = blueprint
    return list(found.values())
