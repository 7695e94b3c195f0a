"""The library that PDFs are drawn with. It comes from the system: without it everything runs, but no PDF is made."""

import ctypes

PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
HINT = (
    f"PDFs of invoices need Pango, which is not on this machine: sudo apt-get install -y {' '.join(PACKAGES)}"
    " (macOS: brew install pango)"
)


def library() -> str | None:
    """Its name, where it can be loaded."""
    for name in ("libpango-1.0.so.0", "libpango-1.0.dylib"):
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return name
    return None
