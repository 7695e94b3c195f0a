"""The links this browser has opened: one signed cookie with the ids of their rows, never the secrets themselves.

Several bookings share the cookie; whether a link still holds is asked of the database on every request.
"""

from collections.abc import Iterable
from uuid import UUID

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from portal.web import cookies

_COOKIE = "links"
_MOST = 20
_TWO_YEARS = 2 * 365 * 24 * 3600


def held() -> list[UUID]:
    """Ids of the action tokens this browser holds, newest first."""
    raw = request.cookies.get(cookies.name_of(_COOKIE))
    if not raw:
        return []
    try:
        ids = _signer().loads(raw)
        return [UUID(text) for text in ids]
    except (BadSignature, ValueError, TypeError, AttributeError):
        return []


def signed(token_ids: Iterable[UUID]) -> str:
    """What the cookie says of a browser that holds these."""
    return _signer().dumps([str(one) for one in token_ids])


def remember(response: Response, token_id: UUID) -> Response:
    """Add a link to the cookie; the oldest give way."""
    ids = [token_id, *(other for other in held() if other != token_id)][:_MOST]
    cookies.put(response, _COOKIE, signed(ids), max_age=_TWO_YEARS)
    return response


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or b"", salt="links")
