"""Settings: the list of all emails to couples, with a word on each and whose words it is written in."""

from flask import Response, url_for

from portal.messages.wording import store
from portal.messages.wording.cases import CASES, Group
from portal.messages.wording.store import Kept
from portal.web import login, speech, wordings
from portal.web.dashboard.frame import bp, page


@bp.get("/<slug>/settings/words")
def words(slug: str) -> Response:
    """All of them, by heading."""
    tenant, role = login.enter(slug)
    kept = store.all_kept(tenant.id, login.user_id())
    return page(
        "dashboard/words.html", tenant, role, current="settings", groups=[_listed(slug, g, kept) for g in Group]
    )


def _listed(slug: str, group: Group, kept: dict[str, Kept]) -> tuple[str, list[dict[str, object]]]:
    entries = [
        {
            "title": speech.gettext(wordings.NAMED[case.key][0]),
            "when": speech.gettext(wordings.NAMED[case.key][1]),
            "url": url_for(".wording", slug=slug, kind=case.key),
            "is_changed": case.key in kept and kept[case.key].used is not None,
            "is_unsaved": case.key in kept and kept[case.key].draft is not None,
        }
        for case in CASES.values()
        if case.group is group
    ]
    return speech.gettext(wordings.GROUPS[group]), entries
