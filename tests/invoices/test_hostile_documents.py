"""Whatever stands in a field comes out as harmless text, and nothing is fetched or read to draw it."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from portal.invoices import page, rendering
from portal.invoices.printer import Printer
from tests.support import pdfs
from tests.support.documents import brooklyn, line, over, press

__all__ = ["press"]
pytestmark = pytest.mark.slow
SECRET = "what only this machine knows"

HARMLESS = {
    "markup": "<b>Anna</b> & <i>Ben</i>",
    "a script": "<script>alert(1)</script>",
    "a template": "{{ 7*7 }} {% raw %}",
    "a percent sign": "100 %s %n %(name)s",
    "a style": "</style><style>@import 'x'</style>",
    "stacked accents": "Zalgo h́̀̂e",
    "other scripts": "Αθηνά Мария שרה",
    "an entity": "&lt;&amp;&#x41;",
    "a formula": '=HYPERLINK("http://x")',
}


@pytest.mark.parametrize("name", HARMLESS)
def test_it_comes_out_as_it_was_written(press: Printer, name: str) -> None:
    text = HARMLESS[name]
    document = brooklyn(customer=replace(brooklyn().customer, name=text), notes=text)
    said = pdfs.text(press.make(rendering.job(document, None)))
    if name in {"other scripts", "stacked accents"}:
        assert "�" not in said
        assert text.split()[0] in said or text[:5] in said
    else:
        assert said.count(text) >= 2


def test_what_steers_the_text_around_it_is_left_out() -> None:
    tricks = "\u202egnp.exe\u202c \u2066x\u2069 \x07 \u200f"
    html = page.html(brooklyn(notes=f"a {tricks} b"), stylesheets=())
    assert not set(tricks) & set("\u202e\u202c\u2066\u2069\x07\u200f") & set(html)
    assert "gnp.exe" in html


def test_what_no_shipped_font_has_says_so_and_the_rest_is_drawn_with_shipped_fonts(press: Printer) -> None:
    name = "😀 Łukasz 王小明 مرحبا \U0001fae8"
    pdf = press.make(rendering.job(brooklyn(customer=replace(brooklyn().customer, name=name)), None))
    said = pdfs.text(pdf)
    assert "Łukasz ���" in said
    assert "😀" in said
    # They bear the names that our style sheet gives them; a font of the machine would bear its own.
    assert {font.split("-")[0] for font in pdfs.fonts(pdf)} == {"Document"}


def test_words_without_end_are_broken_and_nothing_is_cut(press: Printer) -> None:
    plain = brooklyn()
    document = over(
        replace(
            plain,
            seller=replace(plain.seller, name="W" * 120, address="A" * 300),
            customer=replace(plain.customer, name="X" * 200, email="e" * 240 + "@x.example"),
            service=replace(plain.service, venue="V" * 200),
            terms="T" * 2000,
        ),
        line("L" * 120, 999, 99_999_999, "887.5", plain.tax_mode),
    )
    pdf = press.make(rendering.job(document, None))
    said = pdfs.text(pdf).replace(" ", "").replace("\ufffe", "").replace("\x02", "")
    assert all(letter * count in said for letter, count in [("W", 120), ("X", 200), ("V", 200), ("T", 2000)])
    for picture in pdfs.pictures(pdf):
        left, _, right, _ = pdfs.outermost_ink(picture)
        assert left >= 0.08
        assert right <= 0.92


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A server that hears whoever comes."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    visitor, _ = server.accept()
                except OSError:
                    return
                heard.append(visitor.recv(100))
                visitor.close()

        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname()[1], heard


def test_a_long_name_of_a_tax_stays_within_the_margins(press: Printer) -> None:
    (picture,) = pdfs.pictures(press.make(rendering.job(brooklyn(tax_label="W" * 40), None)))
    left, _, right, _ = pdfs.outermost_ink(picture)
    assert left >= 0.08
    assert right <= 0.92


def test_an_address_of_many_lines_goes_on_upon_the_next_page_and_lies_on_nothing(press: Printer) -> None:
    plain = brooklyn()
    address = "\n".join(f"Street {number}" for number in range(60))
    pdf = press.make(rendering.job(replace(plain, customer=replace(plain.customer, address=address)), None))
    assert all(each in pdfs.text(pdf) for each in address.splitlines())
    first, last, after = (pdfs.place_of(pdf, words) for words in ("Street 0", "Street 59", "What was booked"))
    assert first[0] < last[0] == after[0]
    assert last < after


def test_even_a_page_that_asks_for_it_gets_no_network_and_no_file(
    press: Printer, listener: tuple[int, list[bytes]], tmp_path: Path
) -> None:
    """As if somebody had found a way to put markup in: the printing process itself refuses."""
    port, heard = listener
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    addresses = [
        f"http://127.0.0.1:{port}/x.png", f"http://localhost:{port}/x.css", secret.as_uri(), str(secret),
        "http://document.invalid/../../etc/passwd", "data:text/css,body{color:red}", "ftp://127.0.0.1/x",
    ]  # fmt: skip
    asks = "".join(
        f'<img src="{each}"><link rel="stylesheet" href="{each}"><link rel="attachment" href="{each}">'
        f'<object data="{each}"></object><p style="background: url({each})">.</p>'
        f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{each}"/></svg>'
        for each in addresses
    )
    job = {**rendering.job(brooklyn(), None), "html": f"<html lang=en><title>x</title><body>here {asks}</body>"}
    pdf = press.make(job)
    assert "here" in pdfs.text(pdf)
    assert heard == []
    assert SECRET.encode() not in pdf
    assert {each.idnum for each in pdfs.catalogue(pdf)["/AF"]} == {pdfs.catalogue(pdf)["/AF"][0].idnum}
    assert SECRET not in pdfs.text(pdf)
