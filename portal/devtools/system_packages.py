"""What tests need and no Python package brings: a browser, a Redis server, and the library that draws PDFs.

`python -m portal.devtools.system_packages` installs what is missing where it may (apt as root or through
sudo, else Playwright's own browser) and otherwise says the one command to run. What is there already is left
alone.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from playwright.sync_api import sync_playwright

from portal.devtools import pango

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def redis_server() -> str | None:
    return shutil.which("redis-server")


def chromium() -> str | None:
    """The browser to test with: the system's own first, else the one that Playwright downloaded."""
    for name in CHROMIUM_NAMES:
        # Ubuntu's packages of these names only say that the browser is a snap.
        if (path := shutil.which(name)) and _runs([path, "--version"]):
            return path
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None  # noqa: PTH110 - a string goes in and out


def _runs(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0


def _as_root() -> list[str] | None:
    """The prefix that makes a command run as root; None where that is not possible without asking."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    if _runs(["sudo", "-n", "true"]):
        return ["sudo"]
    return ["sudo"] if sys.stdin.isatty() else None


def _apt_install(package: str) -> bool:
    root = _as_root()
    if root is None or shutil.which("apt-get") is None:
        return False
    install = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", package]
    print(f"Installing {package} ...", flush=True)
    if subprocess.run(install, check=False, stdin=subprocess.DEVNULL).returncode == 0:
        return True
    subprocess.run([*root, "apt-get", "update"], check=False, stdin=subprocess.DEVNULL)
    return subprocess.run(install, check=False, stdin=subprocess.DEVNULL).returncode == 0


def _install_chromium() -> None:
    if _apt_install("chromium") and chromium():
        return
    print("Fetching Playwright's Chromium ...", flush=True)
    download = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run(download if _as_root() is None else [*download, "--with-deps"], check=False)


def ensure(program: str) -> None:
    """A program whose Debian package has its name; ends this one, with the command to run, where it cannot be had."""
    if shutil.which(program) is None and not (_apt_install(program) and shutil.which(program)):
        sys.exit(f"{program} is needed and could not be installed from here: sudo apt-get install -y {program}")


def main() -> int:
    if redis_server() is None:
        _apt_install("redis-server")
    if chromium() is None:
        _install_chromium()
    if pango.library() is None:
        for package in pango.PACKAGES:
            _apt_install(package)
    needed = {"redis-server": redis_server, "chromium": chromium, " ".join(pango.PACKAGES): pango.library}
    missing = [package for package, find in needed.items() if find() is None]
    if missing:
        print(
            f"\nThe tests need {' and '.join(missing)}, which could not be installed from here. Run:\n\n"
            f"    sudo apt-get update && sudo apt-get install -y {' '.join(missing)}\n\n"
            "(macOS: brew install redis pango && .venv/bin/playwright install chromium)\n",
            file=sys.stderr,
        )
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
