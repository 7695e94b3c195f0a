"""Templates into answers. Every page gets the tenant, its language and colours, and nothing else unasked.

Flask's own ``render_template`` is not used: it hands request, session and ``g`` to each template.
"""

from collections.abc import Callable, Mapping

from flask import Response, current_app
from markupsafe import Markup

from portal.web import cache, cookies, htmx, speech, tenant
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


def published(template: str, key: str, make: Callable[[], Mapping[str, object]], **holes: str) -> Response:
    """A page of what is published, kept whole but for its ``holes``, whose texts are new each time.

    ``make`` gives the context and is asked only when nobody has the page. ``key`` holds what the page depends on
    besides the tenant's published version (a day, a package). A browser for which a message waits gets its own.
    """
    if cookies.has_message():
        filled = {name: Markup(text_) for name, text_ in holes.items()}  # noqa: S704
        return Response(text(template, **make(), **filled), mimetype="text/html")
    business = tenant.current()
    marks = {name: f"<!--{name}-->" for name in holes}
    page = cache.remember(
        business.id,
        f"{template}:{key}",
        business.published_version,
        lambda: text(template, **make(), **{name: Markup(mark) for name, mark in marks.items()}),  # noqa: S704
    )
    for name, mark in marks.items():
        page = page.replace(mark, holes[name], 1)
    return Response(page, mimetype="text/html")


def _frame() -> dict[str, object]:
    business = tenant.known()
    return {
        "locale": speech.current().tag,
        "tenant": business,
        "theme_url": theme.address(business) if business else None,
    }
