"""The way over the owner's pages of documents: list, one of them in each state, settings, many in one file."""

from uuid import UUID

from portal.db import database
from portal.invoices import rendering
from portal.kernel import time
from tests.journeys.stops import Stops, Tour, log_in, send
from tests.support import documents, people
from tests.support.scenery import Scenery


def invoices(tour: Tour, scene: Scenery) -> Stops:
    """An owner who reads, prints, marks, and sets how invoices look."""
    shop, page = scene.shop, tour.page
    invoice = documents.unprinted(shop)
    documents.invoiced(shop, _booking(scene))
    log_in(page, people.person(shop.id).email)
    home = f"/dashboard/{shop.slug}"
    one = f"invoices/{invoice.number}"
    for path in ("invoices", "invoices?q=nobody", one, f"{one}.pdf", f"{one}/print"):
        tour.open(f"{home}/{path}")
        yield path
    documents.fail_to_print(shop, invoice.invoice_id)
    tour.open(f"{home}/invoices/{invoice.number}?look=45")
    yield "invoice whose PDF fails"
    assert rendering.render(shop.id, invoice.invoice_id, at=time.now())
    tour.open(f"{home}/invoices/{invoice.number}")
    yield "invoice with its PDF"
    tour.open(f"{home}/invoices/{invoice.number}/edit")
    yield "instead of changing an invoice"
    tour.open(f"{home}/bookings/{scene.references['confirmed']}/invoices")
    yield "a booking's invoices"
    tour.open(f"{home}/bookings/{scene.references['completed']}/invoices/draft")
    yield "what can be issued"
    tour.open(f"{home}/bookings/{scene.references['held']}/invoices/draft")
    yield "nothing to issue"
    tour.open(f"{home}/invoices/exports")
    yield "no downloads yet"
    export_id = documents.exported(shop)
    tour.open(f"{home}/invoices/exports")
    yield "downloads"
    for state in ("'ready', byte_count = 0", "'failed', byte_count = NULL"):
        scene.change(f"UPDATE invoice_export SET status = {state} WHERE id = %s", export_id)
        tour.open(f"{home}/invoices/exports/{export_id}")
        yield f"a download, {state}"
    scene.change("UPDATE invoice_export SET status = 'making', ended_at = NULL WHERE id = %s", export_id)
    tour.open(f"{home}/invoices/exports/{export_id}?look=300")
    yield "a download that is being made"
    tour.open(f"{home}/settings/invoices")
    yield "settings of invoices"
    page.fill("[name=prefix]", "no_good")
    send(page, "#save")
    yield "settings of invoices, with a fault"
    tour.open(f"{home}/settings/tax")
    yield "taxes"
    page.fill("[name^=rate_] >> nth=0", "much")
    send(page, "form.form button")
    yield "taxes, with a fault"


def _booking(scene: Scenery) -> UUID:
    with database.reading(scene.shop.id):
        return UUID(str(database.value("SELECT id FROM booking WHERE reference = %s", scene.references["confirmed"])))
