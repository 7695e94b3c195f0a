"""The couple's page: their day, what was paid and what is due, and everything that happened, for as long as it matters.

``calendar.ics`` beside it puts the day into their calendar. Six statements a page, whatever was booked.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

from flask import Response, request, url_for

from portal.bookings.addresses import clean_address
from portal.bookings.queries import BookingView
from portal.bookings.states import Actor, BookingStatus, Purpose
from portal.calendars import ics
from portal.kernel import time
from portal.kernel.errors import PortalError
from portal.lifecycle import address, cancel, move, pay, undo
from portal.lifecycle.overview import Overview, overview
from portal.messages import composing, figures, requests, returning
from portal.messages import terms as wording
from portal.messages.terms import Words
from portal.tenants.queries import TenantView
from portal.web import happenings, htmx, limits, speech
from portal.web.couple import invoices
from portal.web.couple.frame import bp, own_booking, shared_page, stranger
from portal.web.forms.reading import single
from portal.web.render import render
from portal.web.storefront.find_booking import PER_ADDRESS, PER_SENDER

_OWES = {BookingStatus.HELD, BookingStatus.CONFIRMED, BookingStatus.COMPLETED}


@bp.get("/manage/<reference>")
def manage(reference: str) -> Response:
    """The booking, to a browser that holds its link."""
    at = time.now()
    found = own_booking(reference, at=at)
    if found is None:
        elsewhere = shared_page(reference, at=at)
        return htmx.see_other(elsewhere) if elsewhere else stranger(reference, is_sent="sent" in request.args)
    tenant, booking = found
    account, language = overview(tenant.id, booking.id), speech.current()
    today = tenant.today(at)
    is_payable = booking.status in _OWES
    # Money on its way keeps the date beyond that time.
    kept_until = None if account.is_money_on_its_way else booking.kept_until
    return render(
        "couple/manage.html",
        booking=booking,
        last_on=booking.event_on + timedelta(days=booking.days - 1),
        standing=_standing(booking, account, at),
        held_until=booking.hold_expires_at,
        pay_now=[stage for stage in account.open_stages if stage.due_on <= today],
        can_pay_more=any(stage.due_on > today for stage in account.open_stages),
        price=figures.price_rows(language, booking, account, tenant.tax_label),
        paid=figures.paid_rows(language, account),
        due=figures.due_rows(language, account, today, kept_until=kept_until) if is_payable else [],
        pay_url=url_for("couple.pay", reference=reference) if _can_pay(booking, account) else "",
        is_money_on_its_way=account.is_money_on_its_way,
        details_url="" if address.refusal(booking) else url_for("couple.details", reference=reference),
        words=_words(booking, account, at),
        refunds=returning.returns(language, account),
        documents=invoices.listed(tenant.id, booking),
        is_by_hand=returning.is_by_hand(booking, account),
        further_share=_further_share(booking, account),
        cancel_url="" if cancel.refusal(booking, today=today) else url_for("couple.cancel_start", reference=reference),
        waiting=account.move,
        move_url=url_for("couple.reschedule", reference=reference) if _can_move(booking, account, today) else "",
        can_undo=undo.refusal(booking, actor=Actor.COUPLE, at=at) is None,
        # Who did it matters to the business; the couple was there.
        happenings=[replace(each, actor="") for each in happenings.newest_first(account.timeline)],
        calendar_url=f"{request.path}/calendar.ics",
        links_url=url_for("couple.own_links", reference=reference),
        onward_url=_onward_url(tenant, booking),
    )


@bp.post("/manage/<reference>")
def send_link(reference: str) -> Response:
    """A stranger asks for the link: the same answer and the same work for any reference and any address."""
    typed = single(request.form, "email")
    try:
        address = clean_address(typed)
        limits.hit("find-booking-from", limits.sender(), PER_SENDER)
        limits.hit("find-booking", address.lower(), PER_ADDRESS)
    except PortalError as error:
        status = 422 if error.code == "invalid" else 429
        field = "email" if error.code == "invalid" else ""
        return stranger(reference, values={"email": typed}, errors={field: speech.sentence(error)}, status=status)
    requests.request_links_of_reference(reference, address)
    return htmx.see_other(url_for("couple.manage", reference=reference, sent=1))


@bp.get("/manage/<reference>/calendar.ics")
def calendar(reference: str) -> Response:
    """The booking as a calendar file."""
    at = time.now()
    found = own_booking(reference, at=at, purpose=Purpose.LOOK)
    if found is None:
        return stranger(reference)
    tenant, booking = found
    content = ics.calendar(composing.calendar_entry(speech.current(), booking, tenant.name), at=at)
    answer = Response(content, content_type=ics.CONTENT_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{composing.CALENDAR_NAME}"'
    return answer


def _further_share(booking: BookingView, account: Overview) -> str:
    """What a couple that gives its date up may still hope for, or nothing."""
    is_given_up = booking.status in {BookingStatus.CANCELLING, BookingStatus.CANCELLED}
    return returning.further_share(speech.current(), booking, account) if is_given_up else ""


def _can_pay(booking: BookingView, account: Overview) -> bool:
    """Whether something is open of a booking that stands, and no move waits for its own payment first."""
    stands = booking.status in {BookingStatus.CONFIRMED, BookingStatus.COMPLETED}
    return stands and bool(account.open_stages) and not account.move


def _can_move(booking: BookingView, account: Overview, today: date) -> bool:
    return move.refusal(booking, account, today=today, actor=Actor.COUPLE) is None


def _words(booking: BookingView, account: Overview, at: datetime) -> Words | None:
    """The terms, for as long as there is something to cancel or move."""
    if booking.status is not BookingStatus.CONFIRMED:
        return None
    return wording.of_booking(speech.current(), booking, account, at=at)


def _standing(booking: BookingView, account: Overview, at: datetime) -> str:
    """How the page greets: the booking's state, told with its money where that says more."""
    if booking.status is BookingStatus.HELD and account.is_money_on_its_way:
        return "processing"
    if booking.status is BookingStatus.EXPIRED and account.refunds:
        return "returned"
    if booking.kept_until is not None:  # a moment after its end it is as good as free
        return "kept" if pay.is_kept(booking, at) else "expired"
    if booking.status is BookingStatus.CANCELLED and booking.confirmed_at is None:
        return "released"
    return booking.status.value


def _onward_url(tenant: TenantView, booking: BookingView) -> str:
    """Where a booking that is not sold goes on: to the payment of a hold, or to the form once more."""
    if booking.status is BookingStatus.HELD and not booking.is_courtesy:
        return url_for("booking.held", slug=tenant.slug, reference=booking.reference)
    if booking.status in {BookingStatus.HELD, BookingStatus.EXPIRED, BookingStatus.CANCELLED}:
        return url_for("booking.form", slug=tenant.slug, package=booking.package_slug)
    return ""
