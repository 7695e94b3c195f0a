"""The way over the pages of who waits for a taken date, and of the business that sees who does."""

from datetime import timedelta

from portal.availability import service as dates
from portal.availability import waitlist_links
from portal.kernel import time
from portal.lifecycle import waiting as queue
from tests.journeys.stops import NO_SUCH_TOKEN, Stops, Tour, log_in, send
from tests.support import couples, people, queues, sold
from tests.support.scenery import Scenery
from tests.support.world import Business


def waiting(tour: Tour, scene: Scenery) -> Stops:
    """Asking, waiting, an offer, its end."""
    page, shop, day = tour.page, scene.shop, couples.in_half_a_year(scene.shop, plus=140)
    form, booked = shop.url("waitlist/whole-day"), sold.sell(scene.shop, event_on=day)
    closed = shop.tenant.today(time.now()) + timedelta(days=2)
    for query in ("", f"?date={day}", f"?date={day + timedelta(days=1)}", f"?date={closed}", "?date=then"):
        tour.open(form + query)
        yield f"asking for a date {query}"
    tour.open(f"{form}?date={day}")
    send(page)
    yield "asking, with faults"
    page.fill("[name=name]", "Zoe & Max")
    page.fill("[name=email]", f"zoe@{shop.slug}.example")
    send(page)
    yield "on the list"
    tour.open(shop.url(f"book/whole-day?date={day}"))
    yield "form, and the list beside it"
    behind = queues.join(shop, "Bea", on=day)
    tour.open(shop.url(f"waiting/{behind}"))
    yield "stranger"
    tour.open(f"/w/{NO_SUCH_TOKEN}")
    yield "no such link"
    tour.open(f"/w/{waitlist_links.mint(shop.id, behind, at=time.now())}")
    yield "waiting"
    first = queues.join(shop, email=f"zoe@{shop.slug}.example", on=day)
    scene.change("UPDATE booking SET status = 'cancelled' WHERE id = %s", booked.booking_id)
    dates.release_days(shop.id, booking_id=booked.booking_id)
    queue.offer_freed(shop.id, resource_id=shop.resource_id, days=[day], at=time.now())
    tour.open(f"/w/{waitlist_links.mint(shop.id, first, at=time.now())}")
    yield "offered"
    page.get_by_role("link", name="Book this date").click()
    yield "form for what is kept"
    tour.open(shop.url(f"waiting/{first}"))
    send(page, "form[action$='/leave'] button")
    yield "left"
    yield from diary(tour, shop, f"{day:%Y-%m}")


def diary(tour: Tour, shop: Business, month: str) -> Stops:
    """The business's view of it."""
    log_in(tour.page, people.person(shop.id).email)
    tour.open(f"/dashboard/{shop.slug}/dates?month={month}")
    yield "dates, with who waits"
