"""One booking: who, when, what was sold, every cent, every mail, and what happened."""

from flask import Response, flash, url_for

from portal import settings
from portal.availability import outside
from portal.bookings import queries, service
from portal.bookings.states import CLAIMS_ITS_DAYS, Actor, BookingStatus
from portal.db import database
from portal.identity import accounts
from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.errors import NotFound
from portal.kernel.text import N_
from portal.lifecycle import cancel, move, terms, undo
from portal.lifecycle.overview import overview
from portal.messages import figures, log, resending, returning, reviews, stopped
from portal.payments.standings import standings
from portal.tenants.queries import TenantView
from portal.web import happenings, htmx, login, speech
from portal.web.dashboard.frame import bp, page

_OWES = CLAIMS_ITS_DAYS - {BookingStatus.CANCELLING}


@bp.get("/bookings/<reference>")
def booking_by_reference(reference: str) -> Response:
    """From a mail, which does not name the business; a rival's reference is as good as an invented one."""
    person, tenant_id = login.who(), queries.tenant_of(reference)
    slug = accounts.slug_for(person.user_id, tenant_id) if person and tenant_id else None
    if slug is None:
        raise NotFound(N_("There is nothing at this address. Please check that you copied all of it."))
    return htmx.see_other(url_for(".booking", slug=slug, reference=reference))


@bp.get("/<slug>/bookings/<reference>")
def booking(slug: str, reference: str) -> Response:
    """Everything about one booking."""
    business, role = login.enter(slug)
    return show(business, role, reference)


def show(
    business: TenantView,
    role: Role,
    reference: str,
    *,
    refund_values: dict[str, str] | None = None,
    refund_errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """The page, also for a form on it that came back. Within the caller's ``reading()``."""
    at = time.now()
    today = business.today(at)
    found = queries.by_reference(business.id, reference)
    known = overview(business.id, found.id)
    language, left_cents = speech.current(), terms.captured_cents(known)
    return page(
        "dashboard/booking.html",
        business,
        role,
        current="bookings",
        status=status,
        booking=found,
        reviews=reviews.in_words(language, found.review_reason),
        standing=standings(business.id, [found.id], today=today).get(found.id),
        price=figures.price_rows(language, found, known, business.tax_label),
        paid=figures.paid_rows(language, known),
        due=figures.due_rows(language, known, today, kept_until=found.kept_until) if found.status in _OWES else [],
        refunds=returning.returns(language, known),
        further_share=returning.further_share(language, found, known),
        left_cents=left_cents,
        may_refund=role.may_change and left_cents > 0 and settings.current().features.refunds,
        refund_values=refund_values or {},
        refund_errors=refund_errors or {},
        can_cancel=cancel.refusal(found, today=today) is None,
        can_move=move.refusal(found, known, today=today, actor=Actor.OWNER) is None,
        waiting=known.move,
        shows_invoices=settings.current().features.invoices,
        can_undo=undo.refusal(found, actor=Actor.OWNER, at=at) is None,
        happenings=happenings.newest_first(known.timeline),
        log=log.of_booking(business.id, found.id),
        stopped=stopped.among(business.id, (found.email, found.second_email)),
        clashes=outside.clashes(business.id, found.id),
        has_reminders=settings.current().features.reminders,
        can_send_link=resending.may_resend(found, business.timezone, at=at),
    )


@bp.post("/<slug>/bookings/<reference>/reviewed")
def end_review(slug: str, reference: str) -> Response:
    """A person has looked into what the booking was flagged for."""
    business, role = login.enter(slug)
    login.changes(role)
    person = login.who()
    with database.reading(business.id):
        found = queries.by_reference(business.id, reference)
    if person is not None:
        service.end_review(business.id, found.id, user_id=person.user_id, at=time.now())
    flash(speech.gettext("Noted. The booking no longer asks for your attention."), "good")
    return htmx.see_other(url_for(".booking", slug=slug, reference=reference))
