"""An invoice as data: the XML of Factur-X 1.0, profile EN 16931, which is put inside the PDF.

Pure. Amounts are the document's own; nothing is computed anew but the unit price without tax. Terms in comments are
those of EN 16931 (BT-…): https://fnfe-mpe.org/factur-x/factur-x_en/
"""

import re
from decimal import Decimal
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

from babel import Locale

from portal.invoices.document import Document, Line, Seller
from portal.invoices.states import DocumentKind
from portal.kernel.money import Money, exponent
from portal.kernel.tax import TaxMode
from portal.kernel.text import printable

FILE_NAME = "factur-x.xml"
DESCRIPTION = "Factur-X invoice"
_RSM = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
_RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
_UDT = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"
_QDT = "urn:un:unece:uncefact:data:standard:QualifiedDataType:100"
_GUIDELINE = "urn:cen.eu:en16931:2017"
_TYPES = {DocumentKind.INVOICE: "380", DocumentKind.CREDIT_NOTE: "381"}
_VAT, _LOCAL = "VA", "FC"
_PIECE = "C62"
_MOST_DECIMALS = 2
_UNIT_PRICE = Decimal("0.000001")
_BP_PER_PERCENT = 100
# Prefixes of VAT numbers that are no country codes: Greece, and Northern Ireland.
_VAT_PREFIXES = {"GR": ("EL", "GR"), "GB": ("GB", "XI")}


class Tax(NamedTuple):
    """A category of tax and its rate in percent (BT-118, BT-119)."""

    category: str
    percent: str


def is_due(document: Document) -> bool:
    """Whether this document carries its data: an invoice or credit note of a business with a tax number.

    The standard knows no amounts with three decimals.
    """
    return (
        document.kind in _TYPES and bool(document.seller.tax_number) and exponent(document.currency) <= _MOST_DECIMALS
    )


def xml(document: Document) -> str:
    """The document as Factur-X."""
    root = Element(
        "rsm:CrossIndustryInvoice", {"xmlns:rsm": _RSM, "xmlns:ram": _RAM, "xmlns:udt": _UDT, "xmlns:qdt": _QDT}
    )
    guideline = _at(root, "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter")
    _text(guideline, "ram:ID", _GUIDELINE)
    _head(root, document)
    transaction = _at(root, "rsm:SupplyChainTradeTransaction")
    for number, line in enumerate(document.lines, start=1):
        _line(transaction, document, number, line)
    _parties(transaction, document)
    _date(_at(transaction, "ram:ApplicableHeaderTradeDelivery/ram:ActualDeliverySupplyChainEvent"),
          "ram:OccurrenceDateTime", document.service.last_on.strftime("%Y%m%d"))  # fmt: skip
    _settlement(_at(transaction, "ram:ApplicableHeaderTradeSettlement"), document)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")


def _head(root: Element, document: Document) -> None:
    head = _at(root, "rsm:ExchangedDocument")
    _text(head, "ram:ID", document.number)
    _text(head, "ram:TypeCode", _TYPES[document.kind])
    _date(head, "ram:IssueDateTime", document.issued_on.strftime("%Y%m%d"))
    for note in filter(None, (document.terms, document.notes)):
        _text(_at(head, "ram:IncludedNote"), "ram:Content", note)


def _line(transaction: Element, document: Document, number: int, line: Line) -> None:
    item = _at(transaction, "ram:IncludedSupplyChainTradeLineItem")
    _text(_at(item, "ram:AssociatedDocumentLineDocument"), "ram:LineID", str(number))
    _text(_at(item, "ram:SpecifiedTradeProduct"), "ram:Name", line.description or "-")
    price = _at(item, "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice")
    unit = (Money(line.net_cents, document.currency).major / line.quantity).quantize(_UNIT_PRICE).normalize()
    _text(price, "ram:ChargeAmount", format(unit, "f"))
    _text(_at(item, "ram:SpecifiedLineTradeDelivery"), "ram:BilledQuantity", str(line.quantity), unitCode=_PIECE)
    settlement = _at(item, "ram:SpecifiedLineTradeSettlement")
    tax = _tax(document, line.tax_rate_bp)
    row = _at(settlement, "ram:ApplicableTradeTax")
    _text(row, "ram:TypeCode", "VAT")
    _text(row, "ram:CategoryCode", tax.category)
    _text(row, "ram:RateApplicablePercent", tax.percent)
    total = _at(settlement, "ram:SpecifiedTradeSettlementLineMonetarySummation")
    _amount(total, "ram:LineTotalAmount", line.net_cents, document)


