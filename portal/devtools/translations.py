"""`python -m portal.devtools.translations`: gathers every marked text and brings the catalogues up to it.

Marked are `_()`, `gettext()`, `ngettext()` and `N_()` in code, the same and `{% trans %}` in templates. New texts
arrive empty in the `.po` files, texts that nobody uses leave, and the `.mo` files that the site reads are made anew;
both are kept with the code, so that running the site needs no build step.
"""

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from portal.devtools.paths import ROOT
from portal.tenants.language import CATALOGUES

LOCALES = ("fr",)
_KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
_HEAD = """msgid ""
msgstr ""
"Project-Id-Version: Aisle\\n"
"Language: {locale}\\n"
"Plural-Forms: {plural_forms}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_JINJA = {"silent": "false", "trimmed": "true"}


def marked() -> Catalog:
    """Every text that can be shown, as the source has it now."""
    found = Catalog(project="Aisle", charset="utf-8")
    for path in sources():
        method, options = ("jinja2.ext:babel_extract", _JINJA) if path.suffix != ".py" else ("python", {})
        where = path.relative_to(ROOT).as_posix()
        with path.open("rb") as file:
            for line, texts, comments, context in extract(method, file, _KEYWORDS, ["Translators:"], options):
                found.add(texts, locations=[(where, line)], auto_comments=comments, context=context)
    return found


def sources() -> Iterator[Path]:
    """Code and templates, in a steady order."""
    for folder, pattern in (("portal", "*.py"), ("tasks", "*.py"), ("templates", "*.*")):
        for path in sorted((ROOT / folder).rglob(pattern)):
            if "devtools" not in path.parts and path.is_file():
                yield path


def po_path(locale: str) -> Path:
    """Where people translate."""
    return CATALOGUES / locale / "LC_MESSAGES" / "messages.po"


def read(locale: str) -> Catalog:
    """A catalogue as it is; an empty one where there is none yet."""
    path = po_path(locale)
    if not path.exists():
        return Catalog(locale=locale, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def missing(catalogue: Catalog) -> list[Message]:
    """Texts without a whole translation."""
    found = []
    for message in catalogue:
        words = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if message.id and (message.fuzzy or not all(words)):
            found.append(message)
    return found


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as the site reads it."""
    sink = io.BytesIO()
    # Nothing in it says when or by whom: the same texts are the same bytes.
    catalogue.creation_date = catalogue.revision_date = _EPOCH
    catalogue.last_translator = catalogue.language_team = catalogue.msgid_bugs_address = "Aisle"
    catalogue.fuzzy = False
    write_mo(sink, catalogue)
    return sink.getvalue()


def update(locale: str) -> Catalog:
    """Bring a catalogue up to the marked texts and write both of its files."""
    before = read(locale)
    # A new one with the old words: what a catalogue says about itself (names, dates) would change with every run.
    catalogue = Catalog(locale=locale, charset="utf-8")
    for message in marked():
        if message.id:
            kept = before.get(message.id, message.context)
            catalogue.add(message.id, kept.string if kept else None, context=message.context, flags=message.flags)
    path = po_path(locale)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(_HEAD.format(locale=locale, plural_forms=catalogue.plural_forms).encode())
        write_po(file, catalogue, width=110, sort_output=True, no_location=True, omit_header=True)
    path.with_suffix(".mo").write_bytes(compiled(read(locale)))
    return catalogue


def main() -> int:
    """Update all, and say what still has to be translated."""
    is_whole = True
    for locale in LOCALES:
        lacking = missing(update(locale))
        is_whole = is_whole and not lacking
        print(f"{locale}: {len(lacking)} texts without a translation")
        for message in lacking:
            print(f"  {message.id!r}")
    return 0 if is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
