"""PDFs as readers, archives and programs see them: nothing cut, in order, tagged, with the right data inside."""

import hashlib
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pypdfium2
import pytest
from PIL import Image

from portal.invoices import einvoice, rendering
from portal.invoices.document import Document, Reference, Seller, from_json
from portal.invoices.printer import Printer
from portal.invoices.states import DocumentKind, Reason
from portal.kernel.money import Money
from portal.kernel.tax import TaxMode
from portal.tenants.logo import Logo
from tests.support import pdfs
from tests.support.documents import brooklyn, line, over, paris, press
from tests.tenants.test_invoicing import picture

__all__ = ["press"]
pytestmark = pytest.mark.slow
RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"


def long_booking() -> Document:
    mode = TaxMode.EXCLUSIVE
    lines = [line(f"Extra hour {number}", 1 + number % 3, 12_345, "887.5", mode) for number in range(60)]
    return over(brooklyn(), *lines)


def credit_note() -> Document:
    original = paris()
    return replace(
        over(original, *original.lines[:1]),
        kind=DocumentKind.CREDIT_NOTE,
        number="ATELIER-LUMIERE_CN_2026_001",
        reason=Reason.CANCELLED,
        refers_to=Reference(original.number, original.issued_on),
        payments=(),
        dues=(),
    )


def receipt(cents: int) -> Document:
    plain = brooklyn()
    (payment,) = plain.payments
    return replace(
        plain,
        kind=DocumentKind.RECEIPT,
        number="BELLA-WEDDINGS_R_2026_001",
        service=replace(plain.service, name="Deposit for The Rooftop Elopement"),
        tax_mode=TaxMode.NONE,
        lines=(),
        taxes=(),
        net_cents=abs(cents),
        tax_cents=0,
        total_cents=abs(cents),
        payments=(replace(payment, amount_cents=cents),),
        dues=(),
        refers_to=Reference("BELLA-WEDDINGS_2026_001", plain.issued_on),
    )


def exempt() -> Document:
    lines = [line("Day", 1, 100_000, "0", TaxMode.NONE)]
    return replace(over(paris(), *lines), tax_mode=TaxMode.NONE, exemption="TVA non applicable, art. 293 B du CGI")


def yen() -> Document:
    lines = [line("Day", 3, 98_765, "1000", TaxMode.EXCLUSIVE)]
    return replace(over(brooklyn(), *lines), currency="JPY")


def discounted() -> Document:
    mode = TaxMode.EXCLUSIVE
    less = replace(line("Full day", 1, 90_000, "2000", mode), unit_cents=100_000, discount_cents=10_000)
    return over(brooklyn(), less, line("Album", 3, 10_001, "2000", mode))


ALL = {
    "english": brooklyn,
    "french": paris,
    "long": long_booking,
    "credit note": credit_note,
    "exempt": exempt,
    "yen": yen,
    "discounted": discounted,
}


def made(press: Printer, document: Document, logo: Logo | None = None) -> bytes:
    return press.make(rendering.job(document, logo))


@pytest.mark.parametrize("name", ALL)
def test_a_document_is_kept_as_json_and_comes_back_whole(name: str) -> None:
    document = ALL[name]()
    assert from_json(document.to_json()) == document


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_printed_outside_the_margins_and_a_usual_invoice_is_one_page(press: Printer, name: str) -> None:
    pages = pdfs.pictures(made(press, ALL[name]()))
    assert (len(pages) == 1) is (name != "long")
    paper = 297 / 210 if name in {"french", "credit note", "exempt"} else 11 / 8.5
    assert all(page.height / page.width == pytest.approx(paper, abs=0.01) for page in pages)
    for page in pages:
        left, top, right, bottom = pdfs.outermost_ink(page)
        assert left >= 0.08
        assert right <= 0.92
        assert top >= 0.05
        assert bottom <= 0.98


