"""The only reader and writer of HX headers. Every page varies by ``HX-Request``, because a fragment has its address.

Wraps htmx-flask, which sets no ``Vary`` and refuses two of the swap styles.
"""

from flask import Response, redirect, request
from htmx_flask.requests import HtmxHeaders

# What keeps page and fragment of one address apart in caches; ``headers`` puts it on every page.
VARY = "HX-Request"


def _headers() -> HtmxHeaders:
    return request.htmx  # type: ignore[attr-defined]  # the application's request class has it


def wants_fragment(target: str | None = None) -> bool:
    """Whether a fragment is asked for, and if told for which element; a restored or boosted page is a whole one."""
    headers = _headers()
    if not headers or headers.history_restore_request or headers.boosted:
        return False
    return target is None or headers.target == target


def see_other(url: str) -> Response:
    """After a POST that succeeded: 303 for a browser, ``HX-Redirect`` for HTMX, which would swap the next page in."""
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": url})
    answer = redirect(url, 303)
    assert isinstance(answer, Response)  # noqa: S101  Flask's redirect makes nothing else
    return answer


def retarget(response: Response, *, target: str, swap: str = "outerHTML") -> Response:
    """Put the answer somewhere else than the form asked for (an error beside its field)."""
    response.headers["HX-Retarget"] = target
    response.headers["HX-Reswap"] = swap
    return response
