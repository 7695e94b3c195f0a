"""The way over the pages of a couple's documents: on paper, being made, late, and ready."""

from portal.invoices import rendering
from portal.kernel import time
from tests.journeys.stops import Stops, Tour
from tests.support.documents import fail_to_print, unprinted
from tests.support.scenery import Scenery


def documents(tour: Tour, scene: Scenery) -> Stops:
    """An invoice from its number to its PDF, for a couple whose worker is this walk."""
    shop = scene.shop
    invoice = unprinted(shop)
    home = f"/manage/{invoice.reference}"
    tour.open(f"/m/{invoice.token}")
    yield "couple's page with a document"
    tour.open(invoice.address)
    yield "document on a screen"
    tour.open(f"{invoice.address}.pdf?look=45")
    yield "PDF, not waited for any longer"
    fail_to_print(shop, invoice.invoice_id)
    tour.open(f"{invoice.address}.pdf?look=45")
    yield "PDF that fails"
    tour.open(home)
    yield "couple's page with a document that has no PDF"
    tour.open(f"{invoice.address}.pdf")
    yield "PDF, waited for"
    assert rendering.render(shop.id, invoice.invoice_id, at=time.now())
    tour.page.get_by_role("heading", name="Your PDF is ready").wait_for()
    yield "PDF, ready"
