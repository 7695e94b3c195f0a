"""Templates into answers. Every page gets the tenant and its language, and nothing else unasked.

Flask's own ``render_template`` is not used: it hands request, session and ``g`` to each template.
"""

from flask import Response, current_app

from portal.web import htmx, speech, tenant
from portal.web.storefront import theme


def text(template: str, **context: object) -> str:
    """A template as text; an unknown variable in it raises."""
    return current_app.jinja_env.get_template(template).render(_frame() | context)


def render(template: str, *, status: int = 200, **context: object) -> Response:
    """A whole page."""
    return Response(text(template, **context), status=status, mimetype="text/html")


def render_page_or_fragment(template: str, fragment_template: str, *, status: int = 200, **context: object) -> Response:
    """The page to a browser; to HTMX the one fragment that the view offers."""
    return render(fragment_template if htmx.wants_fragment() else template, status=status, **context)


def _frame() -> dict[str, object]:
    business = tenant.known()
    return {
        "locale": speech.current().tag,
        "tenant": business,
        "theme_url": theme.address(business) if business else None,
    }
