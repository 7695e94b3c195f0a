"""The way over the pages of a move, the couple's and the owner's: choosing, faults, what changes, one that waits."""

from portal.bookings import tokens
from portal.bookings.states import LinkAction
from portal.db import database
from portal.kernel import time
from tests.journeys.stops import Stops, Tour, log_in, send
from tests.support import people
from tests.support.scenery import Scenery


def moving(tour: Tour, scene: Scenery) -> Stops:
    page, reference = tour.page, scene.references["confirmed"]
    _open(tour, scene)
    for state in ("confirmed", "cancelled", "cancelling"):
        tour.open(f"/manage/{scene.references[state]}/reschedule")
        yield f"move, {state}"
    home = f"/manage/{reference}/reschedule"
    tour.open(f"{home}?month={scene.day(1):%Y-%m}")
    yield "move, another month"
    send(page, ".date-form button")
    yield "move without a day"
    tour.open(home)
    page.fill("[name=event_on]", str(scene.day(-3)))
    send(page, ".date-form button")
    yield "move, shown"
    scene.change(
        "UPDATE booking SET policy = jsonb_set(policy, '{moving,fees_cents}', '[5000]'), moves_done = 9"
        " WHERE reference = %s",
        reference,
    )
    shown = page.url
    send(page, "main form button")
    yield "move, other figures"
    with page.expect_navigation(url=f"{tour.site.stripe.base_url}/**"):
        page.click("main form button")
    for path in (f"/manage/{reference}", home):
        tour.open(path)
        yield "move, waiting"
    tour.page.goto(shown)
    yield "move, old figures"
    page.goto(tour.site.url + home)
    send(page, "form[action$='/keep'] button")
    yield "move, given up"


def moving_by_the_owner(tour: Tour, scene: Scenery) -> Stops:
    page, home = tour.page, f"/dashboard/{scene.shop.slug}/bookings"
    log_in(page, people.person(scene.shop.id).email)
    for state in ("confirmed", "cancelled"):
        tour.open(f"{home}/{scene.references[state]}/move")
        yield f"owner's move, {state}"
    tour.open(f"{home}/{scene.references['confirmed']}/move")
    send(page, "main form button:has-text('changes')")
    yield "owner's move without a day"
    page.fill("[name=event_on]", str(scene.day(-3)))
    page.fill("[name=fee]", "75.50")
    send(page, "main form button:has-text('changes')")
    yield "owner's move, shown"


def _open(tour: Tour, scene: Scenery) -> None:
    """Links that are good, to every booking of the way."""
    for state in ("confirmed", "cancelled", "cancelling"):
        with database.reading(scene.shop.id):
            booking_id = database.value("SELECT id FROM booking WHERE reference = %s", scene.references[state])
        minted = tokens.mint(scene.shop.id, booking_id, action=LinkAction.BROWSER, at=time.now())
        tour.open(f"/m/{minted.raw}")
