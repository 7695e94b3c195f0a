"""Turns the SVG sources into the WebP pictures below static/img/demo.

Run by hand after a source was edited: `python -m portal.devtools.artwork.render`. It draws with Chromium, because
the sources use blending and noise that simpler renderers lack. No page and no test depends on it.
"""

import io
import json
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
STATIC = HERE.parents[2] / "static"
FLAGS = ["--no-sandbox", "--disable-background-networking", "--no-first-run", "--disable-gpu"]
QUALITY = 80


def render(page: Page, source: Path, target: Path, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    svg = source.read_text(encoding="utf-8")
    page.set_content(f"<style>body{{margin:0}}svg{{display:block}}</style>{svg}")
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.save(target, "WEBP", quality=QUALITY, method=6)


def main() -> None:
    manifest = json.loads((HERE / "manifest.json").read_text(encoding="utf-8"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page()
        for slug, pictures in manifest.items():
            for picture in pictures:
                target = STATIC / picture["file"]
                source = HERE / slug / f"{target.stem}.svg"
                render(page, source, target, picture["width"], picture["height"])
                print(f"{picture['file']}: {target.stat().st_size // 1024} KiB")
        browser.close()


if __name__ == "__main__":
    main()
