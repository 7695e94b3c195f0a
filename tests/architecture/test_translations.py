"""Every text has its French, with the same placeholders, and no text escapes the catalogue."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from jinja2 import Environment

from portal.devtools import translations
from portal.devtools.paths import ROOT
from portal.kernel import errors
from portal.tenants.language import language

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|%[a-z]")
MARKS = {"_", "N_", "gettext", "ngettext"}
ERRORS = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)}
CODE = sorted((ROOT / "portal").rglob("*.py"))
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.*") if "dev" not in path.parts)


def words(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple | list) else [str(message.string)]


def ids(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, tuple | list) else [str(message.id)]


@pytest.mark.parametrize("locale", translations.LOCALES)
def test_every_text_has_its_translation(locale: str) -> None:
    catalogue = translations.read(locale)
    known = {message.id for message in catalogue}
    absent = [message.id for message in translations.marked() if message.id and message.id not in known]
    assert absent == [], "run: python -m portal.devtools.translations"
    assert [message.id for message in translations.missing(catalogue)] == []


@pytest.mark.parametrize("locale", translations.LOCALES)
def test_nothing_is_translated_that_nobody_shows(locale: str) -> None:
    shown = {message.id for message in translations.marked()}
    assert [message.id for message in translations.read(locale) if message.id not in shown] == []


@pytest.mark.parametrize("locale", translations.LOCALES)
def test_a_translation_fills_in_the_same_values(locale: str) -> None:
    for message in translations.read(locale):
        if message.id:
            allowed = {found for source in ids(message) for found in PLACEHOLDER.findall(source)}
            for translated in words(message):
                assert set(PLACEHOLDER.findall(translated)) <= allowed, message.id
            assert set(PLACEHOLDER.findall(words(message)[-1])) == set(PLACEHOLDER.findall(ids(message)[-1])), (
                message.id
            )


@pytest.mark.parametrize("locale", translations.LOCALES)
def test_what_the_site_reads_is_what_was_translated(locale: str) -> None:
    kept = translations.po_path(locale).with_suffix(".mo").read_bytes()
    assert kept == translations.compiled(translations.read(locale)), "run: python -m portal.devtools.translations"


def test_french_is_french() -> None:
    assert language("fr_FR").gettext("Packages") != "Packages" or language("fr_FR").gettext("Add-ons") != "Add-ons"
    assert language("fr_CA").gettext("Add-ons") == language("fr_FR").gettext("Add-ons")
    assert language("en_GB").gettext("Add-ons") == "Add-ons"


def test_a_missing_translation_is_noticed() -> None:
    catalogue = translations.read("fr")
    before = len(translations.missing(catalogue))
    catalogue.add("A text that nobody translated")
    catalogue.add(("%(num)d thing", "%(num)d things"), ("%(num)d chose", ""))
    catalogue.add("A text that a machine guessed", "Un texte deviné", flags=["fuzzy"])
    assert len(translations.missing(catalogue)) - before == 3


LOOSE = re.compile(
    r"['\"]|\.\.\."  # straight quotation marks, dots
    r"|[^\s\d][:;!?](?![/\w])"  # high punctuation without its space
    r"|[ ][:;!?»€%]"  # a space at which the line may break
    r"|«(?!\u00a0)|(?<!\u00a0)»"
)
FRENCH = {
    r"packages?": "formule",
    r"add-ons?": "option",
    r"deposits?": "acompte",
    r"the rest": "solde",
    r"guests?": "invité",
    r"refund(s|ed)?": "rembours",
    r"bookings?": "réserv",
    r"business(es)?": "entreprise|métiers|professionnels",
    r"couples?": "couple",
    r"held|on hold": "gard",
    r"blackout dates?|closed dates?": "dates? fermées?",
    r"owner": "propriétaire",
    r"terms": "conditions",
}


def translated_to_french() -> Iterator[tuple[str, str]]:
    for message in translations.read("fr"):
        if message.id:
            yield from zip(ids(message), words(message), strict=True)


def test_french_is_set_as_french_is() -> None:
    assert [french for _, french in translated_to_french() if LOOSE.search(PLACEHOLDER.sub("x", french))] == []


def test_french_has_one_word_for_each_of_ours() -> None:
    others = [
        french
        for english, french in translated_to_french()
        for term, word in FRENCH.items()
        if re.search(rf"\b({term})\b", PLACEHOLDER.sub("", english), re.IGNORECASE)
        and not re.search(word, french, re.IGNORECASE)
    ]
    assert others == []


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            yield name, node


def where(path: Path, node: ast.Call) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno}"


def test_a_marked_text_is_not_inside_an_f_string() -> None:
    """There extraction does not look."""
    hidden = [
        where(path, node)
        for path in CODE
        for outer in ast.walk(ast.parse(path.read_text()))
        if isinstance(outer, ast.JoinedStr)
        for node in ast.walk(outer)
        if isinstance(node, ast.Call) and (getattr(node.func, "id", "") or getattr(node.func, "attr", "")) in MARKS
        if node.args and isinstance(node.args[0], ast.Constant)
    ]
    assert hidden == []


class Words(HTMLParser):
    """What a template says in its own words: between tags, and in the attributes that people hear or see."""

    SEEN = frozenset({"alt", "title", "aria-label", "placeholder"})
    NOT_WORDS = re.compile(r"\bAisle\b|[\w-]+=\"[^\"]*\"")  # our name, and attributes that a macro makes

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent = tag if tag in {"style", "script"} else ""
        for name, value in attrs:
            if name in self.SEEN and value:
                self.handle_data(value)

    def handle_endtag(self, tag: str) -> None:
        self._silent = "" if tag == self._silent else self._silent

    def handle_data(self, data: str) -> None:
        text = self.NOT_WORDS.sub("", data).strip()
        if not self._silent and re.search(r"[^\W\d_]{2,}", text):
            self.found.append(text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_a_template_says_nothing_in_plain_english(path: Path) -> None:
    listener = Words()
    source = re.sub(r"{% block body_class %}.*?{% endblock %}", "", path.read_text())
    stands_for = {"variable_begin": "0", "block_begin": " "}
    tokens = Environment(autoescape=True).lex(source)
    listener.feed("".join(text if kind == "data" else stands_for.get(kind, "") for _, kind, text in tokens))
    listener.close()
    assert listener.found == []


def test_a_marked_text_is_written_out_where_it_is_marked() -> None:
    """A composed one would not be found by extraction."""
    composed = [
        where(path, node)
        for path in CODE
        for name, node in calls(path)
        if name in {"_", "N_"} and node.args and not isinstance(node.args[0], ast.Constant)
    ]
    assert composed == []


def test_an_errors_sentence_is_marked() -> None:
    unmarked = [
        where(path, node)
        for path in CODE
        if "devtools" not in path.parts
        for name, node in calls(path)
        if name in ERRORS and node.args and isinstance(node.args[0], ast.Constant | ast.JoinedStr)
    ]
    assert unmarked == []