def _parties(transaction: Element, document: Document) -> None:
    agreement = _at(transaction, "ram:ApplicableHeaderTradeAgreement")
    seller = _at(agreement, "ram:SellerTradeParty")
    scheme, number = _registration(document.seller)
    if scheme != _VAT:
        _text(seller, "ram:ID", number)  # BR-CO-26: without a VAT number something else must identify the seller
    _text(seller, "ram:Name", document.seller.name)
    _address(seller, document.seller.address, document.seller.country)
    _text(_at(seller, "ram:SpecifiedTaxRegistration"), "ram:ID", number, schemeID=scheme)
    buyer = _at(agreement, "ram:BuyerTradeParty")
    _text(buyer, "ram:Name", document.customer.name or "-")
    _address(buyer, document.customer.address, document.customer.country)


def _address(party: Element, address: str, country: str) -> None:
    lines = [line for line in address.splitlines() if line.strip()]
    place = _at(party, "ram:PostalTradeAddress")
    names = ("ram:LineOne", "ram:LineTwo", "ram:LineThree")
    for name, line in zip(names, [*lines[:2], ", ".join(lines[2:])], strict=False):
        if line:
            _text(place, name, line)
    _text(place, "ram:CountryID", country)


def _settlement(settlement: Element, document: Document) -> None:
    _text(settlement, "ram:InvoiceCurrencyCode", document.currency)
    for each in document.taxes:
        tax = _tax(document, each.tax_rate_bp)
        row = _at(settlement, "ram:ApplicableTradeTax")
        _amount(row, "ram:CalculatedAmount", each.tax_cents, document)
        _text(row, "ram:TypeCode", "VAT")
        if tax.category == "E":
            _text(row, "ram:ExemptionReason", document.exemption or "Exempt")
        _amount(row, "ram:BasisAmount", each.net_cents, document)
        _text(row, "ram:CategoryCode", tax.category)
        _text(row, "ram:RateApplicablePercent", tax.percent)
    due = document.dues[-1].due_on if document.dues else document.issued_on
    _date(_at(settlement, "ram:SpecifiedTradePaymentTerms"), "ram:DueDateDateTime", due.strftime("%Y%m%d"))
    _totals(_at(settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation"), document)
    if document.refers_to:
        original = _at(settlement, "ram:InvoiceReferencedDocument")
        _text(original, "ram:IssuerAssignedID", document.refers_to.number)
        _date(original, "ram:FormattedIssueDateTime", document.refers_to.issued_on.strftime("%Y%m%d"), kind="qdt")


def _totals(total: Element, document: Document) -> None:
    paid = document.paid_cents if document.kind is DocumentKind.INVOICE else 0
    _amount(total, "ram:LineTotalAmount", document.net_cents, document)
    _amount(total, "ram:TaxBasisTotalAmount", document.net_cents, document)
    _amount(total, "ram:TaxTotalAmount", document.tax_cents, document, currencyID=document.currency)
    _amount(total, "ram:GrandTotalAmount", document.total_cents, document)
    _amount(total, "ram:TotalPrepaidAmount", paid, document)
    _amount(total, "ram:DuePayableAmount", document.total_cents - paid, document)


def _tax(document: Document, rate_bp: Decimal) -> Tax:
    """Standard rate, zero rate, or exempt for a business that charges none at all."""
    percent = format((rate_bp / _BP_PER_PERCENT).normalize(), "f")
    if document.tax_mode is TaxMode.NONE:
        return Tax("E", "0")
    return Tax("S" if rate_bp else "Z", percent)


def _registration(seller: Seller) -> tuple[str, str]:
    """A VAT number (BT-31) begins with its country; any other is a local registration (BT-32)."""
    number = re.sub(r"[ ./-]", "", seller.tax_number).upper()
    prefixes = _VAT_PREFIXES.get(seller.country, (seller.country,))
    is_vat = number.startswith(prefixes) and seller.country in Locale("en").territories
    return (_VAT, number) if is_vat else (_LOCAL, seller.tax_number)


def _at(parent: Element, path: str) -> Element:
    for name in path.split("/"):
        parent = SubElement(parent, name)
    return parent


def _text(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = printable(text.replace("\n", " "))


def _amount(parent: Element, name: str, cents: int, document: Document, **attributes: str) -> None:
    _text(parent, name, format(Money(cents, document.currency).major, "f"), **attributes)


def _date(parent: Element, name: str, digits: str, *, kind: str = "udt") -> None:
    _text(_at(parent, name), f"{kind}:DateTimeString", digits, format="102")
