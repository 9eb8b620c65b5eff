"""The file names of a feature are fixed: after one folder a reader knows them all (ARCHITECTURE.md)."""

from __future__ import annotations

import ast

import pytest

from tests.support import tree

FEATURES = ("notifications", "presence", "uploads", "conversations", "bookings", "matching", "workspaces", "people")
FIXED = {"models", "events", "queries", "actions", "topics", "commands", "api", "urls", "jobs", "admin", "apps"}
PLACES = {"migrations", "management", "templates", "templatetags", "locale", "static"}
# What a feature has beyond the fixed names, for what only it holds.
OWN = {
    "conversations": {"contacts", "kinds", "requests", "signals"},
    "notifications": {
        "buttons",
        "checks",
        "content",
        "flat",
        "foreign",
        "kinds",
        "optouts",
        "outlets",
        "requests",
        "signals",
        "wording",
    },
    "people": {
        "accounts",
        "activity",
        "audiences",
        "claims",
        "credentials",
        "keys",
        "prepared",
        "stamps",
        "standing",
        "tokens",
    },
    "presence": {"checks", "process", "requests", "sights", "stores", "tracker", "view", "visibility", "watching"},
}
# How a dialect says things, where, under which addresses of REST and which class names, and what that looks like in general.
DIALECT = {"__init__", "frames", "routes", "urls", "consumers", "schema"}
# Another name for what already has a place.
TWINS = {"views", "serializers", "consumers", "tasks", "services", "selectors", "routing", "managers", "handlers"}
WEB = {"rest_framework", "channels", "django.http"}


def _modules(feature: str) -> dict[str, list[ast.Module]]:
    """What a feature has, by name; a name may be a file or a folder of files."""
    found: dict[str, list[ast.Module]] = {}
    top = tree.ROOT / "src" / "carillon" / feature
    for path in sorted(top.rglob("*.py")):
        name = path.relative_to(top).parts[0].removesuffix(".py")
        if name not in PLACES | {"__init__"}:
            found.setdefault(name, []).append(ast.parse(path.read_text(encoding="utf-8")))
    return found


def _imports(modules: list[ast.Module]) -> set[str]:
    names: set[str] = set()
    for node in (node for module in modules for node in ast.walk(module)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_invents_no_second_name(feature: str) -> None:
    assert not TWINS & _modules(feature).keys()


@pytest.mark.parametrize("feature", FEATURES)
def test_names_beyond_the_fixed_ones_are_known_here(feature: str) -> None:
    assert not _modules(feature).keys() - FIXED - OWN.get(feature, set())


@pytest.mark.parametrize("feature", FEATURES)
def test_what_decides_knows_neither_http_nor_sockets(feature: str) -> None:
    modules = _modules(feature)
    for name in ("actions", "models", "queries", "events", "topics"):
        found = {module for module in _imports(modules.get(name, [])) if any(module.startswith(web) for web in WEB)}
        assert not found, f"{feature}/{name} imports {found}"


@pytest.mark.parametrize("feature", FEATURES)
def test_models_have_no_side_effects(feature: str) -> None:
    nodes = [node for module in _modules(feature).get("models", []) for node in ast.walk(module)]
    assert not {"save", "delete"} & {node.name for node in nodes if isinstance(node, ast.FunctionDef)}


def test_frames_routes_and_what_names_them_are_all_a_dialect_has() -> None:
    dialects = tree.ROOT / "src" / "carillon" / "dialects"
    for folder in (path for path in dialects.iterdir() if path.is_dir() and path.name != "__pycache__"):
        assert {path.stem for path in folder.glob("*.py")} <= DIALECT, folder.name
