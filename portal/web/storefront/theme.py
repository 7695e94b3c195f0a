"""A tenant's colours as a style sheet of its own, named by its content and kept by browsers for ever."""

from flask import Response, request, url_for

from portal.tenants import theme
from portal.tenants.queries import TenantView

_FOREVER = "public, max-age=31536000, immutable"
_SHORT = "public, max-age=60"
_OURS = "#5A7C65"  # the sage of base.css, which needs no sheet of its own


def address(tenant: TenantView) -> str | None:
    """Where the tenant's style sheet is; none for a tenant in the platform's own colours."""
    if tenant.brand_color == _OURS:
        return None
    return url_for("storefront.theme", slug=tenant.slug, digest=theme.digest(tenant.brand_color))


def answer(tenant: TenantView, digest: str) -> Response:
    """The style sheet as it is now. A page that was kept from before still gets colours, but does not keep them."""
    current = theme.digest(tenant.brand_color)
    response = Response(theme.stylesheet(tenant.brand_color), mimetype="text/css")
    response.headers["Cache-Control"] = _FOREVER if digest == current else _SHORT
    response.set_etag(current)
    response.make_conditional(request)
    return response
