"""A document inside another page: its whole page as the content of a frame, which runs nothing and loads no address.

The frame is filled from the page around it (``srcdoc``), so that what is not saved can be shown too.
"""

from flask import url_for

from portal.invoices import page
from portal.invoices.document import Document
from portal.tenants.logo import Logo
from portal.web import assets


def source(document: Document, logo: Logo | None) -> str:
    """What the frame holds; the template escapes it into an attribute."""
    sheets = [
        assets.asset("css/document.css"),
        url_for("document.colours", colour=document.look.brand_color.removeprefix("#")),
    ]
    return page.html(document, stylesheets=sheets, logo_src=page.data_address(logo) if logo else "", logo=logo)
