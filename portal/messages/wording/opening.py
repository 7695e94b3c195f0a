"""How a mail begins: its subject and first paragraphs, in the words of the business or in ours.

HTML and plain text are made of the same. What must stand in a mail (figures, what happens to date and money, buttons,
links) is no part of it and stays ours.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from portal.messages import templates
from portal.messages.wording import fields
from portal.messages.wording.cases import CASES
from portal.messages.wording.store import Wording
from portal.tenants.language import Language

log = logging.getLogger("aisle.messages")


@dataclass(frozen=True, slots=True)
class Opening:
    """The beginning as it is read."""

    subject: str
    paragraphs: list[str]


@dataclass(frozen=True, slots=True)
class Situation:
    """Which case a mail is, and what its fields stand for; in a subject some are shorter."""

    key: str
    values: Mapping[str, str]
    in_subject: Mapping[str, str]  # the same, but short
    count: int = 1  # of what it speaks of, where that may be several


def opening(language: Language, subject: str, situation: Situation, own: Mapping[str, Wording]) -> Opening:
    """The beginning of a mail; ``subject`` is our own one, filled in."""
    words = own.get(situation.key)
    if words is not None:
        try:
            text = fields.fill(words.body, situation.values)
            return Opening(fields.fill(words.subject, situation.in_subject), fields.paragraphs(text))
        except KeyError:  # kept when there was such a field; what couples read must never be broken
            log.warning("the words of a business for %s name an unknown field", situation.key)
    return Opening(subject, ours(language, situation))


def ours(language: Language, situation: Situation) -> list[str]:
    """The first paragraphs in our words."""
    text = templates.opening(language, situation.key, {**situation.values, "count": situation.count})
    return fields.paragraphs(text)


def original(language: Language, key: str, subject: str) -> Wording:
    """Our words with their fields as a business writes them; ``subject`` is ours with ``%(name)s`` in it."""
    named = {name: f"{{{name}}}" for name in fields.FIELDS}
    values = {name: named[name] for name in CASES[key].fields}
    body = "\n\n".join(ours(language, Situation(key, values, values)))
    return Wording(language.gettext(subject, **named), body)
