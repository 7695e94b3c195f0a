"""What a page weighs on the wire, and what may stand in static/ and templates/ at all."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession

from portal.web.application import Application
from tests.support import browser, world

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
KIB = 1024
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|\sjavascript:", re.IGNORECASE)


class Wire:
    """Counts what comes over the wire, pictures apart."""

    def __init__(self, session: CDPSession) -> None:
        self._kinds: dict[str, str] = {}
        self._sizes: dict[str, int] = {}
        self._urls: dict[str, str] = {}
        session.on("Network.responseReceived", self._seen)
        session.on("Network.loadingFinished", self._ended)
        session.send("Network.enable")

    def _seen(self, event: dict[str, object]) -> None:
        response = event["response"]
        assert isinstance(response, dict)
        self._kinds[str(event["requestId"])] = str(event["type"])
        self._urls[str(event["requestId"])] = str(response["url"])

    def _ended(self, event: dict[str, object]) -> None:
        self._sizes[str(event["requestId"])] = int(float(str(event["encodedDataLength"])))

    @property
    def without_pictures(self) -> dict[str, int]:
        return {
            url.rsplit("/", 1)[-1]: self._sizes.get(key, 0)
            for key, url in self._urls.items()
            if self._kinds[key] != "Image" and not url.startswith("data:")
        }


@pytest.mark.slow
def test_the_first_view_of_a_storefront_is_at_most_90_kib_in_8_requests_besides_pictures(
    app: Application, chromium: Browser
) -> None:
    shop = world.open_shop(brand_color="#8C5A5F", hero_image="img/demo/bella-weddings/hero.webp", hero_alt="A bridge")
    with browser.served(app) as address:
        page = chromium.new_page()
        wire = Wire(page.context.new_cdp_session(page))
        page.goto(address + shop.url(), wait_until="networkidle")
        assert page.evaluate("document.fonts.status") == "loaded"
        page.close()
    assert any(name.endswith(".woff2") for name in wire.without_pictures), "the fonts were not counted"
    assert len(wire.without_pictures) <= 8, wire.without_pictures
    assert sum(wire.without_pictures.values()) <= 90 * KIB, wire.without_pictures


def test_each_vendored_file_is_the_one_in_its_manifest() -> None:
    for folder in (STATIC / "vendor", ROOT / "tests" / "vendor"):
        manifest = json.loads((folder / "manifest.json").read_text())
        scripts = {path.name for path in folder.glob("*.js")}
        assert scripts == set(manifest)
        for name, entry in manifest.items():
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == entry["sha256"], name
            assert (folder / entry["licence_file"]).is_file()


def test_each_font_is_small_and_the_one_that_its_readme_names() -> None:
    readme = (STATIC / "fonts" / "README").read_text()
    fonts = list((STATIC / "fonts").glob("*.woff2"))
    assert 0 < len(fonts) <= 3
    for font in fonts:
        assert font.stat().st_size <= 28 * KIB
        assert f"{hashlib.sha256(font.read_bytes()).hexdigest()}  {font.name}" in readme


def test_our_own_scripts_are_under_200_lines_in_all() -> None:
    assert sum(len(path.read_text().splitlines()) for path in (STATIC / "js").rglob("*.js")) < 200


def test_no_page_has_an_inline_style_script_or_handler() -> None:
    pages = [path for path in (ROOT / "templates").rglob("*.html") if path.relative_to(ROOT).parts[1] != "emails"]
    assert len(pages) > 20
    guilty = {str(path.relative_to(ROOT)): INLINE.findall(path.read_text()) for path in pages}
    assert not {name: found for name, found in guilty.items() if found}


def test_nothing_in_a_style_sheet_comes_from_elsewhere() -> None:
    for sheet in (STATIC / "css").glob("*.css"):
        assert not re.search(r"https?://|@import|url\(\s*[\"']?//", sheet.read_text()), sheet.name


def test_each_picture_of_the_demo_stands_in_the_manifest_with_its_true_size_and_texts() -> None:
    from PIL import Image

    manifest = json.loads((ROOT / "portal/devtools/artwork/manifest.json").read_text())
    listed = {picture["file"] for pictures in manifest.values() for picture in pictures}
    assert listed == {str(path.relative_to(STATIC)) for path in (STATIC / "img/demo").rglob("*.webp")}
    for slug, pictures in manifest.items():
        for picture in pictures:
            path = STATIC / picture["file"]
            with Image.open(path) as image:
                assert image.size == (picture["width"], picture["height"]), picture["file"]
            assert path.stat().st_size <= 100 * KIB
            assert picture["alt"]
            assert picture["alt_fr"]
            assert (ROOT / "portal/devtools/artwork" / slug / f"{picture['name']}.svg").is_file()
