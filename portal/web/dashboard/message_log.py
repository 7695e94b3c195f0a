"""The messages of the business: search, filters, pages by key, and the addresses that are written to no more.

A mail that failed is sent once more from here, whatever it is about.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from portal import settings
from portal.kernel import time
from portal.kernel.errors import Conflict, Invalid
from portal.kernel.ids import is_reference
from portal.messages import failed, listing, stopped
from portal.messages.listing import Cursor, Filters, Shown
from portal.messages.states import MessageKind
from portal.web import htmx, login, speech, words
from portal.web.dashboard.frame import bp, page

_LONGEST_SEARCH = 200
NAMES = ("q", "kind", "shown")


@bp.get("/<slug>/messages")
def messages(slug: str) -> Response:
    """A page of the list."""
    tenant, role = login.enter(slug)
    asked = _asked(request.args)
    found = listing.listing(tenant.id, _filters(asked), after=_cursor())
    return page(
        "dashboard/messages.html",
        tenant,
        role,
        current="messages",
        values=asked,
        kinds=_kinds(),
        shown=_shown(),
        found=found,
        stopped=stopped.listed(tenant.id),
        previous_url=_address(slug, asked) if "after" in request.args else None,
        next_url=_address(slug, asked, found.next) if found.next else None,
        is_filtered=any(asked.values()),
        has_reminders=settings.current().features.reminders,
    )


@bp.post("/<slug>/messages/<uuid:message_id>/retry")
def send_one_again(slug: str, message_id: UUID) -> Response:
    """Make a failed one due now; a second press, or somebody else's, changes nothing."""
    tenant, role = login.enter(slug)
    login.changes(role)
    try:
        failed.retry_one(tenant.id, message_id, at=time.now())
    except Conflict as error:
        flash(speech.sentence(error), "warn")
    else:
        flash(speech.gettext("The email is sent once more."), "good")
    return htmx.see_other(_address(slug, _asked(request.args)))


@bp.post("/<slug>/messages/addresses/<uuid:stopped_id>/works")
def address_works(slug: str, stopped_id: UUID) -> Response:
    """An address takes mail again, says the business."""
    tenant, role = login.enter(slug)
    login.changes(role)
    person = login.who()
    try:
        email = stopped.works(tenant.id, stopped_id, user_id=person.user_id if person else None, at=time.now())
    except Conflict as error:
        flash(speech.sentence(error), "warn")
    else:
        again = speech.gettext("Emails go to %(email)s again. What has failed can be sent once more.", email=email)
        flash(again, "good")
    reference = request.args.get("booking", "")
    return htmx.see_other(
        url_for(".booking", slug=slug, reference=reference) if is_reference(reference) else _address(slug, _asked({}))
    )


def _asked(given: Mapping[str, str]) -> dict[str, str]:
    """The filters of an address or a form; what is none of ours counts as not given."""
    values = {each: given.get(each, "").strip()[:_LONGEST_SEARCH] for each in NAMES}
    values["kind"] = values["kind"] if values["kind"] in set(MessageKind) else ""
    values["shown"] = values["shown"] if values["shown"] in set(Shown) else ""
    return values


def _filters(asked: Mapping[str, str]) -> Filters:
    return Filters(
        search=asked["q"],
        kind=MessageKind(asked["kind"]) if asked["kind"] else None,
        shown=Shown(asked["shown"]) if asked["shown"] else None,
    )


def _cursor() -> Cursor | None:
    try:
        return Cursor.parse(request.args["after"]) if "after" in request.args else None
    except Invalid:
        return None


def _address(slug: str, asked: Mapping[str, str], after: Cursor | None = None) -> str:
    given: dict[str, Any] = {each: text for each, text in asked.items() if text}
    return url_for(".messages", slug=slug, after=after, **given)


def _kinds() -> list[tuple[str, str]]:
    named = sorted((speech.gettext(word), kind) for kind, word in words.MESSAGE.items())
    return [("", speech.gettext("All messages")), *((kind, word) for word, kind in named)]


def _shown() -> list[tuple[str, str]]:
    return [
        ("", speech.gettext("All so far")),
        (Shown.SENT.value, speech.gettext("Sent")),
        (Shown.FAILED.value, speech.gettext("Failed")),
        (Shown.ON_ITS_WAY.value, speech.gettext("On its way")),
        (Shown.COMING.value, speech.gettext("To come")),
        (Shown.SKIPPED.value, speech.gettext("Not sent")),
    ]
