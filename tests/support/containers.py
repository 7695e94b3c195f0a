"""Reads Dockerfile, .dockerignore and compose.yaml as Docker does, so that tests can do what they say without it.

Covers the part of each format that our files use. `Image` is a build: the context that Docker would get, and the
commands of the build stage run over it, at a place of the test's own instead of /srv/aisle.
"""

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from portal.devtools.paths import ROOT
from portal.devtools.postgres_home import open_to_others

HOME, VAR = "/srv/aisle", "/var/lib/aisle"
USER = 10001
VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<default>[^}]*))?\}")
NOT_CONTEXT = {".git", ".venv", "var", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}


@dataclass
class Stage:
    """From one FROM to the next."""

    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return [value for instruction, value in self.instructions if instruction == name]

    def last(self, name: str) -> str:
        return self.all(name)[-1]

    def environment(self) -> dict[str, str]:
        pairs = [pair.partition("=") for value in self.all("ENV") for pair in value.split()]
        return {name: value for name, _, value in pairs}

    def command(self, name: str) -> list[str]:
        """The exec form (a JSON list) of CMD, or of the CMD of HEALTHCHECK."""
        command: list[str] = json.loads(self.last(name)[self.last(name).index("[") :])
        return command


def dockerfile() -> list[Stage]:
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    stages: list[Stage] = []
    for line in text.replace("\\\n", " ").splitlines():
        name, _, value = line.strip().partition(" ")
        if name == "FROM":
            stages.append(Stage())
        if name:
            stages[-1].instructions.append((name, " ".join(value.split())))
    return stages


def compose(values: Mapping[str, str]) -> dict[str, Any]:
    """The file with its variables filled in; a required one that is missing raises KeyError."""

    def fill(match: re.Match[str]) -> str:
        if match["name"] is None:
            return "$"
        value = values.get(match["name"], "")
        if not value and match["kind"] == "?":
            raise KeyError(match["name"])
        return value or match["default"] or ""

    def walk(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: walk(value) for key, value in part.items()}
        if isinstance(part, list):
            return [walk(value) for value in part]
        return re.sub(VARIABLE, fill, part) if isinstance(part, str) else part

    parsed: dict[str, Any] = walk(yaml.safe_load((ROOT / "compose.yaml").read_text()))
    return parsed


def in_context(path: str) -> bool:
    """Whether .dockerignore lets a file of the checkout into the image: the last rule that matches decides."""
    included = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        rule = line.removeprefix("!").rstrip("/")
        steps = path.split("/")
        above = ["/".join(steps[: count + 1]) for count in range(len(steps))]
        names = above if "**/" not in rule else steps
        if rule and any(fnmatch.fnmatchcase(name, rule.removeprefix("**/")) for name in names):
            included = line.startswith("!")
    return included


def context() -> list[str]:
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_CONTEXT]
        found += [(Path(folder) / name).relative_to(ROOT).as_posix() for name in names]
    return [path for path in found if in_context(path)]


@dataclass
class Image:
    """What `docker build` would make, below `top`, which every user may enter."""

    top: Path
    build: Stage
    final: Stage

    @property
    def home(self) -> Path:
        return self.top / "srv"

    @property
    def python(self) -> Path:
        return self.top / "python"

    def make(self) -> None:
        for path in context():
            (self.home / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, self.home / path)
        python = self._python()
        environment = self._moved(self.build.environment()) | {"UV_PYTHON": str(python), "HOME": os.environ["HOME"]}
        environment["PATH"] = os.pathsep.join([str(python.parent), str(Path(_uv()).parent), os.environ["PATH"]])
        for command in self.build.all("RUN"):
            if not command.startswith("pip install"):  # uv itself is here already
                subprocess.run(command, shell=True, cwd=self.home, env=environment, check=True)  # noqa: S602
        var = self.top / "var"
        var.mkdir()
        if os.geteuid() == 0:
            os.chown(var, USER, USER)

    def environment(self, service: Mapping[str, str]) -> dict[str, str]:
        """Of a container: the image's, then the service's; nothing of ours."""
        own = self._moved(self.final.environment())
        own["PATH"] = own["PATH"].replace("$PATH", "/usr/local/bin:/usr/bin:/bin")
        if self.python.exists():  # it would look for its own library where it was installed
            own["LD_LIBRARY_PATH"] = str(self.python / "lib")
        return own | {name: str(value) for name, value in service.items()}

    def start(self, command: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
        """As the image's user where we may change to it, else as ourselves, who are not root either."""
        program = shutil.which(command[0], path=environment["PATH"])
        assert program, f"{command[0]} is not in the image"
        switch: dict[str, Any] = {}
        if os.geteuid() == 0:
            switch = {"user": USER, "group": USER, "extra_groups": []}
        return subprocess.Popen(
            [program, *command[1:]],
            cwd=self.home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **switch,
        )

    def _moved(self, environment: dict[str, str]) -> dict[str, str]:
        places = ((HOME, str(self.home)), (VAR, str(self.top / "var")))
        moved = environment
        for place, here in places:
            moved = {name: value.replace(place, here) for name, value in moved.items()}
        return moved

    def _python(self) -> Path:
        """This interpreter, or a copy of it where the image's user may not enter its directory."""
        base = Path(sys.base_prefix)
        program = f"python{sys.version_info.major}.{sys.version_info.minor}"
        if os.geteuid() == 0 and not open_to_others(base):
            skipped = shutil.ignore_patterns("site-packages", "test", "tests", "__pycache__", "*.a", "include", "share")
            shutil.copytree(base, self.python, ignore=skipped, symlinks=True)
            base = self.python
        return base / "bin" / program


def _uv() -> str:
    found = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    assert found, "uv is part of the set-up: run make setup"
    return found
