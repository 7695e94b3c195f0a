"""What a couple has changed, in words: for the timeline, and for the mail that tells the business."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.bookings.queries import TimelineEntry
from portal.kernel.text import N_
from portal.tenants.language import Language

KINDS = {"details_changed", "email_changed", "add_ons_changed"}
_LABELS = {
    "first_partner": N_("First partner"),
    "second_partner": N_("Second partner"),
    "phone": N_("Phone"),
    "venue": N_("Venue"),
    "guest_count": N_("Guests"),
    "notes": N_("Notes"),
    "email": N_("Email"),
    "second_email": N_("Second email"),
}
_PAIR = 2


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing, before and after; both are empty where there was or is nothing."""

    label: str
    before: str
    after: str


def of_entry(language: Language, entry: TimelineEntry) -> list[Changed]:
    """What a row of the timeline tells of; nothing when it tells of no change of details."""
    changes = entry.details.get("changes")
    if entry.kind not in KINDS or not isinstance(changes, Mapping):
        return []
    return [
        Changed(_label(language, name), _text(language, pair[0]), _text(language, pair[1]))
        for name, pair in changes.items()
        if isinstance(pair, list) and len(pair) == _PAIR
    ]


def in_a_line(language: Language, entry: TimelineEntry) -> str:
    """The same as one line; of long texts it says only that they changed."""
    said = []
    for each in of_entry(language, entry):
        if "\n" in each.before + each.after or each.label == language.gettext(_LABELS["notes"]):
            said.append(each.label)
        else:
            said.append(f"{each.label}: {each.before or '–'} → {each.after or '–'}")
    return " · ".join(said)


def _label(language: Language, name: str) -> str:
    """A field's name; an add-on is called what it was sold as."""
    return language.gettext(_LABELS[name]) if name in _LABELS else name


def _text(language: Language, value: object) -> str:
    if value is None:
        return ""
    return language.number(value) if isinstance(value, int) else str(value)
