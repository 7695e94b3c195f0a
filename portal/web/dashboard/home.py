"""``/dashboard/``: on to the business, or the choice between several."""

from flask import Response, url_for

from portal.identity import accounts
from portal.web import htmx, login, render
from portal.web.dashboard.frame import account, bp


@bp.get("/")
def home() -> Response:
    """One business: its bookings. Several: which one. None: who to ask."""
    person = login.who()
    tenants = accounts.tenants_of(person.user_id) if person else []
    if len(tenants) == 1:
        return htmx.see_other(url_for("dashboard.bookings", slug=tenants[0][0]))
    return render.render(
        "dashboard/home.html", tenants=tenants, nav_items=[], account=account("", url_for("dashboard.home"))
    )
