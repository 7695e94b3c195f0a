"""A tenant's colours: one brand colour in, readable sets for light and dark out.

Law: text on a fill and links on paper reach 4.5 to 1, fills stand off the paper by 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11),
whatever colour was chosen. Only lightness is moved; the hue stays the tenant's.
"""

import colorsys
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

TEXT_CONTRAST = 4.5
FILL_CONTRAST = 3.0
_WHITE, _NIGHT = "#ffffff", "#14110f"
# The grounds that text in the brand's colour may stand on (static/css/base.css).
_LIGHT_GROUNDS = ("#fafaf7", "#ffffff", "#f2f0ea", "#efede7")
_DARK_GROUNDS = ("#191715", "#23201d", "#12110f", "#2c2925")
_STEP = 0.01


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one scheme: a fill, the fill under the pointer, text on it, and links on paper."""

    brand: str
    brand_hover: str
    brand_ink: str
    brand_text: str


@lru_cache(maxsize=512)
def light(brand_color: str) -> Palette:
    """The colours on ivory paper."""
    return _palette(brand_color.lower(), _LIGHT_GROUNDS, -_STEP)


@lru_cache(maxsize=512)
def dark(brand_color: str) -> Palette:
    """The colours on dark paper."""
    return _palette(brand_color.lower(), _DARK_GROUNDS, _STEP)


@lru_cache(maxsize=512)
def stylesheet(brand_color: str) -> str:
    """The tenant's style sheet: the tokens of ``base.css`` that are a tenant's to set, and nothing else."""
    day, night = _tokens(light(brand_color)), _tokens(dark(brand_color))
    return (
        f"@layer tokens {{\n  :root {{ {day} }}\n"
        f"  @media (prefers-color-scheme: dark) {{\n    :root {{ {night} }}\n  }}\n}}\n"
    )


@lru_cache(maxsize=512)
def digest(brand_color: str) -> str:
    """Names the style sheet's content in its address, so that browsers may keep it for ever."""
    return hashlib.sha256(stylesheet(brand_color).encode()).hexdigest()[:12]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _palette(color: str, grounds: tuple[str, ...], step: float) -> Palette:
    fill = _until(color, step, lambda shade: all(contrast(shade, ground) >= FILL_CONTRAST for ground in grounds[:2]))
    ink = _WHITE if contrast(fill, _WHITE) >= TEXT_CONTRAST else _NIGHT
    # A middle tone that carries neither: move on until one of the two can be read on it.
    fill = _until(fill, step, lambda shade: max(contrast(shade, _WHITE), contrast(shade, _NIGHT)) >= TEXT_CONTRAST)
    if contrast(fill, ink) < TEXT_CONTRAST:
        ink = _WHITE if ink == _NIGHT else _NIGHT
    away = -6 * _STEP if ink == _WHITE else 6 * _STEP
    text = _until(fill, step, lambda shade: all(contrast(shade, ground) >= TEXT_CONTRAST for ground in grounds))
    return Palette(fill, _moved(fill, away), ink, text)


def _until(color: str, step: float, is_enough: Callable[[str], bool]) -> str:
    """Move the lightness until the colour is good enough; black and white, the ends, always are."""
    for _ in range(101):
        if is_enough(color):
            break
        color = _moved(color, step)
    return color


def _moved(color: str, by: float) -> str:
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(color))
    red, green, blue = colorsys.hls_to_rgb(hue, min(1.0, max(0.0, lightness + by)), saturation)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def _luminance(color: str) -> float:
    # The curve of sRGB, as WCAG writes it.
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _channels(color)]  # noqa: PLR2004
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(color: str) -> tuple[float, float, float]:
    return int(color[1:3], 16) / 255, int(color[3:5], 16) / 255, int(color[5:7], 16) / 255


def _tokens(palette: Palette) -> str:
    return (
        f"--brand: {palette.brand}; --brand-hover: {palette.brand_hover};"
        f" --brand-ink: {palette.brand_ink}; --brand-text: {palette.brand_text};"
    )
