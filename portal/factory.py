"""How a process becomes Aisle: ``connect`` for everything that works with the database, ``create_app`` for the web.

Both read as a list of named steps. Nothing below imports this module.
"""

from importlib import import_module
from pkgutil import iter_modules

from flask import Blueprint

from portal import settings as settings_module
from portal.db import database
from portal.kernel import failpoints, time
from portal.settings import Settings
from portal.web import assets, csrf, errors, filters, htmx, speech, tenant
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


def connect(settings: Settings) -> None:
    """Everything a process needs before it calls a service: settings, clock, database."""
    settings_module.install(settings)
    time.shift(settings.clock_shift)
    failpoints.arm(settings.failpoint or None)
    database.configure(settings.database_url)


def create_app(settings: Settings) -> Application:
    """The web application."""
    connect(settings)
    app = Application("portal", template_folder="../templates", static_folder=None)
    app.config.update(SECRET_KEY=settings.secret_key, TESTING=settings.app_env == "test")
    speech.install(app)
    filters.install(app)
    assets.install(app, is_watched=settings.app_env == "development")
    tenant.install(app)
    errors.install(app)
    _register_pages(app)
    csrf.install(app)
    app.after_request(htmx.vary)
    return app


def _register_pages(app: Application) -> None:
    for blueprint in _blueprints():
        app.register_blueprint(blueprint)


def _blueprints() -> list[Blueprint]:
    found: dict[str, Blueprint] = {}
    for folder in PAGES:
        package = import_module(folder)
        for module in iter_modules(package.__path__, f"{folder}."):
            blueprint = getattr(import_module(module.name), "bp", None)
            if isinstance(blueprint, Blueprint):
                found[blueprint.name] = blueprint
    return list(found.values())
