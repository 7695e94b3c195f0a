"""The business cancels a booking: with the refund of the terms or with more, seen before it is confirmed.

It takes back any cancellation within its time, also one that the couple asked for on the telephone.
"""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from flask import Response, flash, request, url_for

from portal.bookings import queries, quotes
from portal.bookings.queries import BookingView
from portal.bookings.quotes import Quote
from portal.bookings.states import Actor
from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.errors import Invalid
from portal.kernel.text import N_
from portal.lifecycle import cancel, terms, undo
from portal.lifecycle.cancel import NotCancellable
from portal.lifecycle.overview import overview
from portal.lifecycle.quote import Requoted
from portal.lifecycle.undo import NotUndoable
from portal.messages import returning
from portal.tenants.queries import TenantView
from portal.web import htmx, login, speech
from portal.web.dashboard.frame import bp, page
from portal.web.forms import amounts
from portal.web.forms.reading import single
from portal.web.quoting import WHY_NOT, is_open, shown_quote, ticked

_CHOICES = ("terms", "all", "amount")


@bp.get("/<slug>/bookings/<reference>/cancel")
def cancel_form(slug: str, reference: str) -> Response:
    """How much goes back, and why."""
    business, role = login.enter(slug)
    return _ask(business, role, queries.by_reference(business.id, reference))


@bp.post("/<slug>/bookings/<reference>/cancel")
def cancel_see(slug: str, reference: str) -> Response:
    """Keep the figures, and lead to the page that shows them."""
    at = time.now()
    business, role, booking, user_id = _enter(slug, reference)
    values = {name: single(request.form, name) for name in ("refund", "amount", "reason")}
    try:
        cents = _wanted(business, booking, values)
        quote = cancel.see(
            business.id, booking.id, actor=Actor.OWNER, user_id=user_id, refund_cents=cents, reason=values["reason"],
            at=at,
        )  # fmt: skip
    except NotCancellable as error:
        return _back(slug, reference, error)
    except Invalid as error:
        with database.reading(business.id):
            return _ask(business, role, booking, values=values, error=error)
    return htmx.see_other(url_for(".cancel_shown", slug=slug, reference=reference, quote_id=quote.id))


@bp.get("/<slug>/bookings/<reference>/cancel/<uuid:quote_id>")
def cancel_shown(slug: str, reference: str, quote_id: UUID) -> Response:
    """The figures, and the form that confirms them."""
    business, role = login.enter(slug)
    booking = queries.by_reference(business.id, reference)
    quote = shown_quote(business.id, booking.id, quote_id)
    if not is_open(quote, Actor.OWNER, time.now()):
        return _ask(business, role, booking)
    return _show(business, role, booking, quote)


@bp.post("/<slug>/bookings/<reference>/cancel/<uuid:quote_id>")
def cancel_confirm(slug: str, reference: str, quote_id: UUID) -> Response:
    """Yes: do what was shown."""
    at = time.now()
    business, role, booking, user_id = _enter(slug, reference)
    try:
        ticked(single(request.form, "is_sure"))
        done = cancel.confirm(business.id, booking.id, quote_id, actor=Actor.OWNER, user_id=user_id, at=at)
    except NotCancellable as error:
        return _back(slug, reference, error)
    except Invalid as error:
        return _once_more(business, role, booking, quote_id, error)
    if isinstance(done, Requoted):
        with database.reading(business.id):
            notice = speech.gettext(WHY_NOT[done.why])
            return _show(business, role, booking, done.quote, notice=notice, status=HTTPStatus.CONFLICT)
    flash(_said(done), "good")
    return htmx.see_other(url_for(".booking", slug=slug, reference=reference))


