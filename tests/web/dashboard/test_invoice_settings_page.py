"""The owner says who the business is on its invoices, looks at one before saving, uploads a logo and sets the taxes."""

import html
import io
import re
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from portal.catalog import queries as catalog
from portal.db import database
from portal.identity.roles import Role
from portal.tenants import invoicing
from portal.tenants import queries as tenants
from portal.tenants.invoicing import Invoicing, IssueWhen
from portal.web.application import Application
from portal.web.dashboard.invoice_settings import FIELDS
from tests.support.forms import csrf_in
from tests.support.people import logged_in, person
from tests.support.world import Business

GOOD = {
    "legal_name": "Juniper & Rye LLC", "address": "1 Main Street\nBrooklyn", "country": "us",
    "tax_number": "12-3456789", "registration": "", "exemption": "", "prefix": "juniper-rye",
    "terms": "Due in 30 days.", "notes": "Thank you!", "issue_when": "paid", "paper": "A4",
}  # fmt: skip


@pytest.fixture
def owner(app: Application, shop: Business) -> FlaskClient:
    """The owner's browser."""
    return logged_in(app, person(shop.id))


def now(shop: Business) -> Invoicing:
    with database.reading(shop.id):
        return invoicing.get(shop.id)


def post(client: FlaskClient, shop: Business, path: str, headers: Any = None, **fields: Any) -> Any:
    token = csrf_in(client.get(f"/dashboard/{shop.slug}/dates").text)
    address = f"/dashboard/{shop.slug}/settings/{path}"
    return client.post(address, data={"csrf_token": token, **fields}, headers=headers)


def picture(kind: str = "PNG", size: tuple[int, int] = (120, 40)) -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", size, "green").save(made, kind)
    made.seek(0)
    return made


def test_what_the_owner_writes_is_saved_and_shown_again(owner: FlaskClient, shop: Business) -> None:
    assert set(GOOD) == set(FIELDS)
    assert post(owner, shop, "invoices", **GOOD).status_code == 303
    saved = now(shop)
    assert (saved.legal_name, saved.prefix, saved.issue_when) == ("Juniper & Rye LLC", "JUNIPER-RYE", IssueWhen.PAID)
    page = owner.get(f"/dashboard/{shop.slug}/settings/invoices").text
    assert 'value="Juniper &amp; Rye LLC"' in page
    assert "JUNIPER-RYE_" in html.unescape(page)


def test_the_example_follows_the_form_and_nothing_is_saved(owner: FlaskClient, shop: Business) -> None:
    headers = {"HX-Request": "true", "HX-Target": "preview"}
    fragment = post(owner, shop, "invoices", headers, **GOOD | {"intent": "preview"}).text
    assert fragment.startswith("<section")
    (shown,) = re.findall(r'srcdoc="([^"]*)"', fragment)
    document = html.unescape(shown)
    assert document.startswith("<!doctype html>")
    assert "Juniper &amp; Rye LLC" in document
    assert "Due in 30 days." in document
    whole = post(owner, shop, "invoices", **GOOD | {"intent": "preview"}).text
    assert shown in whole
    assert now(shop) == Invoicing()


def test_markup_in_the_settings_is_text_in_the_example(owner: FlaskClient, shop: Business) -> None:
    evil = GOOD | {"legal_name": '"><script>alert(1)</script>', "intent": "preview"}
    page = post(owner, shop, "invoices", **evil).text
    assert "<script>alert" not in page
    (shown,) = re.findall(r'srcdoc="([^"]*)"', page)
    assert "<script" not in html.unescape(shown)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("country", "XX"), ("tax_number", "DE<b>"), ("prefix", "A_B"), ("prefix", "A--B"), ("paper", "A3"),
        ("issue_when", "never"), ("legal_name", "x" * 121), ("terms", "x" * 2001), ("notes", "a\u202eb"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_field(owner: FlaskClient, shop: Business, field: str, text: str) -> None:
    for intent in ("", "preview"):
        answer = post(owner, shop, "invoices", **GOOD | {field: text, "intent": intent})
        assert answer.status_code == 422
        assert f'id="f-{field}-error"' in answer.text
    assert now(shop) == Invoicing()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_logo_is_taken_shown_and_removed(owner: FlaskClient, shop: Business, kind: str) -> None:
    assert post(owner, shop, "invoices/logo", logo=(picture(kind), "logo")).status_code == 303
    assert now(shop).logo_sha256
    page = owner.get(f"/dashboard/{shop.slug}/settings/invoices").text
    assert "data:image/png;base64," in html.unescape(page)
    assert post(owner, shop, "invoices/logo", intent="remove").status_code == 303
    assert now(shop).logo_sha256 is None


@pytest.mark.parametrize(
    "content",
    [b"", b"not a picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n" + b"x" * 99,
     b"\xff" * 3_000_000],
)  # fmt: skip
def test_what_is_no_picture_or_too_large_is_refused_at_the_field(
    owner: FlaskClient, shop: Business, content: bytes
) -> None:
    answer = post(owner, shop, "invoices/logo", logo=(io.BytesIO(content), "logo.png"))
    assert answer.status_code == 422
    assert 'id="f-logo-error"' in answer.text
    assert now(shop).logo_sha256 is None


def test_no_other_form_takes_so_much(owner: FlaskClient, shop: Business) -> None:
    large = (io.BytesIO(b"x" * 300_000), "logo.png")
    assert post(owner, shop, "invoices", **GOOD, logo=large).status_code == 413
    assert post(owner, shop, "invoices/logo", logo=(io.BytesIO(b"x" * 8_100_000), "logo.png")).status_code == 413


def rates(shop: Business) -> dict[str, Decimal]:
    with database.reading(shop.id):
        return {str(each.id): each.tax_rate_bp for each in catalog.taxed(shop.id)}


def tax_form(shop: Business, rate: str) -> dict[str, str]:
    return {"tax_mode": "exclusive", "tax_label": "sales tax", **{f"rate_{key}": rate for key in rates(shop)}}


def test_the_owner_sets_the_taxes(owner: FlaskClient, shop: Business) -> None:
    assert post(owner, shop, "tax", **tax_form(shop, "8.875")).status_code == 303
    assert set(rates(shop).values()) == {Decimal("887.5")}
    with database.reading(shop.id):
        changed = tenants.get(shop.id)
    assert (changed.tax_mode, changed.tax_label) == ("exclusive", "sales tax")
    page = owner.get(f"/dashboard/{shop.slug}/settings/tax").text
    assert page.count('value="8.875"') == len(rates(shop))


@pytest.mark.parametrize("rate", ["", "-1", "101", "8,875", "1e1", "٨", "20%", "8.8755"])
def test_a_rate_that_is_none_is_refused(owner: FlaskClient, shop: Business, rate: str) -> None:
    before = rates(shop)
    answer = post(owner, shop, "tax", **tax_form(shop, rate))
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == len(before)
    assert rates(shop) == before


def test_only_the_owner_decides_and_everybody_looks(app: Application, shop: Business) -> None:
    for role in (Role.STAFF, Role.VIEWER):
        client = logged_in(app, person(shop.id, role))
        assert client.get(f"/dashboard/{shop.slug}/settings/invoices").status_code == 200
        assert client.get(f"/dashboard/{shop.slug}/settings/tax").status_code == 200
        assert post(client, shop, "invoices", **GOOD).status_code == 404
        assert post(client, shop, "invoices/logo", logo=(picture(), "logo.png")).status_code == 404
        assert post(client, shop, "tax", **tax_form(shop, "1")).status_code == 404
    assert now(shop) == Invoicing()
