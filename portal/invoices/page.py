"""A document as HTML, the same for the screen, for a browser's printer and for the PDF.

Everything printed comes out of the frozen document, in its own language. Texts from people are escaped, and what could
forge the text around them (control characters, overrides of writing direction) is left out.
"""

import base64
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from portal.invoices.document import Document, Payment
from portal.invoices.states import Called, Reason
from portal.kernel.tax import TaxMode
from portal.kernel.text import N_, printable
from portal.tenants import theme
from portal.tenants.language import Language, language
from portal.tenants.logo import Logo

_FOLDER = Path(__file__).resolve().parents[2] / "templates" / "documents"
_FILTERS = ("money", "date_long", "date_medium", "percent_bp", "number")
_HEADINGS = {
    Called.INVOICE: N_("Invoice"),
    Called.CREDIT_NOTE: N_("Credit note"),
    Called.RECEIPT: N_("Receipt"),
    Called.REFUND: N_("Receipt for a refund"),
    Called.RETURNED_REFUND: N_("Receipt for a returned refund"),
}
_REASONS = {
    Reason.CHANGED: N_("The booking has changed. This takes back the invoice; a new one takes its place."),
    Reason.CANCELLED: N_("The booking was cancelled. This takes back what is not kept of the invoice."),
    Reason.RETURNED: N_("The bank sent the refund back to us. This takes back its receipt: the money did not arrive."),
}
_MILLIMETRE = 96 / 25.4
_LOGO_WIDTH, _LOGO_HEIGHT = 60 * _MILLIMETRE, 22 * _MILLIMETRE


def html(
    document: Document, *, stylesheets: Sequence[str], logo_src: str = "", logo: Logo | None = None,
    actions: Sequence[tuple[str, str]] = (), icon: str = "",
) -> str:  # fmt: skip
    """The page. ``stylesheets`` are the addresses of ``css/document.css`` and of ``colours()``; ``actions`` are links
    that stand above it on a screen, ``icon`` is the address of a browser window's picture.
    """
    chosen = language_of(document)
    context = {
        "doc": document,
        "tag": chosen.tag,
        "heading": heading(document),
        "title": title(document),
        "reason": chosen.gettext(_REASONS[document.reason]) if document.reason in _REASONS else "",
        "tax_name": _tax_name(chosen, document),
        "is_taxed": document.tax_mode is not TaxMode.NONE,
        "is_added": document.tax_mode is TaxMode.EXCLUSIVE,
        "has_discounts": any(line.discount_cents for line in document.lines),
        "is_received": document.paid_cents >= 0,
        "logo_src": logo_src if logo else "",
        "logo_size": _size(logo) if logo else (0, 0),
        "stylesheets": stylesheets,
        "actions": actions,
        "icon": icon,
    }
    return _environment(chosen).get_template("document.html").render(context)


def heading(document: Document) -> str:
    """What kind of document this is, in its language."""
    return language_of(document).gettext(name_of(document.called))


def name_of(called: Called) -> str:
    """What a document is called, for whoever translates it."""
    return _HEADINGS[called]


def title(document: Document) -> str:
    """How a window, an archive or a reader's voice names it."""
    return printable(" ".join(filter(None, [heading(document), document.number, "–", document.seller.name])))


def colours(brand_color: str) -> str:
    """The style sheet of a tenant's colour, dark enough to be read on white paper."""
    palette = theme.light(brand_color)
    return f":root {{ --brand: {palette.brand}; --brand-text: {palette.brand_text}; }}\n"


def data_address(logo: Logo) -> str:
    """A logo as an address that needs no second request."""
    return f"data:image/png;base64,{base64.b64encode(logo.content).decode()}"


def language_of(document: Document) -> Language:
    """The language that a document was issued in."""
    return language(document.look.locale, document.look.timezone)


def _tax_name(chosen: Language, document: Document) -> str:
    name = document.tax_label or chosen.gettext(N_("Tax"))
    return printable(name[:1].upper() + name[1:])


def _size(logo: Logo) -> tuple[int, int]:
    """The logo's measures on paper, in CSS pixels."""
    scale = min(_LOGO_WIDTH / logo.width, _LOGO_HEIGHT / logo.height, 1)
    return max(1, round(logo.width * scale)), max(1, round(logo.height * scale))


def _payment_words(chosen: Language, payment: Payment) -> str:
    day = chosen.date_medium(payment.paid_on)
    card = f"{payment.card_brand.capitalize()} •••• {payment.card_last4}".strip() if payment.card_last4 else ""
    if payment.amount_cents < 0:
        back = chosen.gettext(N_("Given back on %(day)s"), day=day)
        return f"{back}, {card}" if card else back
    paid = chosen.gettext(N_("Received on %(day)s"), day=day)
    return f"{paid}, {card}" if card else paid


@lru_cache(maxsize=64)
def _environment(chosen: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # given by the extension
        gettext=chosen.catalogue.gettext, ngettext=chosen.catalogue.ngettext, newstyle=True
    )
    environment.filters.update({name: getattr(chosen, name) for name in _FILTERS})
    environment.filters["text"] = printable
    environment.filters["lines"] = str.splitlines
    environment.filters["payment_words"] = lambda payment: _payment_words(chosen, payment)
    return environment
