"""The frame of the owner's portal: its blueprint, the gate before it, and what every page of it shows around itself."""

from flask import Blueprint, Response, url_for

from portal import settings
from portal.identity.roles import Role
from portal.tenants.queries import TenantView
from portal.web import login, render, speech
from portal.web.login import who

bp = Blueprint("dashboard", __name__, url_prefix="/dashboard")
bp.before_request(login.required)


def page(
    template: str, tenant: TenantView, role: Role, *, current: str, status: int = 200, **context: object
) -> Response:
    """A page of the portal; ``current`` is the entry of the navigation that it belongs to."""
    return render.render(
        template,
        status=status,
        nav_items=_navigation(tenant, current),
        account=account(tenant.name, url_for("dashboard.bookings", slug=tenant.slug)),
        may_change=role.may_change,
        may_decide=role.may_decide,
        **context,
    )


def account(business: str, home_url: str) -> dict[str, str]:
    """Who is logged in, for which business."""
    person = who()
    return {
        "name": person.name if person else "",
        "business": business,
        "home_url": home_url,
        "logout_url": url_for("account.logout"),
    }


def _navigation(tenant: TenantView, current: str) -> list[dict[str, object]]:
    entries = [
        ("bookings", speech.gettext("Bookings"), url_for("dashboard.bookings", slug=tenant.slug)),
        ("calendar", speech.gettext("Dates"), url_for("dashboard.dates", slug=tenant.slug)),
        ("money", speech.gettext("Invoices"), url_for("dashboard.invoices", slug=tenant.slug)),
        ("messages", speech.gettext("Messages"), url_for("dashboard.messages", slug=tenant.slug)),
        ("settings", speech.gettext("Settings"), url_for("dashboard.settings_index", slug=tenant.slug)),
        ("site", speech.gettext("Your pages"), url_for("storefront.index", slug=tenant.slug)),
    ]
    hidden = set() if settings.current().features.invoices else {"money"}
    return [
        {"icon": icon, "label": label, "url": url, "is_current": icon == current}
        for icon, label, url in entries
        if icon not in hidden
    ]
