"""Files and functions stay small enough to be read in one go, and every module says what it is for."""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

from portal.devtools.paths import ROOT

MODULE_MEDIAN, MODULE_MOST, FUNCTION_MOST, TEMPLATE_MOST = 80, 300, 50, 200
CODE = [ROOT / "app.py", *sorted(ROOT.glob("portal/**/*.py")), *sorted(ROOT.glob("tasks/**/*.py"))]
TESTS = sorted(ROOT.glob("tests/**/*.py"))
TEMPLATES = sorted(path for path in ROOT.glob("templates/**/*") if path.is_file())


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def too_long(paths: list[Path], most: int) -> list[str]:
    return [f"{path.relative_to(ROOT)}: {count} lines" for path in paths if (count := lines(path)) > most]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_a_module_has_a_median_of_80_lines() -> None:
    assert statistics.median(lines(path) for path in CODE) <= MODULE_MEDIAN


def test_no_module_and_no_test_file_has_more_than_300_lines() -> None:
    assert too_long([*CODE, *TESTS], MODULE_MOST) == []


def test_no_template_has_more_than_200_lines() -> None:
    assert too_long(TEMPLATES, TEMPLATE_MOST) == []


def test_no_function_has_more_than_50_lines() -> None:
    assert [
        f"{path.relative_to(ROOT)}: {name} has {count} lines"
        for path in [*CODE, *TESTS]
        for name, count in functions(path)
        if count > FUNCTION_MOST
    ] == []


def test_every_module_says_what_it_owns() -> None:
    assert [
        str(path.relative_to(ROOT)) for path in CODE if ast.get_docstring(ast.parse(path.read_text())) is None
    ] == []


def test_nothing_imports_the_app() -> None:
    importing = []
    for path in [*CODE, *TESTS]:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
            importing += [str(path.relative_to(ROOT)) for name in names if name.split(".")[0] == "app"]
    assert importing == []


def test_what_is_too_long_is_found(tmp_path: Path) -> None:
    assert too_long([ROOT / "uv.lock"], MODULE_MOST)
    source = tmp_path / "long.py"
    source.write_text("def f():\n" + "    pass\n" * FUNCTION_MOST)
    assert list(functions(source)) == [("f", FUNCTION_MOST + 1)]
