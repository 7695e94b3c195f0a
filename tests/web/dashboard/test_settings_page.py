"""The index of settings: everything that a business sets is found from it."""

import re

from flask.testing import FlaskClient

from portal.identity.roles import Role
from portal.web.application import Application
from tests.support.people import logged_in, person
from tests.support.world import Business

SETTINGS = re.compile(r"/dashboard/<slug>/settings/[a-z-]+")


def links(client: FlaskClient, shop: Business) -> list[str]:
    page = client.get(f"/dashboard/{shop.slug}/settings")
    assert page.status_code == 200
    return re.findall(r'<li><a href="([^"]+/settings/[^"]+)"', page.text)


def test_it_leads_to_every_page_of_settings(app: Application, shop: Business) -> None:
    rules = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    pages = [rule.replace("<slug>", shop.slug) for rule in rules if SETTINGS.fullmatch(rule)]
    assert len(pages) > 5
    assert sorted(links(logged_in(app, person(shop.id)), shop)) == sorted(pages)


def test_everybody_in_the_business_may_look_at_it(app: Application, shop: Business, rival: Business) -> None:
    for role in Role:
        viewer = logged_in(app, person(shop.id, role))
        assert all(viewer.get(address).status_code == 200 for address in links(viewer, shop))
    assert logged_in(app, person(rival.id)).get(f"/dashboard/{shop.slug}/settings").status_code == 404
