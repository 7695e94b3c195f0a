"""The README tells the truth: what it names exists, what exists it names, and its examples run."""

import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest

from portal.cli import COMMANDS
from portal.db import database
from portal.devtools import demo_accounts
from portal.devtools.demo_lumiere import LUMIERE
from portal.devtools.paths import ROOT
from portal.kernel.ids import uuid7
from portal.payments.inbox import TYPES
from portal.web.application import Application

README = (ROOT / "README.md").read_text()
FOR_REAL = README.partition("## Run it for real")[2]
MAKEFILE = (ROOT / "Makefile").read_text()
SETTINGS = {
    *re.findall(r'(?:text|required|switch|number|get)\("([A-Z_]+)"', (ROOT / "portal/settings.py").read_text()),
    *re.findall(r'environ\.get\("([A-Z_]+)"', (ROOT / "portal/gunicorn.py").read_text()),
}
LARGEST_PICTURE = 120 * 1024


def folders(place: Path) -> set[str]:
    """Those that belong to the repository, as the README writes them."""
    made_here = {"__pycache__", "var", "test-results", "htmlcov", "instance"}
    found = (path for path in place.iterdir() if path.is_dir() and path.name not in made_here)
    return {f"{path.relative_to(ROOT)}/" for path in found if path.name == ".ci" or not path.name.startswith(".")}


def rows_of(heading: str) -> list[str]:
    """First cells of the table below a heading."""
    part = README.partition(f"\n{heading}\n")[2].partition("\n#")[0]
    return [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]


def in_ticks(cells: list[str]) -> set[str]:
    return {text for cell in cells for text in re.findall(r"`([^`]+)`", cell)}


def commands() -> dict[str, click.Command]:
    """``outbox list`` and so on, as people type them after ``flask``."""
    found: dict[str, click.Command] = {}
    for command in COMMANDS:
        if isinstance(command, click.Group):
            found |= {f"{command.name} {name}": each for name, each in command.commands.items()}
        else:
            found[str(command.name)] = command
    return found


def test_it_explains_every_setting_and_no_other() -> None:
    assert in_ticks(rows_of("### Settings")) - {"false"} == SETTINGS


def test_the_example_of_settings_has_every_setting_and_no_other() -> None:
    example = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    of_compose = {"POSTGRES_PASSWORD", "OWNER_DATABASE_PASSWORD", "APP_DATABASE_PASSWORD"}
    assert example == SETTINGS | of_compose
    assert of_compose <= set(re.findall(r"[A-Z_]+", FOR_REAL))


def test_compose_passes_on_every_setting_that_the_example_offers() -> None:
    offered = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    passed = re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text())
    assert set(offered) == set(passed)


def test_its_list_of_commands_is_that_of_make_help() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = set(re.findall(r"make ([a-z-]+)", shown))
    assert listed == set(re.findall(r"^([a-z-]+):(?!=)", MAKEFILE, re.MULTILINE))
    # `make check` is explained by the others that it runs.
    table = README.partition("## Commands\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"`make ([a-z-]+)`", table)) == listed


def test_it_names_no_command_of_make_that_does_not_exist() -> None:
    named = set(re.findall(r"(?:`|^)(?:[A-Z]+=\S+ )*make ([a-z-]+)", README, re.MULTILINE))
    assert named <= set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def test_its_map_has_every_folder_and_names_none_that_does_not_exist() -> None:
    named = in_ticks(rows_of("## Where things are"))
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert (folders(ROOT) | folders(ROOT / "portal")) - named == set()


def test_a_path_that_it_names_exists() -> None:
    named = set(re.findall(r"`((?:portal|tests|static|tasks|templates|migrations|\.ci)/[^`*]*)`", README))
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_it_explains_every_command_of_an_operator_and_no_other() -> None:
    named = set()
    for cell in in_ticks(rows_of("### Operating")):
        words = cell.removeprefix("flask ").split()
        named.add(" ".join(word for word in words if not word.startswith(("<", "-"))))
    assert named == set(commands())


def test_its_options_exist() -> None:
    examples = re.findall(r"^flask --app app (\w+ \w+) ((?:[^\n\\]|\\\n)*)", README, re.MULTILINE)
    assert len(examples) == 2
    for name, rest in examples:
        known = {option for parameter in commands()[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known, name


def test_its_events_are_those_that_we_listen_to() -> None:
    assert set(re.findall(r"^(?:checkout|charge|refund)\.[a-z_.]+$", FOR_REAL, re.MULTILINE)) == set(TYPES)


def test_its_logins_and_addresses_are_those_of_the_demo_data() -> None:
    assert f"`{demo_accounts.PASSWORD}`" in README
    assert [email for email in demo_accounts.OWNERS if f"`{email}`" not in README] == []
    assert f"/t/{LUMIERE.fields['slug']}/" in README


@pytest.mark.parametrize("path", sorted((ROOT / "static/img/readme").iterdir()), ids=lambda path: path.name)
def test_a_picture_is_shown_described_and_small(path: Path) -> None:
    address = path.relative_to(ROOT).as_posix()
    described = re.findall(rf"!\[([^\]]+)\]\({address}\)|{address}\"[^>]* alt=\"([^\"]+)\"", README)
    assert any(text for found in described for text in found)
    assert path.stat().st_size <= LARGEST_PICTURE


def test_a_link_within_it_leads_somewhere() -> None:
    titles = re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    headings = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
    for target in re.findall(r"\]\((?!http)([^)]+)\)", README):
        assert target[1:] in headings if target.startswith("#") else (ROOT / target).exists(), target


def test_its_first_business_can_be_opened_and_its_package_is_on_sale(app: Application) -> None:
    flask, slug = app.test_cli_runner(), f"rose-{uuid7().hex[-8:]}"
    (typed,) = re.findall(r"^flask --app app (tenant create (?:[^\n\\]|\\\n)*)", README, re.MULTILINE)
    made = flask.invoke(args=shlex.split(typed.replace("\\\n", " ").replace("rose-and-thyme", slug)))
    assert made.exit_code == 0, made.output
    (program,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(program.replace("rose-and-thyme", slug), "README.md", "exec"), {})  # noqa: S102  our own example
    page = app.test_client().get(f"/t/{slug}/packages/full-day")
    assert page.status_code == 200
    assert "TVA" in page.text
    with database.reading_by("tenant_id_by_slug", slug):
        assert database.value("SELECT count(*) FROM add_on") == 1
