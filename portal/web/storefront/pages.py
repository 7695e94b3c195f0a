"""The addresses of a business's public pages: its front page, its packages, its colours.

What is published is cached by the tenant's published version; what is free is read each time.
"""

from flask import Blueprint, Response, request

from portal.kernel import time
from portal.web import htmx
from portal.web.render import published
from portal.web.storefront import calendar, offer, packages
from portal.web.storefront import theme as themes
from portal.web.tenant import current

bp = Blueprint("storefront", __name__, url_prefix="/t/<slug>")


@bp.get("/")
def index(slug: str) -> Response:
    """A business's front page."""
    return published(
        "storefront/index.html",
        "",
        lambda: {"content": offer.content(current()), "canonical": offer.canonical(slug)},
    )


@bp.get("/packages/<package>")
def package(slug: str, package: str) -> Response:
    """A package with its calendar (``?month=2027-06``, ``?date=2027-06-12``); to HTMX the calendar alone."""
    tenant = current()
    today = tenant.today(time.now())
    shown = packages.shown(tenant, package, today)
    asked = calendar.Asked.of(request.args, today)
    month = calendar.html(tenant, shown, asked)
    if htmx.wants_fragment("dates"):
        return Response(month, mimetype="text/html")
    return published(
        "storefront/package.html",
        f"{package}:{today}",
        lambda: {"package": shown, "canonical": packages.canonical(slug, package)},
        calendar=month,
        terms=packages.terms(tenant, shown, asked.chosen_on, today),
    )


@bp.get("/theme-<digest>.css")
def theme(slug: str, digest: str) -> Response:
    """A business's colours."""
    del slug
    return themes.answer(current(), digest)
