"""The way over the pages on which a couple changes what it told, its add-ons and its addresses."""

from portal.bookings import address_changes, queries, tokens
from portal.bookings.states import LinkAction
from portal.db import database
from portal.kernel import time
from tests.journeys.stops import Stops, Tour, send
from tests.support.scenery import Scenery


def details(tour: Tour, scene: Scenery) -> Stops:
    """What a couple changes of what it told, its add-ons and its addresses."""
    page, reference = tour.page, scene.references["confirmed"]
    for state in ("confirmed", "held", "cancelled", "cancelling"):
        tour.open(f"/m/{link_to(scene, scene.references[state])}")
        tour.open(f"/manage/{scene.references[state]}/details")
        yield f"details, {state}"
    tour.open(f"/manage/{reference}/details")
    page.fill("[name=first_partner]", "")
    page.fill("[name=guest_count]", "many")
    send(page, "form[action$='/details'] button")
    yield "details with faults"
    tour.open(f"/manage/{reference}/details")
    page.click("summary:has-text('another address')")
    send(page, "form[action$='/address'] button")
    yield "another address, empty"
    page.fill("[name=email]", "new@couple.example")
    send(page, "form[action$='/address'] button")
    yield "another address, asked"
    page.locator("#add-ons input[type=number]").first.fill("2")
    send(page, "form[action$='/add-ons'] button")
    yield "add-ons, shown"
    with database.reading(scene.shop.id):
        booking = queries.by_reference(scene.shop.id, reference)
        (change,) = address_changes.waiting(scene.shop.id, booking.id, at=time.now())
    tour.open(f"/m/{address_changes.mint_link(scene.shop.id, change, at=time.now()).raw}")
    yield "a new address is asked"


def link_to(scene: Scenery, reference: str) -> str:
    """One more link to a booking."""
    with database.reading(scene.shop.id):
        booking = queries.by_reference(scene.shop.id, reference)
    return tokens.mint(scene.shop.id, booking.id, action=LinkAction.MANAGE, at=time.now()).raw
