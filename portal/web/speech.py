"""The language of the page that is being made: the tenant's, or English on pages of the platform.

``speak`` is called once the tenant of a request is known. The value is the thread's, so that texts and filters find
it without asking Flask; every request begins by forgetting the one before.
"""

from contextvars import ContextVar

import flask_babel
from flask import Flask, has_request_context

from portal.kernel.errors import PortalError
from portal.tenants.language import CATALOGUES, Language, language

_PLATFORM = language()
_current: ContextVar[Language] = ContextVar("language", default=_PLATFORM)


def current() -> Language:
    """The language of this request."""
    return _current.get()


def speak(name: str, timezone: str) -> None:
    """From here on the request speaks a tenant's language."""
    _current.set(language(name, timezone))
    if has_request_context():
        flask_babel.refresh()


def forget() -> None:
    """Begin a request in the platform's language."""
    _current.set(_PLATFORM)


def gettext(message: str, **params: object) -> str:
    """A text in the language of this request."""
    return current().gettext(message, **params)


def ngettext(singular: str, plural: str, num: int, **params: object) -> str:
    """A text that counts, in the language of this request."""
    return current().ngettext(singular, plural, num, **params)


def sentence(error: PortalError | str) -> str:
    """An error's sentence in the language of this request."""
    return current().error(error)


def _translated(message: str) -> str:
    return current().catalogue.gettext(message)


def _translated_plural(singular: str, plural: str, num: int) -> str:
    return current().catalogue.ngettext(singular, plural, num)


def install(app: Flask) -> None:
    """Give templates ``_()``, ``ngettext()`` and ``{% trans %}``, and Flask-Babel the same language."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(CATALOGUES)
    flask_babel.Babel(
        app,
        configure_jinja=False,
        locale_selector=lambda: current().name,
        timezone_selector=lambda: current().timezone,
    )
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # given by the extension
        gettext=_translated,
        ngettext=_translated_plural,
        newstyle=True,
    )
