"""What the owner sees of documents: list, one of them, marks, what to do instead of a change, a file of many."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from portal import settings
from portal.db import database
from portal.identity.roles import Role
from portal.invoices import listing, packing, printer, queries, rendering, service
from portal.invoices.listing import Filters
from portal.invoices.queries import InvoiceRow
from portal.kernel import time
from portal.settings import Features, Settings
from portal.tenants import invoicing
from portal.web.application import Application
from tests.support import sold, world
from tests.support.documents import press
from tests.support.forms import csrf_in
from tests.support.mailroom import drain
from tests.support.people import logged_in, person
from tests.support.world import Business

__all__ = ["press"]


@pytest.fixture
def booked(shop: Business) -> sold.Sold:
    """A paid booking with its invoice and its receipt."""
    made = sold.sell(shop)
    service.keep_up(shop.id, made.booking_id, at=time.now())
    return made


@pytest.fixture
def switched_back(connected: Settings) -> Iterator[None]:
    """The settings of all tests, whatever one of them chose."""
    yield
    settings.install(connected)


@pytest.fixture
def owner(app: Application, shop: Business) -> FlaskClient:
    """The owner's browser."""
    return logged_in(app, person(shop.id))


def documents(shop: Business) -> list[InvoiceRow]:
    with database.reading(shop.id):
        return listing.listing(shop.id, Filters()).rows


def invoice_of(shop: Business) -> InvoiceRow:
    return next(row for row in documents(shop) if row.kind == "invoice")


def post(client: FlaskClient, shop: Business, path: str, **fields: str) -> Any:
    token = csrf_in(client.get(f"/dashboard/{shop.slug}/dates").text)
    return client.post(f"/dashboard/{shop.slug}/{path}", data={"csrf_token": token, **fields})


def test_the_list_shows_every_document_and_its_filters_find_some(
    owner: FlaskClient, shop: Business, booked: sold.Sold
) -> None:
    home = f"/dashboard/{shop.slug}/invoices"
    page = owner.get(home).text
    rows = documents(shop)
    assert [f"/{row.invoice_number}" in page for row in rows] == [True, True]
    assert "2 documents" in page
    receipts = owner.get(f"{home}?kind=receipt&went=unsent").text
    assert [f"/{row.invoice_number}" in receipts for row in rows] == [row.kind == "receipt" for row in rows]
    unpaid = owner.get(f"{home}?paid=unpaid").text
    assert [f"/{row.invoice_number}" in unpaid for row in rows] == [row.kind == "invoice" for row in rows]
    assert '<option value="unpaid" selected' in unpaid
    assert "Nothing matches" in owner.get(f"{home}?paid=paid").text
    assert "Nothing matches" in owner.get(f"{home}?q=nobody").text
    assert owner.get(f"{home}?kind=<b>&went=x&paid=y&first_on=yesterday&after=none").status_code == 200


def test_an_empty_list_says_what_comes(owner: FlaskClient, shop: Business) -> None:
    assert "No invoices yet" in owner.get(f"/dashboard/{shop.slug}/invoices").text


def test_a_document_is_shown_printed_and_downloaded(
    owner: FlaskClient, shop: Business, booked: sold.Sold, press: Any
) -> None:
    row = invoice_of(shop)
    home = f"/dashboard/{shop.slug}/invoices/{row.invoice_number}"
    page = owner.get(home).text
    assert booked.reference in page
    assert "It is being made" in page
    assert "It is being made" in owner.get(f"{home}.pdf").text
    assert rendering.render(shop.id, row.id, at=time.now())
    printed = owner.get(f"{home}/print")
    assert row.invoice_number in printed.text
    assert f"{home}.pdf" in printed.text
    pdf = owner.get(f"{home}.pdf")
    assert pdf.content_type == "application/pdf"
    assert pdf.data.startswith(b"%PDF")
    fragment = owner.get(home, headers={"HX-Request": "true", "HX-Target": "pdf"}).text
    assert fragment.startswith("<section")
    assert "Download the PDF" in fragment


