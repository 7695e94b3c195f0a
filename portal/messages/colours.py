"""A tenant's colour in mails: dark enough to be read on paper, and with the right ink on it (WCAG 2.2, 1.4.3)."""

from functools import lru_cache

_READABLE = 4.5
_WHITE, _INK = "#FFFFFF", "#1C1917"
_LINEAR_LIMIT = 0.04045


@lru_cache(maxsize=256)
def ink_on(colour: str) -> str:
    """White or ink, whichever reads better on a colour."""
    return _WHITE if contrast(colour, _WHITE) >= contrast(colour, _INK) else _INK


@lru_cache(maxsize=256)
def readable_on_white(colour: str) -> str:
    """The colour itself, or a darker shade of it that can be read on white."""
    red, green, blue = _channels(colour)
    while contrast(_hex(red, green, blue), _WHITE) < _READABLE:
        red, green, blue = red * 9 // 10, green * 9 // 10, blue * 9 // 10
    return _hex(red, green, blue)


def contrast(one: str, other: str) -> float:
    """The ratio of two colours' luminances, from 1 to 21."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(red: int, green: int, blue: int) -> str:
    return f"#{red:02X}{green:02X}{blue:02X}"


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= _LINEAR_LIMIT else ((share + 0.055) / 1.055) ** 2.4
