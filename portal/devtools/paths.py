"""Where development keeps its files: the checkout and its `var/` directory.

Owns two paths and one reading helper; it creates `var/` when asked for it and nothing else.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def var_dir() -> Path:
    """`VAR_DIR`, or `var/` in the checkout; made when missing."""
    path = Path(os.environ.get("VAR_DIR") or ROOT / "var").absolute()
    path.mkdir(parents=True, exist_ok=True)
    return path


def tail(path: Path, lines: int = 20) -> str:
    """The last lines of a log, for an error message; empty when there is no such file."""
    if not path.exists():
        return ""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
