"""Who a business is on its invoices: fields are checked, what is empty comes from its own row, a logo is a picture."""

import io
import struct
import zlib

import pytest
from PIL import Image

from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Invalid
from portal.tenants import invoicing
from portal.tenants.invoicing import Invoicing, IssueWhen, Paper
from tests.support.world import Business, open_shop


def settings_of(shop: Business) -> Invoicing:
    with database.reading(shop.id):
        return invoicing.get(shop.id)


def test_nothing_written_means_what_the_business_says_of_itself(shop: Business) -> None:
    found, tenant = settings_of(shop), shop.tenant
    assert found == Invoicing()
    assert found.name_of(tenant) == "Juniper & Rye"
    assert found.prefix_of(tenant) == shop.slug.upper()
    assert found.country_of(tenant) == "US"
    assert found.paper_of(tenant) is Paper.LETTER
    assert settings_of(paris := open_shop(locale="fr_FR", currency="EUR")).paper_of(paris.tenant) is Paper.A4


def test_what_is_written_is_kept_field_by_field(shop: Business, rival: Business) -> None:
    invoicing.change(shop.id, legal_name="Juniper LLC", prefix="juniper", issue_when="paid", paper="A4", at=time.now())
    invoicing.change(shop.id, tax_number="12-3456789", country="ca", at=time.now())
    found = settings_of(shop)
    assert (found.legal_name, found.prefix, found.country) == ("Juniper LLC", "JUNIPER", "CA")
    assert (found.issue_when, found.paper_of(shop.tenant)) == (IssueWhen.PAID, Paper.A4)
    assert settings_of(rival) == Invoicing()


BAD = {
    "prefix": ["a_b", "é", "-A", "A--B", "A" * 64, "A/../B"],
    "tax_number": ["<script>", "Ж123", "1" * 41],
    "country": ["XX", "FRA", "1F"],
    "issue_when": ["never", ""],
    "paper": ["A3"],
    "legal_name": ["\u202eevil", "x" * 121, "a\nb"],
    "address": ["\x00"],
}


@pytest.mark.parametrize(("field", "given"), [(name, given) for name, all_ in BAD.items() for given in all_])
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_written(shop: Business, field: str, given: str) -> None:
    with pytest.raises(Invalid) as refused:
        invoicing.change(shop.id, **{"terms": "Fine.", field: given}, at=time.now())
    assert set(refused.value.fields) == {field}
    assert settings_of(shop) == Invoicing()


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 120), mode: str = "RGBA", **save: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, (140, 90, 95, 128) if mode == "RGBA" else (140, 90, 95)).save(out, kind, **save)
    return out.getvalue()


def test_a_picture_is_drawn_anew_and_found_by_its_hash(shop: Business) -> None:
    exif = Image.Exif()
    exif[0x010E] = "where we live"
    upload = picture("JPEG", (3000, 1200), "RGB", exif=exif)
    invoicing.set_logo(shop.id, upload, at=time.now())
    sha256 = settings_of(shop).logo_sha256
    assert sha256
    with database.reading(shop.id):
        logo = invoicing.find_logo(shop.id, sha256)
    assert (logo.width, logo.height) == (1200, 480)
    assert logo.content.startswith(b"\x89PNG")
    assert b"where we live" in upload
    assert b"where we live" not in logo.content
    invoicing.set_logo(shop.id, None, at=time.now())
    assert settings_of(shop).logo_sha256 is None
    with database.reading(shop.id):
        assert invoicing.find_logo(shop.id, sha256).sha256 == sha256


def test_the_same_picture_twice_is_kept_once(shop: Business) -> None:
    for _ in range(2):
        invoicing.set_logo(shop.id, picture(), at=time.now())
    with database.reading(shop.id):
        assert database.value("SELECT count(*) FROM invoice_logo") == 1


def bomb() -> bytes:
    """A PNG of 60,000 by 60,000 in a few bytes."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


NO_LOGOS = {
    "nothing": b"",
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a drawing that can hold scripts": b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
    "a picture cut off": picture()[:60],
    "a bomb": bomb(),
    "too large": picture("BMP", (1000, 1000), "RGB"),
    "a format that nobody prints": picture("BMP", (50, 50), "RGB"),
    "too small": picture(size=(8, 8)),
    "a document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
}


@pytest.mark.parametrize("name", NO_LOGOS)
def test_what_is_no_logo_is_refused(shop: Business, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        invoicing.set_logo(shop.id, NO_LOGOS[name], at=time.now())
    assert set(refused.value.fields) == {"logo"}
    with database.reading(shop.id):
        assert database.value("SELECT count(*) FROM invoice_logo") == 0


def test_what_hides_behind_a_picture_is_left_behind(shop: Business) -> None:
    invoicing.set_logo(shop.id, picture() + b"<script>alert(1)</script>", at=time.now())
    with database.reading(shop.id):
        assert b"script" not in bytes(database.value("SELECT content FROM invoice_logo"))
