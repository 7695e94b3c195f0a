"""The language of the page that is being made: the tenant's; where there is none, the one that the browser asks for.

``speak`` is called once the tenant of a request is known. The value is the thread's, so that texts and filters find
it without asking Flask; every request begins with ``listen``, which forgets the one before.
"""

from contextvars import ContextVar
from functools import lru_cache

import flask_babel
from flask import Flask, has_request_context
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from portal.kernel.errors import PortalError
from portal.tenants.language import CATALOGUES, Language, language

_PLATFORM = language()
# What the platform's own pages can be read in: a couple that mistyped a link has no tenant yet, but a language.
_SPOKEN = {"en": _PLATFORM, "fr": language("fr_FR")}
_LONGEST_HEADER = 200
_current: ContextVar[Language] = ContextVar("language", default=_PLATFORM)


def current() -> Language:
    """The language of this request."""
    return _current.get()


def speak(name: str, timezone: str) -> None:
    """From here on the request speaks a tenant's language."""
    _current.set(language(name, timezone))
    if has_request_context():
        flask_babel.refresh()


def listen(accepted: str) -> None:
    """Begin a request in the language that its ``Accept-Language`` prefers, or in English."""
    _current.set(_preferred(accepted) if 0 < len(accepted) <= _LONGEST_HEADER else _PLATFORM)


@lru_cache(maxsize=256)
def _preferred(accepted: str) -> Language:
    return _SPOKEN[parse_accept_header(accepted, LanguageAccept).best_match(_SPOKEN, "en")]


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