def test_the_text_comes_in_reading_order(press: Printer) -> None:
    said = pdfs.text(made(press, brooklyn()))
    wanted = [
        "Bella Weddings LLC", "88 Bergen Street", "Tax number 12-3456789", "hello@bella.example", "Invoice",
        "BELLA-WEDDINGS_2026_001",
        "Issued on November 20, 2026", "Booking K7QM-2R9D", "Customer", "Anna Smith & Ben Jones", "Date of service",
        "Saturday, June 12, 2027", "The Old Mill", "Description Quantity Unit price Sales tax Amount",
        "The Rooftop Elopement 1 $1,850.00 8.875% $1,850.00", "Second photographer 2 $300.00 8.875% $600.00",
        "Printed album 1 $450.00 0% $450.00", "Subtotal $2,900.00", "Sales tax 8.875% on $2,450.00 $217.44",
        "Total $3,117.44", "Payments", "Received on November 20, 2026, Visa •••• 4242", "pi_3QabcDEF0123456789",
        "$1,000.00", "Balance due $2,117.44", "Due on May 13, 2027 $2,117.44", "Terms of payment", "Notes",
        "We look forward to your day.", "1 / 1",
    ]  # fmt: skip
    places = [said.find(each) for each in wanted]
    assert -1 not in places, [each for each, place in zip(wanted, places, strict=True) if place == -1]
    assert places == sorted(places)


def test_a_long_one_repeats_its_heads_counts_its_pages_and_tears_no_line_apart(press: Printer) -> None:
    pdf = made(press, long_booking())
    said = pdfs.text(pdf)
    pages = len(pdfs.pictures(pdf))
    with_lines = len({place for place in range(pages) if "Extra hour" in said_on(pdf, place)})
    assert with_lines >= 2
    assert said.count("Description Quantity Unit price Sales tax Amount") == with_lines
    assert all(f"{number} / {pages}" in said for number in range(1, pages + 1))
    assert said.count("BELLA-WEDDINGS_2026_001") == pages + 1
    assert re.findall(r"Extra hour (\d+) ", said) == [str(number) for number in range(60)]


def said_on(pdf: bytes, place: int) -> str:
    return str(pypdfium2.PdfDocument(pdf)[place].get_textpage().get_text_range())


def test_french_is_french(press: Printer) -> None:
    pdf = made(press, paris())
    said = pdfs.text(pdf).replace("\u202f", " ").replace("\xa0", " ")
    assert "Chloé Lefèvre & Łukasz Żółć" in said
    assert "samedi 12 juin 2027" in said
    assert "Facture ATELIER-LUMIERE_2026_017 Émis le 20 novembre 2026" in said
    assert "Total 2 798,00 €" in said
    assert "Dont TVA 20 % sur 2 000,00 € 400,00 €" in said
    assert "Solde à payer 1 798,00 €" in said
    assert pdfs.catalogue(pdf)["/Lang"] == "fr-FR"


def test_receipts_say_what_came_and_what_went_back(press: Printer) -> None:
    came, back = (pdfs.text(made(press, receipt(cents))) for cents in (100_000, -40_000))
    assert "Receipt BELLA-WEDDINGS_R_2026_001" in came
    assert "Amount received $1,000.00" in came
    assert "For invoice BELLA-WEDDINGS_2026_001" in came
    assert "Receipt for a refund" in back
    assert "Amount given back $400.00" in back


