"""The hosted pay page of a Checkout Session.

It works without JavaScript and under a strict content security policy. A declined card may be tried again; once
the session is paid or over the page says so and leads back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, make_response, redirect, render_template, request

from portal.devtools.stripe_emulator.api.errors import PAYMENT_REQUIRED
from portal.devtools.stripe_emulator.cards import find
from portal.devtools.stripe_emulator.engine.expiring import expire_due_sessions
from portal.devtools.stripe_emulator.engine.paying import NotPayable, Payer, pay
from portal.devtools.stripe_emulator.money import display
from portal.devtools.stripe_emulator.pages.form import PayForm, read_form
from portal.devtools.stripe_emulator.pages.guard import guarded, not_found
from portal.devtools.stripe_emulator.scope import Scope

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from portal.devtools.stripe_emulator.store import Doc
    from portal.devtools.stripe_emulator.world import World

_UNPROCESSABLE, _SEE_OTHER = 422, 303
_EMPTY = PayForm("", "", "", "", "", {})


def pay_pages(world: World) -> Blueprint:
    """The blueprint with the pay page and the stylesheet."""
    pages = Blueprint("pay", __name__, static_folder="static", static_url_path="/assets")

    @pages.get("/c/pay/<session_id>")
    def show(session_id: str) -> ResponseReturnValue:
        session = _load(world, session_id)
        return _page(world, session, _EMPTY, "") if session else not_found()

    @pages.post("/c/pay/<session_id>")
    def submit(session_id: str) -> ResponseReturnValue:
        session = _load(world, session_id)
        return _submit(world, session) if session else not_found()

    return pages


def _load(world: World, session_id: str) -> Doc | None:
    expire_due_sessions(world)
    owner = world.store.owner("checkout.session", session_id)
    return None if owner is None else Scope(world, owner).find("checkout.session", session_id)


def _submit(world: World, session: Doc) -> ResponseReturnValue:
    if session["status"] == "complete":
        return redirect(success_url(session), _SEE_OTHER)
    is_free = session["amount_total"] == 0
    form = read_form(request.form, needs_email=_email(session) is None, needs_card=not is_free, now=world.clock.now())
    if form.errors:
        return _page(world, session, form, "", _UNPROCESSABLE)
    scope = Scope(world, world.store.owner("checkout.session", session["id"]) or "")
    try:
        attempt = pay(scope, session["id"], find(form.card_number), Payer(form.email, form.name))
    except NotPayable as refusal:
        return _page(world, _load(world, session["id"]) or session, form, str(refusal), _UNPROCESSABLE)
    if attempt.refusal:
        return _page(world, attempt.session, form, attempt.refusal, PAYMENT_REQUIRED)
    return redirect(success_url(attempt.session), _SEE_OTHER)


def success_url(session: Doc) -> str:
    """Where the customer goes after paying."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _email(session: Doc) -> str | None:
    return (session["customer_details"] or {}).get("email")


def _merchant(world: World, session: Doc) -> str:
    if name := (session["branding_settings"] or {}).get("display_name"):
        return str(name)
    account = world.store.owner("checkout.session", session["id"]) or ""
    doc = world.store.load("account", account, "") if account else None
    return str(((doc or {}).get("business_profile") or {}).get("name") or "") or "Test business"


def _page(world: World, session: Doc, form: PayForm, problem: str, status: int = 200) -> Response:
    currency = session["currency"]
    lines = [
        {
            "name": item["description"],
            "details": item["_details"],
            "quantity": item["quantity"],
            "amount": display(item["amount_total"], currency),
        }
        for item in session["_line_items"]
    ]
    response = make_response(
        render_template(
            "pay.html",
            session=session,
            lines=lines,
            total=display(session["amount_total"], currency),
            merchant=_merchant(world, session),
            email=_email(session),
            success_url=success_url(session),
            form=form,
            problem=problem,
        ),
        status,
    )
    return guarded(response, session["success_url"])