@bp.post("/<slug>/bookings/<reference>/undo")
def cancel_undo(slug: str, reference: str) -> Response:
    """Take a cancellation back."""
    business, _, booking, user_id = _enter(slug, reference)
    try:
        undo.undo(business.id, booking.id, actor=Actor.OWNER, user_id=user_id, at=time.now())
    except NotUndoable as error:
        return _back(slug, reference, error)
    flash(speech.gettext("The cancellation was taken back. The couple gets a mail."), "good")
    return htmx.see_other(url_for(".booking", slug=slug, reference=reference))


def _enter(slug: str, reference: str) -> tuple[TenantView, Role, BookingView, UUID | None]:
    """Who wants to change which booking."""
    business, role = login.enter(slug)
    login.changes(role)
    person = login.who()
    with database.reading(business.id):
        return business, role, queries.by_reference(business.id, reference), person.user_id if person else None


def _said(done: cancel.Confirmed) -> str:
    if not done.can_be_undone:
        return speech.gettext("The booking is cancelled. The couple gets a mail, and the refund is on its way.")
    until = speech.current().datetime_medium(done.undo_until)
    return speech.gettext("The booking is being cancelled. You can take it back until %(time)s.", time=until)


def _back(slug: str, reference: str, error: NotCancellable | NotUndoable) -> Response:
    """The booking's page shows how it stands; the sentence says why nothing was done."""
    flash(speech.sentence(error), "warn")
    return htmx.see_other(url_for(".booking", slug=slug, reference=reference))


def _wanted(business: TenantView, booking: BookingView, values: dict[str, str]) -> int | None:
    """The amount that was asked for; None for what the terms give."""
    if values["refund"] not in _CHOICES:
        text = N_("Please choose how much goes back.")
        raise Invalid(text, {"refund": text})
    if values["refund"] == "terms":
        return None
    if values["refund"] == "all":
        with database.reading(business.id):
            return terms.captured_cents(overview(business.id, booking.id))
    try:
        return amounts.cents(values["amount"], booking.currency, speech.current())
    except Invalid as error:
        raise Invalid(error.message, {"amount": error}, **error.params) from error


def _ask(
    business: TenantView,
    role: Role,
    booking: BookingView,
    *,
    values: dict[str, str] | None = None,
    error: Invalid | None = None,
) -> Response:
    at: datetime = time.now()
    refused = cancel.refusal(booking, today=business.today(at))
    account = overview(business.id, booking.id)
    figures = terms.refund_of(booking, account, zone=business.timezone, at=at).figures
    return page(
        "dashboard/cancel.html",
        business,
        role,
        current="bookings",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        booking=booking,
        refusal=speech.sentence(refused) if refused else "",
        terms_cents=figures.refund_cents,
        left_cents=figures.captured_cents,
        values=values or {"refund": "terms"},
        errors={name: speech.sentence(each) for name, each in error.fields.items()} if error else {},
    )


def _once_more(business: TenantView, role: Role, booking: BookingView, quote_id: UUID, error: Invalid) -> Response:
    """The same figures with what is missing, or the form again when they are old or no longer possible."""
    with database.reading(business.id):
        quote = quotes.load(business.id, booking.id, quote_id)
        if "is_sure" not in error.fields or quote is None or not is_open(quote, Actor.OWNER, time.now()):
            return _ask(business, role, booking, error=error)
        errors = {name: speech.sentence(each) for name, each in error.fields.items()}
        return _show(business, role, booking, quote, errors=errors, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _show(
    business: TenantView,
    role: Role,
    booking: BookingView,
    quote: Quote,
    *,
    errors: dict[str, str] | None = None,
    notice: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    language, minutes, account = speech.current(), quote.result["undo_minutes"], overview(business.id, booking.id)
    return page(
        "dashboard/cancel_shown.html",
        business,
        role,
        current="bookings",
        status=status,
        booking=booking,
        quote=quote,
        sums=returning.sums(language, quote, account),
        parts=returning.parts(language, quote, account),
        undo_time=returning.while_(language, minutes) if minutes else "",
        errors=errors or {},
        notice=notice,
    )
