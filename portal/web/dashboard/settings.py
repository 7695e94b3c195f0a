"""Settings: the one list of all pages on which a business sets something, in groups, each with a line about it.

A settings page is found from here and from nowhere else: whoever adds one adds its row to ``_GROUPS``.
"""

from dataclasses import dataclass

from flask import Response, url_for

from portal import settings
from portal.kernel.text import N_
from portal.web import login, speech
from portal.web.dashboard.frame import bp, page


@dataclass(frozen=True, slots=True)
class _Entry:
    """A page: its endpoint in this blueprint, its name, what it is for, and the feature without which it is hidden."""

    endpoint: str
    title: str
    about: str
    feature: str = ""


_GROUPS: list[tuple[str, list[_Entry]]] = [
    (
        N_("Bookings"),
        [
            _Entry(
                "terms",
                N_("Cancelling and moving"),
                N_("What goes back when a couple cancels, and what a move costs, for all packages or a single one."),
            ),
            _Entry(
                "undo_time",
                N_("Time to take a cancellation back"),
                N_("How long a cancellation can be undone before the date is free and money moves."),
            ),
            _Entry(
                "courtesy",
                N_("Keeping a date without paying"),
                N_("For how many days couples may keep a date while they make up their minds."),
            ),
            _Entry(
                "details_cutoff",
                N_("Changes by the couple"),
                N_("Until when couples change their add-ons themselves."),
            ),
        ],
    ),
    (
        N_("Money"),
        [
            _Entry("taxes", N_("Taxes"), N_("How your prices are taxed, and at which rates.")),
            _Entry(
                "invoice_settings",
                N_("Settings of invoices"),
                N_("Your name, address, logo and texts on invoices, and when they are issued."),
                feature="invoices",
            ),
        ],
    ),
    (
        N_("Messages"),
        [
            _Entry("notices", N_("Notices to you"), N_("What you hear of at once, and what once a day.")),
            _Entry("words", N_("Emails to couples"), N_("The words they are written in. Make them your own.")),
            _Entry("reminders", N_("Reminders"), N_("What couples get before and after their day, and when.")),
            _Entry(
                "free_dates",
                N_("Your free Saturdays"),
                N_("A mail to you once a week with the Saturdays that are still free."),
            ),
        ],
    ),
    (
        N_("Calendars"),
        [
            _Entry(
                "calendars",
                N_("Calendars elsewhere"),
                N_("Your bookings in your own calendar, and days that are taken elsewhere blocked here."),
            ),
        ],
    ),
]


@bp.get("/<slug>/settings")
def settings_index(slug: str) -> Response:
    """All of them."""
    tenant, role = login.enter(slug)
    return page("dashboard/settings.html", tenant, role, current="settings", groups=_groups(slug))


def _groups(slug: str) -> list[tuple[str, list[dict[str, str]]]]:
    features = settings.current().features
    shown = [
        (
            speech.gettext(heading),
            [
                {
                    "title": speech.gettext(each.title),
                    "about": speech.gettext(each.about),
                    "url": url_for(f".{each.endpoint}", slug=slug),
                }
                for each in entries
                if not each.feature or getattr(features, each.feature)
            ],
        )
        for heading, entries in _GROUPS
    ]
    return [(heading, entries) for heading, entries in shown if entries]