def test_looking_marks_nothing_and_the_owner_marks_by_hand(
    owner: FlaskClient, shop: Business, booked: sold.Sold
) -> None:
    path = f"invoices/{invoice_of(shop).invoice_number}"
    for each in ("", "/print", ".pdf", "/edit"):
        assert owner.get(f"/dashboard/{shop.slug}/{path}{each}").status_code == 200
    assert (invoice_of(shop).sent_at, invoice_of(shop).viewed_at) == (None, None)
    assert post(owner, shop, f"{path}/sent").status_code == 303
    assert post(owner, shop, f"{path}/viewed").status_code == 303
    first = invoice_of(shop)
    assert first.sent_at
    assert first.viewed_at
    post(owner, shop, f"{path}/sent")
    assert invoice_of(shop).sent_at == first.sent_at


def test_sending_again_owes_one_mail_to_each_address(owner: FlaskClient, shop: Business, booked: sold.Sold) -> None:
    row = invoice_of(shop)
    for _ in range(2):
        assert post(owner, shop, f"invoices/{row.invoice_number}/send").status_code == 303
    with database.reading(shop.id):
        sent = database.value("SELECT count(*) FROM message WHERE slot LIKE %s", f"{row.id} resend-%")
        addresses = database.value("SELECT count(DISTINCT recipient) FROM message WHERE slot LIKE %s", f"{row.id} %")
    assert sent in {addresses, 2 * addresses}  # twice when a minute ended in between
    assert "is on its way to" in owner.get(f"/dashboard/{shop.slug}/invoices").text


