"""The platform's front page: who we are, and the businesses that want to be listed."""

from flask import Blueprint, Response, url_for

from portal import settings
from portal.tenants import queries
from portal.web.render import render
from portal.web.storefront import wording

bp = Blueprint("front", __name__)


@bp.get("/")
def index() -> Response:
    """The front page."""
    businesses = [
        {
            "name": listed.name,
            "tagline": listed.tagline,
            "place": listed.address.rsplit("\n", 1)[-1],
            "language": listed.locale.replace("_", "-"),
            "url": url_for("storefront.index", slug=listed.slug),
            "picture": wording.hero(listed.hero_image, listed.hero_alt),
        }
        for listed in queries.listed()
    ]
    return render("storefront/front.html", businesses=businesses, canonical=settings.current().base_url + "/")
