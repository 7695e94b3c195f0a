"""The couple pays what is still open, in full or in part: choose, go on to Stripe's page, and come back.

GET changes nothing. The server adds up what is ticked; the page that Stripe leads back to shows what is stored, rings
the worker's doorbell and asks again, by itself or at the press of a button.
"""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from flask import Response, request, url_for

from portal import settings
from portal.bookings.queries import BookingView
from portal.bookings.states import Purpose
from portal.db import database
from portal.kernel import time
from portal.kernel.text import N_
from portal.lifecycle import pay as paying
from portal.lifecycle.overview import Overview, Stage, overview
from portal.lifecycle.pay import NotPayable, Payment
from portal.messages import figures
from portal.payments import attempts
from portal.payments.checkouts import NotOpened, Opened, WhyNot
from portal.tenants.queries import TenantView
from portal.web import htmx, limits, speech
from portal.web.couple.frame import bp, opened_by, own_booking, stranger, way_back
from portal.web.couple.seen import seen_url
from portal.web.render import render

_TRIES = "30/hour"
_RETRY_AFTER = "5"
_MOST = 40
_NOTHING_TICKED = N_("Please tick what you want to pay.")
_GONE = N_("What you chose was paid or changed meanwhile. Nothing was charged now.")


@bp.get("/manage/<reference>/pay")
def pay(reference: str) -> Response:
    """What is open, what is due of it already ticked; to HTMX the sum of what is ticked now."""
    at = time.now()
    found = own_booking(reference, at=at, purpose=Purpose.PAY)
    if found is None:
        return stranger(reference)
    wanted = _ids(request.args.getlist("stage"))
    if htmx.wants_fragment("pay-total"):
        return _total(*found, wanted)
    return _form(*found, at, wanted=wanted or None)


@bp.post("/manage/<reference>/pay")
def pay_open(reference: str) -> Response:
    """On to Stripe's page for what is ticked; ``intent=sum`` only adds it up."""
    at = time.now()
    with database.reading_by("tenant_id_by_reference", reference):
        found = own_booking(reference, at=at, purpose=Purpose.PAY)
        if found is None:
            return stranger(reference)
        tenant, booking = found
        wanted = _ids(request.form.getlist("stage"))
        if request.form.get("intent") == "sum":
            return _form(tenant, booking, at, wanted=wanted)
        if not wanted:
            error = speech.gettext(_NOTHING_TICKED)
            return _form(tenant, booking, at, wanted=wanted, error=error, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    limits.hit("payments", str(booking.id), _TRIES, tenant_id=tenant.id)
    try:
        answer = paying.pay(tenant.id, booking.id, _wish(reference, wanted), at=at)
    except NotPayable as refused:
        return _how_it_stands(reference, at, speech.sentence(refused))
    if isinstance(answer, Opened):
        return htmx.see_other(answer.url)
    return _not_opened(reference, answer, wanted, at)


def _not_opened(reference: str, answer: NotOpened, wanted: set[UUID], at: datetime) -> Response:
    """Stripe has no page for us: money came already, it is over, or it has to be tried again."""
    if answer.reason is WhyNot.ENDED:
        return _how_it_stands(reference, at, speech.gettext(_GONE))
    with database.reading_by("tenant_id_by_reference", reference):
        found = own_booking(reference, at=at, purpose=Purpose.PAY)
        if found is None:
            return stranger(reference)
        tenant, booking = found
        if answer.reason in {WhyNot.PAID, WhyNot.PROCESSING}:
            session = attempts.load(tenant.id, answer.checkout_id).stripe_checkout_session_id
            return htmx.see_other(url_for("couple.paid", reference=reference, session=session))
        chosen = [stage for stage in overview(tenant.id, booking.id).open_stages if stage.id in wanted]
        page = render(
            "couple/pay_again.html",
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            booking=booking,
            chosen=chosen,
            total_cents=sum(stage.amount_cents for stage in chosen),
            booking_url=way_back(),
        )
    page.headers["Retry-After"] = _RETRY_AFTER
    return page


def _how_it_stands(reference: str, at: datetime, sentence: str) -> Response:
    """Somebody was faster: read it once more and say so."""
    with database.reading_by("tenant_id_by_reference", reference):
        found = own_booking(reference, at=at, purpose=Purpose.PAY)
        if found is None:
            return stranger(reference)
        return _form(*found, at, sentence=sentence, status=HTTPStatus.CONFLICT)


def _wish(reference: str, wanted: set[UUID]) -> Payment:
    base = settings.current().base_url
    return Payment(
        stages=frozenset(wanted),
        success_url=base + url_for("couple.paid", reference=reference),
        cancel_url=base + url_for("couple.pay", reference=reference),
        labels={kind: speech.gettext(words) for kind, words in figures.STAGE_TITLES.items()},
        payer_label=opened_by().label,
    )


def _form(
    tenant: TenantView,
    booking: BookingView,
    at: datetime,
    *,
    wanted: set[UUID] | None = None,
    error: str = "",
    sentence: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    account, today = overview(tenant.id, booking.id), tenant.today(at)
    on_their_way = attempts.stages_on_their_way(tenant.id, booking.id)
    is_kept = paying.is_kept(booking, at)
    kept_until = booking.hold_expires_at if is_kept else None
    refused = paying.refusal(booking, account, on_their_way, at=at)
    stages = [] if refused else paying.payable(account, on_their_way)
    needed = {stage.id for stage in stages if is_kept and stage.due_on <= today}
    ticked = needed | (wanted if wanted is not None else _due(stages, tenant, at))
    chosen = stages if len(stages) == 1 else [stage for stage in stages if stage.id in ticked]
    language = speech.current()
    return render(
        "couple/pay.html",
        status=status,
        booking=booking,
        parts=[
            {
                "id": stage.id,
                "title": speech.gettext(figures.STAGE_TITLES[stage.type]),
                "cents": stage.amount_cents,
                "due": figures.due_label(language, account, stage, today, kept_until),
                "is_overdue": figures.is_overdue(account, stage, today),
                "is_ticked": stage in chosen,
                "is_needed": stage.id in needed,
            }
            for stage in stages
        ],
        total_cents=sum(stage.amount_cents for stage in chosen),
        on_their_way=_sum(account, on_their_way),
        error=error,
        is_kept=is_kept,
        sentence=sentence or (speech.sentence(refused) if refused else ""),
        booking_url=way_back(),
        seen_url=seen_url(booking.reference),
    )


def _total(tenant: TenantView, booking: BookingView, wanted: set[UUID]) -> Response:
    account = overview(tenant.id, booking.id)
    return render("couple/parts/pay_total.html", booking=booking, total_cents=_sum(account, wanted))


def _sum(account: Overview, stages: set[UUID]) -> int:
    return sum(stage.amount_cents for stage in account.open_stages if stage.id in stages)


def _due(stages: list[Stage], tenant: TenantView, at: datetime) -> set[UUID]:
    """What is due by now; if nothing is, what comes next."""
    due = {stage.id for stage in stages if stage.due_on <= tenant.today(at)}
    return due or {stage.id for stage in stages[:1]}


def _ids(texts: list[str]) -> set[UUID]:
    """Stages as they were ticked. What is none of ours will not be found among the open ones."""
    found = set()
    for text in texts[:_MOST]:
        try:
            found.add(UUID(text))
        except ValueError:
            found.add(UUID(int=0))
    return found