def test_a_failed_pdf_is_shown_and_tried_again_by_hand(
    owner: FlaskClient, shop: Business, booked: sold.Sold, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = invoice_of(shop)

    def fail(_job: object) -> bytes:
        raise printer.PrintingError("no <ink>")

    monkeypatch.setattr(printer.PRINTER, "make", fail)
    with pytest.raises(printer.PrintingError):
        rendering.render(shop.id, row.id, at=time.now())
    home = f"/dashboard/{shop.slug}/invoices"
    page = owner.get(f"{home}/{row.invoice_number}").text
    assert "could not be made so far" in page
    assert "no &lt;ink&gt;" in page
    assert row.invoice_number in owner.get(f"{home}?went=failed").text
    before = owed(shop, row.id)
    assert post(owner, shop, f"invoices/{row.invoice_number}/render").status_code == 303
    assert owed(shop, row.id) == before + 1


def owed(shop: Business, invoice_id: UUID) -> int:
    with database.reading(shop.id):
        found = database.value(
            "SELECT count(*) FROM outbox WHERE kind = 'invoice.render' AND subject_id = %s", invoice_id
        )
    return int(found)


def test_an_attempt_to_edit_says_what_to_do_instead(owner: FlaskClient, shop: Business, booked: sold.Sold) -> None:
    row = invoice_of(shop)
    with database.reading(shop.id):
        before = queries.document(shop.id, row.id)
    answer = post(owner, shop, f"invoices/{row.invoice_number}/edit", total="1")
    assert answer.status_code == 409
    assert "stays as it is" in answer.text
    assert f"/bookings/{booked.reference}" in answer.text
    with database.reading(shop.id):
        assert queries.document(shop.id, row.id) == before


def test_an_invoice_is_issued_by_hand_after_a_look_at_it(app: Application, shop: Business) -> None:
    invoicing.change(shop.id, at=time.now(), issue_when="by_hand")
    made = sold.sell(shop)
    drain(shop.id)
    assert [row.kind.value for row in documents(shop)] == ["receipt"]
    owner = logged_in(app, person(shop.id))
    path = f"bookings/{made.reference}/invoices"
    assert f"/{path}/draft" in owner.get(f"/dashboard/{shop.slug}/{path}").text
    page = owner.get(f"/dashboard/{shop.slug}/{path}/draft").text
    assert "<iframe" in page
    assert "srcdoc=" in page
    assert post(owner, shop, path).status_code == 303
    assert "invoice" in [row.kind.value for row in documents(shop)]
    count = len(documents(shop))
    post(owner, shop, path)
    page = owner.get(f"/dashboard/{shop.slug}/{path}/draft").text
    assert "There is nothing to invoice now" in page
    assert "<iframe" not in page
    assert len(documents(shop)) == count


def test_all_that_is_listed_comes_in_one_file(
    owner: FlaskClient, shop: Business, booked: sold.Sold, press: Any
) -> None:
    answer = post(owner, shop, "invoices/exports", kind="receipt")
    assert answer.status_code == 303
    address = answer.location
    assert "0% so far" in owner.get(address).text
    assert owner.get(f"{address}/documents.zip").status_code == 404
    packing.pack(shop.id, UUID(address.rpartition("/")[2]), at=time.now())
    fragment = owner.get(address, headers={"HX-Request": "true", "HX-Target": "export"}).text
    assert fragment.startswith("<section")
    assert "The file is ready" in fragment
    file = owner.get(f"{address}/documents.zip")
    assert int(file.headers["Content-Length"]) == len(file.data)
    (receipt,) = (row for row in documents(shop) if row.kind == "receipt")
    assert zipfile.ZipFile(io.BytesIO(file.data)).namelist() == [f"{receipt.invoice_number}.pdf"]
    assert "1 document" in owner.get(f"/dashboard/{shop.slug}/invoices/exports").text
    refused = post(owner, shop, "invoices/exports", q="nobody")
    assert "nothing to download" in owner.get(refused.location).text


def test_a_viewer_sees_everything_and_changes_nothing(app: Application, shop: Business, booked: sold.Sold) -> None:
    viewer = logged_in(app, person(shop.id, Role.VIEWER))
    number = invoice_of(shop).invoice_number
    for path in ("invoices", f"invoices/{number}", f"invoices/{number}/print", f"bookings/{booked.reference}/invoices"):
        page = viewer.get(f"/dashboard/{shop.slug}/{path}")
        assert page.status_code == 200
        assert page.text.count('method="post"') <= 1  # logging out
    for path in ("send", "sent", "viewed", "render", "edit"):
        assert post(viewer, shop, f"invoices/{number}/{path}").status_code == 404
    assert post(viewer, shop, "invoices/exports").status_code == 404
    assert post(viewer, shop, f"bookings/{booked.reference}/invoices").status_code == 404
    assert invoice_of(shop).sent_at is None


def test_a_foreign_or_invented_number_is_not_there(app: Application, owner: FlaskClient, shop: Business) -> None:
    rival = world.open_shop()
    theirs = sold.sell(rival)
    service.keep_up(rival.id, theirs.booking_id, at=time.now())
    for number in (invoice_of(rival).invoice_number, "NONE_2026_001", "x"):
        for path in ("", "/print", ".pdf", "/edit"):
            assert owner.get(f"/dashboard/{shop.slug}/invoices/{number}{path}").status_code == 404
        for path in ("send", "sent", "viewed", "render", "edit"):
            assert post(owner, shop, f"invoices/{number}/{path}").status_code == 404


def test_switched_off_nothing_is_offered_and_what_exists_can_be_read(
    owner: FlaskClient, shop: Business, booked: sold.Sold, connected: Settings, switched_back: None
) -> None:
    settings.install(replace(connected, features=Features(invoices=False)))
    number = invoice_of(shop).invoice_number
    for path in (f"bookings/{booked.reference}", "settings", "settings/terms", "bookings"):
        assert "nvoice" not in owner.get(f"/dashboard/{shop.slug}/{path}").text
    assert number in owner.get(f"/dashboard/{shop.slug}/invoices").text
    assert number in owner.get(f"/dashboard/{shop.slug}/invoices/{number}/print").text
    post(owner, shop, f"bookings/{booked.reference}/invoices")
    assert "Invoices are switched off here" in owner.get(f"/dashboard/{shop.slug}/invoices").text
    assert len(documents(shop)) == 2
