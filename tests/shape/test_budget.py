"""How large things may grow: files, functions, and no drawer for what has no name."""

from __future__ import annotations

import ast
import statistics
import warnings
from pathlib import Path

import pytest

from tests.support import tree

WISHED = 300
ALLOWED = 400
CODE = (".py", ".ts", ".tsx", ".mjs")
DRAWERS = {"utils", "helpers", "common", "misc", "util", "helper"}


def _lines(path: Path) -> int:
    return len((tree.ROOT / path).read_text(encoding="utf-8").splitlines())


def _functions() -> list[tuple[int, str]]:
    found = []
    for path in tree.sources("src"):
        for node in ast.walk(ast.parse((tree.ROOT / path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.append(((node.end_lineno or node.lineno) - node.lineno + 1, f"{path}:{node.lineno} {node.name}"))
    return found


def test_no_source_file_is_over_its_budget() -> None:
    sizes = {
        path: _lines(path)
        for path in tree.sources("src", "packages", "examples", "tests", "tools", "bench", suffixes=CODE)
    }
    large = {str(path): size for path, size in sizes.items() if size > WISHED}
    if large:
        warnings.warn(f"over {WISHED} lines: {large}", stacklevel=1)
    assert not {path: size for path, size in large.items() if size > ALLOWED}


def test_functions_are_short() -> None:
    functions = _functions()
    assert not [where for size, where in functions if size > 60]
    assert statistics.quantiles((size for size, _ in functions), n=10)[-1] <= 25


@pytest.mark.parametrize("top", ["src", "packages", "examples", "tests"])
def test_there_is_no_drawer(top: str) -> None:
    names = [path for path in tree.files() if path.parts[0] == top]
    assert not [path for path in names if path.stem in DRAWERS or DRAWERS & set(path.parts[:-1])]


def test_every_module_says_what_it_is() -> None:
    silent = []
    for path in tree.sources("src", "tests", "tools", "bench"):
        body = ast.parse((tree.ROOT / path).read_text(encoding="utf-8"))
        if body.body and not ast.get_docstring(body):
            silent.append(str(path))
    assert not silent
