"""A move that was confirmed: done at once, or paid for at Stripe while its new day is kept; or given up after all.

The page that Stripe leads back to is that of every other payment (``paid``); the worker moves the date.
"""

from datetime import date, datetime
from http import HTTPStatus
from uuid import UUID

from flask import Response, flash, url_for

from portal import settings
from portal.bookings.queries import BookingView
from portal.bookings.states import Actor, Purpose
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import DateTaken, Invalid
from portal.kernel.text import N_
from portal.lifecycle import move
from portal.lifecycle.move import NotMovable, ToPay
from portal.lifecycle.overview import overview
from portal.lifecycle.quote import Requoted
from portal.messages import figures
from portal.payments import attempts
from portal.payments.checkouts import NotOpened, Opened, WhyNot
from portal.tenants.queries import TenantView
from portal.web import htmx, limits, speech
from portal.web.couple.frame import bp, onward, own_booking, own_form, refused, stranger, way_back
from portal.web.couple.reschedule import choose, how_it_stands, show, waits
from portal.web.quoting import WHY_NOT

_TRIES = "30/hour"
_RETRY_AFTER = "5"
_ENDED = N_("The time to pay for the new date ran out, so your date is as it was. Nothing was charged.")
_Found = tuple[TenantView, BookingView]


@bp.post("/manage/<reference>/reschedule/<uuid:quote_id>")
def reschedule_confirm(reference: str, quote_id: UUID) -> Response:
    """Yes: do what was shown, or go on to its payment."""
    at = time.now()
    found = own_form(reference, at=at, purpose=Purpose.RESCHEDULE)
    if found is None:
        return refused(reference)
    tenant, booking = found
    limits.hit("payments", str(booking.id), _TRIES, tenant_id=tenant.id)
    try:
        done = move.confirm(
            tenant.id, booking.id, quote_id, actor=Actor.COUPLE, at=at,
            success_url=_here("couple.paid", reference),
            cancel_url=_here("couple.reschedule", reference),
            labels={kind: speech.gettext(words) for kind, words in figures.STAGE_TITLES.items()},
        )  # fmt: skip
    except (NotMovable, DateTaken, Invalid) as error:
        return how_it_stands(reference, at, speech.sentence(error), quote_id=quote_id)
    if isinstance(done, Requoted):
        with database.reading(tenant.id):
            notice = speech.gettext(WHY_NOT[done.why])
            return show(tenant, booking, done.quote, at, notice=notice, status=HTTPStatus.CONFLICT)
    if isinstance(done, ToPay):
        return _go_on(reference, tenant, done.answer, at)
    _say_moved(done.event_on)
    return htmx.see_other(onward(reference))


@bp.post("/manage/<reference>/reschedule/pay")
def reschedule_pay(reference: str) -> Response:
    """On to Stripe's page of a move that waits."""
    at = time.now()
    found = own_form(reference, at=at, purpose=Purpose.RESCHEDULE)
    if found is None:
        return refused(reference)
    tenant, booking = found
    limits.hit("payments", str(booking.id), _TRIES, tenant_id=tenant.id)
    try:
        return _go_on(reference, tenant, move.go_on(tenant.id, booking.id, at=at), at)
    except NotMovable as error:
        return how_it_stands(reference, at, speech.sentence(error))


@bp.post("/manage/<reference>/reschedule/keep")
def reschedule_keep(reference: str) -> Response:
    """Give a move up that waits for its payment; unless the payment was faster."""
    at = time.now()
    found = own_form(reference, at=at, purpose=Purpose.RESCHEDULE)
    if found is None:
        return refused(reference)
    tenant, booking = found
    try:
        is_given_up = move.give_up(tenant.id, booking.id, actor=Actor.COUPLE, at=at)
    except NotMovable as error:
        return how_it_stands(reference, at, speech.sentence(error))
    if is_given_up:
        flash(speech.gettext("Your date stays as it was. Nothing was charged."), "good")
        return htmx.see_other(way_back() or url_for("couple.reschedule", reference=reference))
    flash(speech.gettext("Your payment had arrived already, so your date has moved."), "warn")
    return htmx.see_other(onward(reference))


def _go_on(reference: str, tenant: TenantView, answer: Opened | NotOpened, at: datetime) -> Response:
    """To Stripe's page, to the payment that came, or to the page of the move, which says until when it can be tried."""
    if isinstance(answer, Opened):
        return htmx.see_other(answer.url)
    if answer.reason in {WhyNot.PAID, WhyNot.PROCESSING}:
        with database.reading(tenant.id):
            session = attempts.load(tenant.id, answer.checkout_id).stripe_checkout_session_id
        return htmx.see_other(url_for("couple.paid", reference=reference, session=session))
    with database.reading_by("tenant_id_by_reference", reference):
        found = own_booking(reference, at=at, purpose=Purpose.RESCHEDULE)
        if found is None:
            return stranger(reference)
        waiting = overview(tenant.id, found[1].id).move
        if answer.reason is WhyNot.ENDED or waiting is None:
            return choose(*found, at, sentence=speech.gettext(_ENDED), status=HTTPStatus.CONFLICT)
        page = waits(found[1], waiting, is_stripe_away=True, status=HTTPStatus.SERVICE_UNAVAILABLE)
    page.headers["Retry-After"] = _RETRY_AFTER
    return page


def _say_moved(event_on: date) -> None:
    day = speech.current().date_long(event_on)
    flash(speech.gettext("Your date is now %(day)s. We have written to you.", day=day), "good")


def _here(endpoint: str, reference: str) -> str:
    return settings.current().base_url + url_for(endpoint, reference=reference)
