"""Errors into pages and fragments, once. What is shown carries the request's id; what is logged does not go out.

Absent and forbidden look the same across tenants. An expected conflict is no error of ours and is not logged as one.
"""

from http import HTTPStatus

from flask import Flask, Response, current_app, g
from werkzeug.exceptions import HTTPException, InternalServerError

from portal.kernel import errors
from portal.kernel.text import N_
from portal.web import htmx, render, speech, tenant

STATUS: dict[type[errors.PortalError], int] = {
    errors.NotFound: 404,
    errors.Forbidden: 404,
    errors.Gone: 410,
    errors.Conflict: 409,
    errors.Invalid: 422,
    errors.Busy: 503,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}
_TITLES = {
    400: N_("That did not arrive as it should"),
    404: N_("There is nothing here"),
    405: N_("This address cannot do that"),
    409: N_("Somebody was faster"),
    410: N_("This link does not work"),
    413: N_("That was too much at once"),
    422: N_("Something needs another look"),
    429: N_("Too many tries"),
    503: N_("One moment, please"),
}
_SENTENCES = {
    400: N_("Please go back, reload the page and try again. Nothing was changed."),
    404: N_("There is nothing at this address. Please check that you copied all of it."),
    405: N_("Please go back and use the buttons of the page."),
    413: N_("Please go back and send less. Nothing was changed."),
}
_OURS = N_("Something went wrong on our side")
_OURS_LONG = N_("We have been told and will look into it. Please try again in a few minutes.")
_RETRY_AFTER = "5"


def show(status: int, sentence: str) -> Response:
    """The page or fragment for an error; ``sentence`` is translated already."""
    title = speech.gettext(_TITLES.get(status, _OURS if status >= HTTPStatus.INTERNAL_SERVER_ERROR else _TITLES[400]))
    try:
        answer = _page(status, title, sentence)
    except Exception:
        # A page about an error must not fail: what broke may be the frame of every page.
        current_app.logger.exception("the page for an error could not be made")
        answer = Response(f"{title}. {sentence}", status=status, mimetype="text/plain")
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = _RETRY_AFTER
    return answer


def _page(status: int, title: str, sentence: str) -> Response:
    return render.render(
        "errors/fragment.html" if htmx.wants_fragment() else "errors/page.html",
        status=status,
        layout="layouts/storefront.html" if tenant.known() else "layouts/platform.html",
        title=title,
        sentence=sentence,
        request_id=g.get("request_id", ""),
        status_code=status,
    )


def _portal_error(error: errors.PortalError) -> Response:
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS) if _is_known(error) else 500
    answer = show(status, speech.sentence(error))
    if isinstance(error, errors.TooMany):
        answer.headers["Retry-After"] = str(error.params.get("seconds", _RETRY_AFTER))
    return answer


def _is_known(error: errors.PortalError) -> bool:
    return isinstance(error, tuple(STATUS))


def _http_error(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error  # a redirect of the router
    status = error.code
    answer = show(status, speech.gettext(_SENTENCES.get(status, _OURS_LONG if status >= 500 else _SENTENCES[400])))  # noqa: PLR2004
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            answer.headers[name] = value
    return answer


def _unexpected(error: InternalServerError) -> Response:
    del error  # Flask has logged it with its traceback
    return show(500, speech.gettext(_OURS_LONG))


def install(app: Flask) -> None:
    """Map every error to its page."""
    app.register_error_handler(errors.PortalError, _portal_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(500, _unexpected)
