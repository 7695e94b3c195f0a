"""The business moves a booking to any free day, for a fee or none; what that changes is seen before it is confirmed."""

from http import HTTPStatus
from uuid import UUID

from flask import Response, flash, request, url_for

from portal.bookings import queries
from portal.bookings.policy.moving import MovePrice
from portal.bookings.queries import BookingView
from portal.bookings.quotes import Quote
from portal.bookings.states import Actor, ChangeKind
from portal.catalog import queries as catalog
from portal.catalog.queries import PackageView
from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.errors import DateTaken, Invalid
from portal.kernel.text import N_
from portal.lifecycle import move
from portal.lifecycle.move import NotMovable
from portal.lifecycle.overview import overview
from portal.lifecycle.quote import Requoted
from portal.messages import moving
from portal.tenants.queries import TenantView
from portal.web import htmx, login, move_month, render, speech
from portal.web.dashboard.frame import bp, page
from portal.web.forms import amounts
from portal.web.forms.reading import single
from portal.web.move_form import Sent
from portal.web.quoting import WHY_NOT, is_open, shown_quote

_UNTOUCHED = {"event_on": "", "package": "", "price": MovePrice.OLD.value, "fee": ""}


@bp.get("/<slug>/bookings/<reference>/move")
def move_form(slug: str, reference: str) -> Response:
    """Where to, and for what."""
    business, role = login.enter(slug)
    return _ask(business, role, queries.by_reference(business.id, reference))


@bp.post("/<slug>/bookings/<reference>/move")
def move_see(slug: str, reference: str) -> Response:
    """Keep the figures, and lead to the page that shows them."""
    business, role, booking, user_id = _enter(slug, reference)
    sent = Sent.of(request.form)
    values = {name: single(request.form, name) for name in ("price", "fee")}
    values |= {"event_on": sent.day, "package": sent.package}
    try:
        fee_cents, price = _fee(values["fee"], booking), _price(values["price"])
        with database.reading(business.id):
            wish = sent.wish(booking, catalog.packages(business.id))
        quote = move.see(
            business.id, booking.id, wish,
            actor=Actor.OWNER, user_id=user_id, fee_cents=fee_cents, price=price, at=time.now(),
        )  # fmt: skip
    except NotMovable as error:
        return _back(slug, reference, error)
    except DateTaken as error:
        with database.reading(business.id):
            taken = speech.sentence(error)
            return _ask(business, role, booking, values=values, sentence=taken, status=HTTPStatus.CONFLICT)
    except Invalid as error:
        errors = {name: speech.sentence(each) for name, each in error.fields.items()}
        with database.reading(business.id):
            return _ask(business, role, booking, values=values, errors=errors, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return htmx.see_other(url_for(".move_shown", slug=slug, reference=reference, quote_id=quote.id))


@bp.get("/<slug>/bookings/<reference>/move/<uuid:quote_id>")
def move_shown(slug: str, reference: str, quote_id: UUID) -> Response:
    """What changes, and the form that confirms it."""
    business, role = login.enter(slug)
    booking = queries.by_reference(business.id, reference)
    quote = shown_quote(business.id, booking.id, quote_id)
    if not is_open(quote, Actor.OWNER, time.now(), kind=ChangeKind.MOVE):
        return _ask(business, role, booking)
    return _show(business, role, booking, quote)


@bp.post("/<slug>/bookings/<reference>/move/<uuid:quote_id>")
def move_confirm(slug: str, reference: str, quote_id: UUID) -> Response:
    """Yes: do what was shown."""
    business, role, booking, user_id = _enter(slug, reference)
    try:
        done = move.confirm(business.id, booking.id, quote_id, actor=Actor.OWNER, user_id=user_id, at=time.now())
    except (NotMovable, Invalid) as error:
        return _back(slug, reference, error)
    except DateTaken as error:
        with database.reading(business.id):
            return _ask(business, role, booking, sentence=speech.sentence(error), status=HTTPStatus.CONFLICT)
    if isinstance(done, Requoted):
        with database.reading(business.id):
            notice = speech.gettext(WHY_NOT[done.why])
            return _show(business, role, booking, done.quote, notice=notice, status=HTTPStatus.CONFLICT)
    flash(speech.gettext("The date is moved. The couple gets a mail."), "good")
    return htmx.see_other(url_for(".booking", slug=slug, reference=reference))


def _enter(slug: str, reference: str) -> tuple[TenantView, Role, BookingView, UUID | None]:
    """Who wants to move which booking."""
    business, role = login.enter(slug)
    login.changes(role)
    person = login.who()
    with database.reading(business.id):
        return business, role, queries.by_reference(business.id, reference), person.user_id if person else None


def _back(slug: str, reference: str, error: NotMovable | Invalid) -> Response:
    """The booking's page shows how it stands; the sentence says why nothing was done."""
    flash(speech.sentence(error), "warn")
    return htmx.see_other(url_for(".booking", slug=slug, reference=reference))


def _fee(text: str, booking: BookingView) -> int | None:
    """The fee that was typed; none when the field is empty. Raises Invalid for its field."""
    if not text.strip(" "):
        return None
    try:
        return amounts.cents(text, booking.currency, speech.current())
    except Invalid as error:
        raise Invalid(error.message, {"fee": error}, **error.params) from error


def _price(text: str) -> MovePrice:
    try:
        return MovePrice(text)
    except ValueError:
        sentence = N_("Please choose which price holds.")
        raise Invalid(sentence, {"price": sentence}) from None


def _ask(
    business: TenantView,
    role: Role,
    booking: BookingView,
    *,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    sentence: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    today = business.today(time.now())
    refused = move.refusal(booking, overview(business.id, booking.id), today=today, actor=Actor.OWNER)
    wanted = move_month.search(booking, None, today=today, reach=None)
    typed = values or _UNTOUCHED
    here = url_for(".move_form", slug=business.slug, reference=booking.reference)
    month = move_month.shown(business, wanted, typed["event_on"][:7] or request.args.get("month", ""), here)
    if htmx.wants_fragment("dates"):
        return render.render("parts/move_days.html", month=month)
    return page(
        "dashboard/move.html",
        business,
        role,
        current="bookings",
        status=status,
        booking=booking,
        refusal=speech.sentence(refused) if refused else "",
        sentence=sentence,
        values=typed | {"package": typed["package"] or booking.package_slug},
        errors=errors or {},
        packages=_choices(booking, catalog.packages(business.id)),
        month=month,
        wanted=wanted,
        action=here,
    )


def _choices(booking: BookingView, packages: list[PackageView]) -> list[tuple[str, str]]:
    """The booking's own package first, also when it is no longer offered."""
    others = [(each.slug, each.name) for each in packages if each.slug != booking.package_slug]
    return [(booking.package_slug, booking.package_name), *others]


def _show(
    business: TenantView,
    role: Role,
    booking: BookingView,
    quote: Quote,
    *,
    notice: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    language, at = speech.current(), time.now()
    account = overview(business.id, booking.id)
    return page(
        "dashboard/move_shown.html",
        business,
        role,
        current="bookings",
        status=status,
        booking=booking,
        quote=quote,
        move=moving.shown(language, booking, account, quote, tax_label=business.tax_label, at=at),
        notice=notice,
    )
