"""What must not be in the repository: machine paths, registry hosts, unfinished marks, secrets, built files."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support import tree

# Put together here so that this file does not hold what it looks for.
HOSTS = [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("debian", "org"))]
UNFINISHED = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "NotImplemented" + "Error", "mark.sk" + "ip", "mark.xf" + "ail"]
MACHINE = re.compile(r"(?:^|[^\w.])/(?:work|home|root|Users)/[\w.]", re.MULTILINE)
SECRET = re.compile(r"-----BEGIN [A-Z ]*PRIVATE" + r" KEY-----|\bAKIA[0-9A-Z]{16}\b|\bSG\.[\w-]{22}\.[\w-]{43}\b")
BUILT = {"node_modules", "dist", ".venv", "__pycache__", "coverage"}


def _holding(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    found = []
    for path in paths:
        body = tree.text(path)
        match = pattern.search(body) if body is not None else None
        if match:
            found.append(f"{path}: {match.group(0)!r}")
    return found


def _everything() -> list[Path]:
    return list(tree.files())


def test_no_registry_host_is_named() -> None:
    assert not _holding(re.compile("|".join(re.escape(host) for host in HOSTS)), _everything())


def test_no_path_of_a_machine_is_named() -> None:
    assert not _holding(MACHINE, [path for path in _everything() if path.suffix != ".svg"])


def test_nothing_is_unfinished() -> None:
    code = tree.sources("src", "packages", "examples", "tests", "tools", suffixes=(".py", ".ts", ".tsx", ".mjs"))
    assert not _holding(re.compile(r"\b(?:" + "|".join(re.escape(word) for word in UNFINISHED) + r")\b"), code)


def test_no_secret_is_kept() -> None:
    assert not _holding(SECRET, _everything())


def test_nothing_built_is_tracked() -> None:
    assert not [path for path in tree.files() if BUILT & set(path.parts)]


def test_locks_pin_what_the_package_asks_for() -> None:
    pins = {
        name: set(
            re.findall(r"^([a-z0-9._-]+)==([\w.]+)", (tree.ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
        )
        for name in ("requirements/runtime.txt", "requirements/dev.txt", "requirements.txt")
    }
    assert pins["requirements/runtime.txt"] < pins["requirements.txt"] < pins["requirements/dev.txt"]
    hashes = (tree.ROOT / "requirements/runtime.txt").read_text(encoding="utf-8").count("--hash=sha256:")
    assert hashes >= len(pins["requirements/runtime.txt"])
