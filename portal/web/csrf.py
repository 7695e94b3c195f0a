"""A token in every form, checked before the view of every POST. Only what signs its own requests is exempt.

The token lives as long as the session: a form left open overnight must not fail in the morning.
"""

from flask import Blueprint, Flask
from flask_wtf.csrf import CSRFProtect

# Webhooks are authenticated by their signature; mail programs unsubscribe with the secret in the address alone.
EXEMPT = frozenset({"hooks", "unsubscribe"})


def install(app: Flask) -> None:
    """Check every POST, and give templates ``csrf_token()``."""
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    # portal.web.guard compares Origin and Sec-Fetch-Site, which do not depend on a Referer being sent.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    CSRFProtect(app)


def exempt(app: Flask, blueprint: Blueprint) -> None:
    """Take a blueprint out of the check."""
    app.extensions["csrf"].exempt(blueprint)
