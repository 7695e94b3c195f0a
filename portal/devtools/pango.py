"""The library that PDFs are drawn with. It comes from the system: without it everything runs, but no PDF is made."""

import ctypes

PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
HINT = (
    f"PDFs of invoices need Pango, which is not on this machine: sudo apt-get install -y {' '.join(PACKAGES)}"
    " (macOS: brew install pango)"
)


_LIBRARIES = (
    ("libpango-1.0.so.0", "libpango-1.0.dylib"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"),
    ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"),
)


def library() -> str | None:
    """Its name, where it and what it draws with can be loaded."""
    found = [_first_of(names) for names in _LIBRARIES]
    return found[0] if all(found) else None


def _first_of(names: tuple[str, ...]) -> str | None:
    for name in names:
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return name
    return None
