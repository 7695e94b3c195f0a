"""A couple books and gets its papers: by mail with the PDFs, and on its page to print and to download."""

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.invoices import service as invoices
from tests.support import pdfs
from tests.support.documents import unprinted
from tests.support.site import Site
from tests.support.visit import visit
from tests.support.world import Business

pytestmark = pytest.mark.slow
WITH_AND_WITHOUT = pytest.mark.parametrize(
    "has_script", [pytest.param(True, id="with JavaScript"), pytest.param(False, id="without it")]
)


def downloaded(page: Page, link: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=link).click()
    return waiting.value.path().read_bytes()


@WITH_AND_WITHOUT
def test_book_read_print_and_keep_the_papers(chrome: Browser, bella: Business, here: Site, *, has_script: bool) -> None:
    with visit(chrome, here, bella, java_script_enabled=has_script) as couple:
        couple.book()
        mail = couple.papers(2)[0]
        invoice, receipt = mail.attachments
        assert invoice == f"{bella.slug.upper()}_{invoice.split('_')[1]}_001.pdf"
        assert "_R_" in receipt
        said = couple.said
    with visit(chrome, here, bella, java_script_enabled=has_script) as later:
        page = later.page
        page.goto(later.link_in(mail))
        number = invoice.removesuffix(".pdf")
        kept = downloaded(page, f"PDF: Invoice {number}")
        assert kept == mail.attachments[invoice]
        assert "$3,484.00" in pdfs.text(kept)
        page.get_by_role("link", name=f"Invoice {number}", exact=True).click()
        expect(page.get_by_role("heading", name="Invoice")).to_be_visible()
        expect(page.locator("main")).to_contain_text("Anna Smith & Ben Jones")
        expect(page.locator("main")).to_contain_text("•••• 4242")
        assert downloaded(page, "Download the PDF") == kept
        page.emulate_media(media="print")
        expect(page.get_by_role("link", name="Download the PDF")).to_be_hidden()
        page.emulate_media(media="screen")
        page.get_by_role("link", name="Back to your booking").click()
        expect(page.get_by_role("heading", name="Invoices and receipts")).to_be_visible()
        said += later.said
    assert said == []


@WITH_AND_WITHOUT
def test_wait_for_a_pdf_that_is_being_made(chrome: Browser, bella: Business, here: Site, *, has_script: bool) -> None:
    invoice = unprinted(bella)
    with visit(chrome, here, bella, java_script_enabled=has_script) as couple:
        page = couple.page
        couple.open(f"/m/{invoice.token}")
        page.get_by_role("link", name=f"PDF: Invoice {invoice.number}").click()
        expect(page.get_by_role("heading", name="Your PDF is being made")).to_be_visible()
        invoices.render_again(bella.id, invoice.invoice_id)
        if has_script:
            expect(page.get_by_role("heading", name="Your PDF is ready")).to_be_visible(timeout=30_000)
            content = downloaded(page, "Download the PDF")
        else:
            content = pressed_until_it_comes(page)
        assert "Ada & Grace" in pdfs.text(content)
        assert couple.said == []


def pressed_until_it_comes(page: Page) -> bytes:
    """Without JavaScript the link “Look again” is the download as soon as there is one."""
    found: list[bytes] = []
    page.on("download", lambda download: found.append(download.path().read_bytes()))
    for _ in range(60):
        page.locator("#look-again").click()
        page.wait_for_timeout(500)
        if found:
            return found[0]
    raise AssertionError("no PDF came")
