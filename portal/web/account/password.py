"""A forgotten password: asking for the link, and using it. Opening the link uses nothing up; only the form does.

The token leaves the address at once: the link sets a cookie for this one page and goes on to an address without it,
so that neither history nor Referer keeps it.
"""

from http import HTTPStatus

from flask import Blueprint, Response, request, url_for

from portal.identity import accounts, password_reset
from portal.kernel import time
from portal.kernel.errors import Gone, Invalid, TooMany
from portal.kernel.text import N_, clean_line
from portal.web import cookies, htmx, limits, login, render, speech
from portal.web.account.login import TRIES
from portal.web.forms.reading import single

bp = Blueprint("password", __name__)
_COOKIE = "reset"
_SPENT = N_("This link is used up or has run out. Ask for a new one; it takes a minute.")


@bp.get("/forgot-password")
def forgot() -> Response:
    """Where to send the link."""
    return _ask({}, {})


@bp.post("/forgot-password")
def send_link() -> Response:
    """Owe the mail; the answer is the same whether or not there is an account."""
    typed = single(request.form, "email")
    try:
        email = clean_line(typed, most=accounts.LONGEST_ADDRESS)  # what no account can have needs no mail
    except Invalid as error:
        return _ask({"email": typed}, {"email": speech.sentence(error)}, status=422)
    if "@" not in email:
        return _ask({"email": email}, {"email": speech.gettext("Please enter your email address.")}, status=422)
    try:
        limits.hit("reset-from", limits.sender(), "10/hour")
        limits.hit("reset-account", email.lower(), "3/hour")
    except TooMany as error:
        return _ask({"email": email}, {"": speech.sentence(error)}, status=429)
    password_reset.request_reset(email, remote_address=request.remote_addr or "", at=time.now())
    return render.render("account/forgot.html", values={"email": email}, errors={}, is_sent=True)


@bp.get("/reset-password/<token>")
def enter(token: str) -> Response:
    """From the mail: keep the token in a cookie and leave it out of the address."""
    response = htmx.see_other(url_for("password.new"))
    cookies.put(response, _COOKIE, token[:64], max_age=3600)
    return response


@bp.get("/reset-password")
def new() -> Response:
    """The form for a new password, or word that the link is used up."""
    if not password_reset.is_usable(_token(), at=time.now()):
        return _spent()
    return render.render("account/reset.html", errors={})


@bp.post("/reset-password")
def change() -> Response:
    """Set the password; every session ends, this browser logs in anew."""
    new_password, again = single(request.form, "password"), single(request.form, "again")
    errors = {}
    if new_password != again:
        errors["again"] = speech.gettext("The two passwords differ. Please type the same one twice.")
    else:
        try:
            email = password_reset.reset_password(
                _token(), new_password, remote_address=request.remote_addr or "", at=time.now()
            )
            limits.clear("login-account", email, TRIES)  # somebody else's guesses must not keep the owner out now
        except Invalid as error:
            errors["password"] = speech.sentence(error)
        except Gone:
            return _spent()
    if errors:
        return render.render("account/reset.html", status=422, errors=errors)
    response = htmx.see_other(url_for("account.login", changed=1))
    cookies.drop(response, _COOKIE)
    return login.forget(response)


def _spent() -> Response:
    """Word that the link is used up, and where to send a new one."""
    return _ask({}, {"": speech.gettext(_SPENT)}, status=HTTPStatus.GONE)


def _token() -> str:
    return request.cookies.get(cookies.name_of(_COOKIE), "")


def _ask(values: dict[str, str], errors: dict[str, str], *, status: int = 200) -> Response:
    return render.render("account/forgot.html", status=status, values=values, errors=errors, is_sent=False)
