"""Sentry, only with a DSN: what broke and where, nothing about whom.

Local variables, bodies, cookies, headers and addresses stay here; all of them may hold tokens or names.
"""

from typing import TYPE_CHECKING

from portal.settings import Settings
from portal.web.logs import strike_out

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint


def install(settings: Settings) -> None:
    """Report unexpected errors, when there is somewhere to report them to."""
    if not settings.sentry_dsn:
        return
    import sentry_sdk  # noqa: PLC0415  a quarter of a second, and only for installations that use it
    from sentry_sdk.integrations.flask import FlaskIntegration  # noqa: PLC0415

    sentry_sdk.init(
        settings.sentry_dsn,
        environment=settings.app_env,
        integrations=[FlaskIntegration(transaction_style="url")],
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=scrub,
    )


def scrub(event: "Event", _: "Hint") -> "Event":
    """The event without the request's address, headers, cookies and body, and without secrets in its texts."""
    method = (event.get("request") or {}).get("method")
    event["request"] = {"method": method} if method else {}
    event.pop("user", None)
    event.pop("extra", None)
    if logged := event.get("logentry"):  # its params stand in the formatted text
        event["logentry"] = {"message": strike_out(str(logged.get("formatted") or logged.get("message", "")))}
    for value in (event.get("exception") or {}).get("values", []):
        value["value"] = strike_out(str(value.get("value", "")))
    return event
