"""The way over the pages of a couple's links, and over what those see whom it gives one."""

from urllib.parse import urlsplit

from portal.bookings import tokens
from portal.bookings.states import LinkAction
from portal.db import database
from portal.kernel import time
from tests.journeys.stops import Stops, Tour, send
from tests.support.scenery import Scenery


def sharing(tour: Tour, scene: Scenery) -> Stops:
    """A couple's links, and what those see whom it gives one."""
    page, home = tour.page, f"/manage/{scene.references['confirmed']}"
    # The links that the scenery began with have ended on the way here.
    with database.reading(scene.shop.id):
        booking_id = database.value("SELECT id FROM booking WHERE reference = %s", scene.references["confirmed"])
    minted = tokens.mint(scene.shop.id, booking_id, action=LinkAction.BROWSER, at=time.now())
    tour.open(f"/m/{minted.raw}")
    tour.open(f"{home}/links")
    yield "links"
    send(page, f"form[action='{home}/links'] button")
    yield "links with a fault"
    given = {}
    for action, name in (("look", "Our planner"), ("pay", "Mum and Dad")):
        tour.open(f"{home}/links")
        page.fill("[name=label]", name)
        page.check(f"[value={action}]")
        send(page, f"form[action='{home}/links'] button")
        given[action] = urlsplit(page.locator("#f-link").input_value()).path
        yield f"link to {action}, made"
    tour.open(f"{home}/links")
    yield "links, shared ones among them"
    for action, link in given.items():
        page.context.clear_cookies()
        tour.open(link)
        yield f"whoever may {action}"
    scene.change("UPDATE booking_action_token SET revoked_at = created_at WHERE action IN ('look', 'pay')")
    page.reload()
    yield "shared link, ended"
    page.context.clear_cookies()
    tour.open(f"{home}/done")
    yield "done"