def test_it_is_tagged_and_fit_for_an_archive(press: Printer) -> None:
    logo = Logo(picture(mode="RGB", size=(300, 120)), 300, 120)
    pdf = made(press, brooklyn(look=replace(brooklyn().look, logo_sha256=logo.sha256.hex())), logo)
    root = pdfs.catalogue(pdf)
    assert root["/Lang"] == "en-US"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert root["/OutputIntents"]
    assert pdfs.information(pdf)["/Title"] == "Invoice BELLA-WEDDINGS_2026_001 – Bella Weddings LLC"
    described = root["/Metadata"].get_object().get_data().decode()
    assert 'pdfaid:part="3"' in described
    assert 'pdfaid:conformance="A"' in described
    assert described.count("<rdf:RDF") == 1
    assert "<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>" in described
    ET.fromstring(re.sub(r"<\?xpacket.*?\?>", "", described))  # noqa: S314  our own
    kinds = [kind for kind, _ in pdfs.tags(pdf)]
    assert ("/Figure", "Bella Weddings LLC") in pdfs.tags(pdf)
    order = [kind for kind in kinds if kind in {"/Figure", "/H1", "/H2", "/Table"}]
    assert order == ["/Figure", "/H1", "/H2", "/H2", "/H2", "/Table", "/Table", "/H2", "/Table", "/H2", "/H2"]
    assert kinds.count("/TH") >= 5 + 3


@pytest.mark.parametrize("name", ALL)
def test_the_data_inside_obey_the_standard_and_say_the_same(press: Printer, name: str) -> None:
    document = ALL[name]()
    xml = pdfs.data(made(press, document))
    assert pdfs.broken_rules(xml) == []
    root = ET.fromstring(xml)  # noqa: S314  our own
    assert document.number.encode() in xml
    for amount, cents in {
        "TaxBasisTotalAmount": document.net_cents,
        "TaxTotalAmount": document.tax_cents,
        "GrandTotalAmount": document.total_cents,
        "DuePayableAmount": document.balance_cents,
    }.items():
        (found,) = [each.text for each in root.iter(f"{RAM}{amount}")]
        assert Decimal(found or "") == Money(cents, document.currency).major, amount
    totals = [Decimal(each.text or "") for each in root.iter(f"{RAM}LineTotalAmount")]
    assert sum(totals[:-1]) == totals[-1] == Money(document.net_cents, document.currency).major


def test_who_needs_no_data_carries_none(press: Printer) -> None:
    without = brooklyn(seller=replace(brooklyn().seller, tax_number=""))
    for document in (without, receipt(100_000), brooklyn(currency="TND")):
        assert not einvoice.is_due(document)
        assert "/AF" not in pdfs.catalogue(made(press, document))


@pytest.mark.parametrize(
    ("country", "number", "scheme"),
    [("FR", "FR 40 303265045", "VA"), ("GR", "EL123456789", "VA"), ("US", "12-3456789", "FC"), ("FR", "DE123", "FC")],
)
def test_a_vat_number_is_told_from_a_local_one(country: str, number: str, scheme: str) -> None:
    seller: Seller = replace(paris().seller, country=country, tax_number=number)
    xml = einvoice.xml(replace(paris(), seller=seller))
    assert f'schemeID="{scheme}"' in xml
    assert pdfs.broken_rules(xml.encode()) == []


def test_each_font_is_the_one_that_its_readme_names() -> None:
    folder = Path(__file__).resolve().parents[2] / "static/fonts/documents"
    readme = (folder / "README").read_text()
    fonts = sorted(folder.glob("*.woff2"))
    assert len(fonts) == 8
    assert [f"{hashlib.sha256(font.read_bytes()).hexdigest()}  {font.name}" in readme for font in fonts] == [True] * 8


def test_the_same_document_is_the_same_bytes(press: Printer) -> None:
    assert made(press, brooklyn()) == made(press, brooklyn())


def test_a_logo_keeps_its_shape_and_place(press: Printer) -> None:
    logo = Logo(picture(mode="RGB", size=(1200, 200)), 1200, 200)
    (page,) = pdfs.pictures(made(press, brooklyn(look=replace(brooklyn().look, logo_sha256="00")), logo), scale=2)
    assert isinstance(page, Image.Image)
    row = [page.getpixel((x, int(page.height * 0.08))) for x in range(page.width)]
    coloured = [x for x, shade in enumerate(row) if shade == (140, 90, 95)]
    assert len(coloured) / page.width == pytest.approx(60 / 215.9, abs=0.01)
