"""A booking's coming messages: see one as it would read, leave it out, send it at once, pause them all."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from flask import Response, flash, url_for

from portal.bookings import queries
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Conflict
from portal.messages import coming, steering
from portal.web import htmx, letters, login, speech
from portal.web.dashboard.frame import bp, page


@bp.get("/<slug>/bookings/<reference>/messages/<uuid:coming_id>")
def message_preview(slug: str, reference: str, coming_id: UUID) -> Response:
    """A planned message as it would read on its day."""
    business, role = login.enter(slug)
    found = queries.by_reference(business.id, reference)
    answer = page(
        "dashboard/message_preview.html",
        business,
        role,
        current="bookings",
        booking=found,
        mail=coming.preview(found, coming_id, at=time.now()),
        html_url=url_for(".message_preview_html", slug=slug, reference=reference, coming_id=coming_id),
    )
    return letters.framing(answer)


@bp.get("/<slug>/bookings/<reference>/messages/<uuid:coming_id>/html")
def message_preview_html(slug: str, reference: str, coming_id: UUID) -> Response:
    """Its HTML alone, for the frame."""
    business, _ = login.enter(slug)
    mail = coming.preview(queries.by_reference(business.id, reference), coming_id, at=time.now())
    return letters.framed(mail.html)


@bp.post("/<slug>/bookings/<reference>/messages/<uuid:coming_id>/skip")
def skip_message(slug: str, reference: str, coming_id: UUID) -> Response:
    """Leave it out."""
    done = speech.gettext("This message is left out.")
    return _steer(slug, reference, done, partial(_stop, steering.skip), coming_id)


@bp.post("/<slug>/bookings/<reference>/messages/<uuid:coming_id>/send")
def send_message_now(slug: str, reference: str, coming_id: UUID) -> Response:
    """Send it now."""
    done = speech.gettext("The message is on its way.")
    return _steer(slug, reference, done, steering.send_now, coming_id)


@bp.post("/<slug>/bookings/<reference>/messages/pause")
def pause_messages(slug: str, reference: str) -> Response:
    """Pause them all."""
    return _steer(slug, reference, speech.gettext("The coming messages are paused."), partial(_stop, steering.pause))


@bp.post("/<slug>/bookings/<reference>/messages/resume")
def resume_messages(slug: str, reference: str) -> Response:
    """Go on."""
    return _steer(slug, reference, speech.gettext("The coming messages go on."), steering.resume)


def _stop(verb: Callable[..., int], *which: UUID, user_id: UUID | None, at: datetime) -> None:
    """Stop something, and say so honestly if some of it could not be stopped any more."""
    if leaving := verb(*which, user_id=user_id, at=at):
        flash(
            speech.ngettext(
                "One email was leaving at that moment and could not be stopped.",
                "%(num)s emails were leaving at that moment and could not be stopped.",
                leaving,
            ),
            "warn",
        )


def _steer(slug: str, reference: str, done: str, verb: Callable[..., None], *which: UUID) -> Response:
    """Do it to the booking, and say so on its page; or say why not."""
    business, role = login.enter(slug)
    login.changes(role)
    person = login.who()
    with database.reading(business.id):
        found = queries.by_reference(business.id, reference)
    try:
        verb(business.id, found.id, *which, user_id=person.user_id if person else None, at=time.now())
    except Conflict as error:
        flash(speech.sentence(error), "warn")
    else:
        flash(done, "good")
    return htmx.see_other(url_for(".booking", slug=slug, reference=reference))
