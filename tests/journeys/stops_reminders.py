"""The way over what the business says about coming messages, and over the page that stops those after the day."""

from portal.db import database
from portal.kernel import time
from portal.messages import follow_ups, log, planning, stopped
from portal.messages.stopped import Reason
from tests.journeys.stops import NO_SUCH_TOKEN, Stops, Tour, log_in, send
from tests.support import people
from tests.support.scenery import Scenery


def _words(tour: Tour, address: str) -> Stops:
    """The emails, one of them with its words, with a fault in them, and looked at before they are saved."""
    page = tour.page
    tour.open(address)
    yield "emails to couples"
    tour.open(f"{address}/event_soon")
    yield "words of an email"
    page.fill("[name=body]", "Hello {copule}")
    send(page, "button[value=save]")
    yield "words of an email with a fault"
    page.fill("[name=body]", "Hello {couple}, see you {when}.")
    send(page, "button[value=look]")
    yield "words of an email, not saved"
    send(page, "button[value=save]")
    yield "words of an email, saved"
    tour.open(f"{address}/event_soon/mail")
    yield "mail"


def post(tour: Tour, scene: Scenery, home: str, reference: str) -> Stops:
    """The list of messages, and a couple whose address takes no mail."""
    with database.reading(scene.shop.id):
        email = database.value(
            "SELECT c.email FROM customer c JOIN booking b ON b.customer_id = c.id WHERE b.reference = %s", reference
        )
    stopped.stop(scene.shop.id, email, Reason.BOUNCED, at=time.now())
    for query in ("", "?shown=coming", "?shown=failed", "?q=nobody"):
        tour.open(f"{home}/messages{query}")
        yield f"messages {query}"
    tour.open(f"{home}/bookings/{reference}")
    yield "booking whose address takes no mail"
    tour.open(f"{home}/bookings/{reference}/address")
    yield "correcting an address"
    send(tour.page)
    yield "correcting an address, empty"
    tour.open(f"{home}/bookings/{reference}")
    send(tour.page, "form[action*='/works'] button")
    yield "booking whose address works again"


def reminders(tour: Tour, scene: Scenery) -> Stops:
    """The plan, a booking's coming messages, one of them as it would read, and no more of them."""
    page, shop, reference = tour.page, scene.shop, scene.references["confirmed"]
    with database.reading(shop.id):
        booking_id = database.value("SELECT id FROM booking WHERE reference = %s", reference)
    planning.keep_up(shop.id, booking_id, at=time.now())
    log_in(page, people.person(shop.id).email)
    home = f"/dashboard/{shop.slug}"
    tour.open(f"{home}/settings/reminders")
    yield "reminders"
    page.fill("[name=days_event_soon]", "many")
    send(page)
    yield "reminders with a fault"
    tour.open(f"{home}/settings/free-dates")
    yield "free dates"
    page.fill("[name=at]", "")
    send(page)
    yield "free dates with a fault"
    tour.open(f"{home}/settings/notices")
    yield "notices"
    page.fill("[name=at]", "")
    send(page)
    yield "notices with a fault"
    tour.open(f"{home}/bookings/{reference}")
    yield "booking with coming messages"
    with database.reading(shop.id):
        messages = log.of_booking(shop.id, booking_id).coming
    for each in messages:
        tour.open(f"{home}/bookings/{reference}/messages/{each.id}")
        yield f"preview of {each.kind}"
        tour.open(f"{home}/bookings/{reference}/messages/{each.id}/html")
        yield "mail"
    yield from post(tour, scene, home, reference)
    tour.open(f"{home}/bookings/{reference}")
    send(page, "form[action$='/messages/pause'] button")
    yield "booking with paused messages"
    yield from _words(tour, f"{home}/settings/words")
    tour.open(f"/unsubscribe/{NO_SUCH_TOKEN}")
    yield "no such link"
    tour.open(f"/unsubscribe/{follow_ups.mint(shop.id, 'anna@couple.example', at=time.now())}")
    yield "no more of these?"
    send(page)
    yield "no more of these"
