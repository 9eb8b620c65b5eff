"""Which numbered requirements have a test: the `@covers("000-17")` mark, and a scan that reads it from the files."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "docs" / "reference" / "requirements.csv"
NUMBER = re.compile(r"\d{3}-\d{2}")
# In TypeScript a test says covers("004-33", "004-34") in a comment or in its title.
IN_TYPESCRIPT = re.compile(r"\bcovers\(([^)]*)\)")
TYPESCRIPT_TESTS = ("*.test.ts", "*.test.tsx", "*.test-d.ts", "*.test.mjs", "tests/e2e/*.mjs")


@dataclass(frozen=True)
class Requirement:
    """One line of the list: its number, what it asks in one line, and why it is refused (empty: it is not)."""

    number: str
    asks: str
    refused: str = ""

    @property
    def source(self) -> str:
        return self.number[:3]


def covers(*numbers: str) -> pytest.MarkDecorator:
    """Mark a test as showing these numbered requirements; a number of another form is refused at once."""
    wrong = [number for number in numbers if not NUMBER.fullmatch(number)]
    if wrong or not numbers:
        raise ValueError(f"requirement numbers look like 000-17, not {wrong or numbers!r}")
    return pytest.mark.covers(*numbers)


def requirements() -> dict[str, Requirement]:
    """Return the whole list by number, in order."""
    with LIST.open(encoding="utf-8", newline="") as lines:
        return {row["number"]: Requirement(**row) for row in csv.DictReader(lines)}


def scan(root: Path = ROOT) -> dict[str, list[str]]:
    """Return, per number, the tests that show it, as `path::name` or `path`; read from the files, nothing is run."""
    found: dict[str, list[str]] = {}
    for place, number in _in_python(root / "tests") if (root / "tests").is_dir() else ():
        found.setdefault(number, []).append(place.replace(f"{root}/", ""))
    for path in _typescript_tests(root):
        for number in _in_typescript(path):
            found.setdefault(number, []).append(str(path.relative_to(root)))
    return {number: sorted(set(found[number])) for number in sorted(found)}


def by_source(numbers: Iterable[str]) -> dict[str, int]:
    """Count numbers by the source they come from."""
    counts: dict[str, int] = {}
    for number in sorted(set(numbers)):
        counts[number[:3]] = counts.get(number[:3], 0) + 1
    return counts


def _in_python(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                for number in _numbers(node.decorator_list):
                    yield f"{path}::{node.name}", number
            elif isinstance(node, ast.Assign) and _assigns_pytestmark(node):
                for number in _numbers([node.value]):
                    yield str(path), number


def _assigns_pytestmark(node: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets)


def _numbers(expressions: Iterable[ast.expr]) -> Iterator[str]:
    calls = (node for expression in expressions for node in ast.walk(expression) if isinstance(node, ast.Call))
    for call in calls:
        if isinstance(call.func, ast.Name | ast.Attribute) and _name(call.func) == "covers":
            yield from (a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str))


def _name(function: ast.Name | ast.Attribute) -> str:
    return function.id if isinstance(function, ast.Name) else function.attr


def _typescript_tests(root: Path) -> Iterator[Path]:
    for folder in ("packages", "examples", "tests"):
        for pattern in TYPESCRIPT_TESTS:
            places = root.glob(pattern) if "/" in pattern else (root / folder).rglob(pattern)
            yield from (path for path in places if "node_modules" not in path.parts)


def _in_typescript(path: Path) -> Iterator[str]:
    for inside in IN_TYPESCRIPT.findall(path.read_text(encoding="utf-8")):
        yield from NUMBER.findall(inside)
