"""What the documentation says can be typed, exists; what it links to, is there; decisions have their three parts."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from carillon.errors import CarillonError
from carillon.realtime import dialect
from tests.support import processes, tree
from tests.support.server import CARILLON
from tools import write_reference

PAGES = [path for path in tree.files() if path.suffix == ".md"]
SHELL = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
DECISIONS = [path for path in PAGES if path.parent == Path("docs/decisions") and path.stem[:4].isdigit()]


def _body(page: Path) -> str:
    return (tree.ROOT / page).read_text(encoding="utf-8")


def _commands() -> list[tuple[Path, str]]:
    """Every line of every shell block, without prompt, comment and leading variables."""
    found = []
    for page in PAGES:
        for block in SHELL.findall(_body(page)):
            for raw in block.replace("\\\n", " ").splitlines():
                line = re.sub(r"^\$ ", "", raw.strip()).split(" #")[0].strip()
                line = re.sub(r"^(?:[A-Z_]+=\S+ +)+", "", line)
                if line and not line.startswith("#"):
                    found.append((page, line))
    return found


@cache
def _make_targets() -> set[str]:
    makefile = (tree.ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][\w-]*):", makefile, re.MULTILINE))


@cache
def _console_commands() -> set[str]:
    environment = processes.clean_environment()
    listed = subprocess.run(
        [CARILLON, "help", "--commands"], env=environment, capture_output=True, text=True, check=True
    ).stdout
    return set(listed.split())


def test_make_targets_in_the_docs_exist() -> None:
    wanted = {(str(page), line.split()[1]) for page, line in _commands() if line.startswith("make ")}
    assert wanted
    assert not {(page, target) for page, target in wanted if target not in _make_targets()}


def test_carillon_commands_in_the_docs_exist() -> None:
    wanted = set()
    for page, line in _commands():
        match = re.match(r"(?:\.venv/bin/)?carillon +([a-z_]+)", line)
        if match:
            wanted.add((str(page), match.group(1)))
    assert wanted
    assert not {(page, name) for page, name in wanted if name not in _console_commands()}


def test_npm_scripts_in_the_docs_exist() -> None:
    scripts = json.loads((tree.ROOT / "package.json").read_text(encoding="utf-8"))["scripts"]
    wanted = {match.group(1) for _, line in _commands() if (match := re.match(r"npm run ([\w:-]+)", line))}
    assert not wanted - scripts.keys()


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    targets = [target for target in LINK.findall(_body(page)) if not re.match(r"[a-z]+:", target)]
    assert not [target for target in targets if not (tree.ROOT / page.parent / target).exists()]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_python_in_the_docs_compiles(page: Path) -> None:
    for block in PYTHON.findall(_body(page)):
        ast.parse(block)


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.stem[:4]) for path in sorted(DECISIONS)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers


@pytest.mark.parametrize("page", DECISIONS, ids=str)
def test_a_decision_has_context_decision_and_price(page: Path) -> None:
    headings = re.findall(r"^## (.+)$", _body(page), re.MULTILINE)
    assert headings == ["Context", "Decision", "Price"]
    assert len(_body(page).splitlines()) <= 45, "half a page"


@pytest.mark.parametrize("page", ["settings", "protocol"])
def test_generated_pages_are_up_to_date(page: str) -> None:
    made = getattr(write_reference, f"{page}_page")()
    assert _body(Path(f"docs/reference/{page}.md")) == made, "run make docs"


def test_the_page_of_the_protocol_names_every_close_code_with_its_slugs() -> None:
    rows = re.findall(r"^\| (\d{4}) \| ([^|]*) \|", _body(write_reference.PROTOCOL_INTRO), re.MULTILINE)
    named = {slug: int(code) for code, slugs in rows for slug in re.findall(r"`(\w+)`", slugs)}
    assert named == {slug: dialect.standard_close_code(CarillonError(slug)) for slug in named}
    assert set(dialect._CLOSE_CODES) <= set(named)


def test_both_readmes_name_the_same_commands() -> None:
    by_page = {
        name: [re.sub(r'"[^"]*"', '"…"', line) for page, line in _commands() if str(page) == name]
        for name in ("README.md", "README.fr.md")
    }
    assert by_page["README.md"] == by_page["README.fr.md"]


def test_the_page_of_the_environment_names_what_the_server_reads_and_nothing_else() -> None:
    read = set()
    for path in tree.sources("src"):
        read |= set(re.findall(r"\benv(?:iron)?(?:\.\w+\(|\[)\s*\"([A-Z_]+)\"", _body(path)))
    read -= {"DJANGO_SETTINGS_MODULE", "DJANGO_AUTORELOAD_ENV"}
    page = _body(Path("docs/reference/environment.md")).split("For the tests only:")[0]
    named = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
    assert named == read
