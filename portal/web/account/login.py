"""Logging in and out. Five tries in fifteen minutes, per address it comes from and per account."""

from flask import Blueprint, Response, request, url_for

from portal.identity import sessions
from portal.kernel import time
from portal.kernel.errors import Invalid, TooMany
from portal.web import htmx, limits, render, speech
from portal.web import login as logins
from portal.web.forms.reading import single

bp = Blueprint("account", __name__)
TRIES = "5/15 minutes"


@bp.get("/login")
def login() -> Response:
    """The form; who is logged in already goes on."""
    if logins.who():
        return htmx.see_other(url_for("dashboard.home"))
    return _form({"next": logins.safe_next(request.args.get("next", "")) or ""}, {})


@bp.post("/login")
def log_in() -> Response:
    """A try to log in; the answer is the same for an unknown address and a wrong password."""
    email, password = single(request.form, "email").strip(), single(request.form, "password")
    values = {"email": email, "next": logins.safe_next(single(request.form, "next")) or ""}
    errors = {}
    if not email:
        errors["email"] = speech.gettext("Please enter your email address.")
    if not password:
        errors["password"] = speech.gettext("Please enter your password.")
    if errors:
        return _form(values, errors, status=422)
    try:
        limits.check("login-from", limits.sender(), TRIES)
        limits.hit("login-account", email.lower(), TRIES)
        raw = sessions.log_in(
            email,
            password,
            user_agent=request.headers.get("User-Agent", ""),
            remote_address=request.remote_addr or "",
            at=time.now(),
        )
    except TooMany as error:
        return _form(values, {"": speech.sentence(error)}, status=429)
    except Invalid as error:
        # A whole office may log in from one address; only what fails counts against it.
        limits.hit("login-from", limits.sender(), TRIES)
        return _form(values, {"": speech.sentence(error)}, status=422)
    limits.clear("login-account", email.lower(), TRIES)
    old = logins.raw_token()
    if old:
        sessions.log_out(old)  # a login never goes on in a session that was there before it
    return logins.keep(htmx.see_other(values["next"] or url_for("dashboard.home")), raw)


@bp.post("/logout")
def logout() -> Response:
    """End this browser's session."""
    sessions.log_out(logins.raw_token())
    return logins.forget(htmx.see_other(url_for("account.login")))


def _form(values: dict[str, str], errors: dict[str, str], *, status: int = 200) -> Response:
    return render.render(
        "account/login.html", status=status, values=values, errors=errors, is_changed="changed" in request.args
    )
