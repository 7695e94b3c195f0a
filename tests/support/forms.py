"""Forms for a client without a browser: the token that goes with every POST."""

import re

from flask import session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf

_FIELD = re.compile(r'name="csrf_token" value="([^"]+)"')


def csrf_in(page: str) -> str:
    """The token in a page's form."""
    found = _FIELD.search(page)
    assert found, "the page has no form with a token"
    return found[1]


def csrf_of(client: FlaskClient) -> str:
    """A token for this client, as if it had seen a form."""
    with client.application.test_request_context():
        token: str = generate_csrf()
        kept = dict(session)
    with client.session_transaction() as stored:
        stored.update(kept)
    return token
