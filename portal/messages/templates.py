"""The templates of mails, in a tenant's language. HTML is escaped, plain text is not; an unknown variable raises."""

import re
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from portal.messages import colours
from portal.tenants.language import Language

_FOLDER = Path(__file__).resolve().parents[2] / "templates" / "emails"
_GAPS = re.compile(r"\n{3,}")
_FILTERS = ("money", "date_long", "date_medium", "datetime_medium")


def html(language: Language, name: str, context: dict[str, object]) -> str:
    """A mail as HTML."""
    return _environment(language).get_template(f"{name}.html").render(context)


def plain(language: Language, name: str, context: dict[str, object]) -> str:
    """A mail as plain text: what conditions left behind is at most one empty line."""
    text = _environment(language).get_template(f"{name}.txt").render(context)
    return _GAPS.sub("\n\n", text).strip() + "\n"


def opening(language: Language, name: str, values: dict[str, object]) -> str:
    """Our own words at the beginning of a mail, as plain text: paragraphs between empty lines."""
    return _environment(language).get_template(f"openings/{name}.txt").render(values)


@lru_cache(maxsize=64)
def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # given by the extension
        gettext=language.catalogue.gettext, ngettext=language.catalogue.ngettext, newstyle=True
    )
    environment.filters.update({name: getattr(language, name) for name in _FILTERS})
    environment.filters["ink_on"] = colours.ink_on
    environment.filters["readable"] = colours.readable_on_white
    environment.globals["locale"] = language.tag
    return environment
