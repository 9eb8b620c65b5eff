"""The import rules hold, and each of them would notice its own breach: a rule that matches nothing is no rule."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support import tree

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")
# One breach for each contract: the module that commits it, and the line.
BREACHES = {
    "imports go down only": ("realtime/topic.py", "import carillon.notifications.models"),
    "inside a feature: apps, urls, edges, actions, topics, queries, events, models": (
        "notifications/models.py",
        "import carillon.notifications.actions",
    ),
    "dialects do not know each other": ("dialects/other/__init__.py", "import carillon.dialects.native.frames"),
    "dialects import no models": ("dialects/native/frames.py", "import carillon.notifications.models"),
    "the kernel's core knows no framework": ("realtime/hub.py", "import django.db"),
    "only the log touches the tables of the log (idempotency has one of its own)": (
        "realtime/hub.py",
        "import carillon.realtime.models",
    ),
    "celery and redis only in files named after them": ("jobs/sweeps.py", "import celery"),
    "channels only in the channel layer and the server": ("people/actions/accounts.py", "import channels.layers"),
}


def _contracts() -> list[str]:
    config = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return [contract["name"] for contract in config["tool"]["importlinter"]["contracts"]]


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT_IMPORTS, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.serial
def test_each_rule_notices_its_own_breach(tmp_path: Path) -> None:
    shutil.copytree(tree.ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("static", "__pycache__"))
    shutil.copy(tree.ROOT / "pyproject.toml", tmp_path)
    for place, line in BREACHES.values():
        path = tmp_path / "src" / "carillon" / place
        path.parent.mkdir(exist_ok=True)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(f"{before}\n{line}\n", encoding="utf-8")
    done = _lint(tmp_path)
    broken = {match.group(1) for match in re.finditer(r"^(.+) BROKEN", done.stdout, re.MULTILINE)}
    assert done.returncode != 0
    assert broken == set(BREACHES), done.stdout + done.stderr


def test_every_rule_has_its_breach_here() -> None:
    assert set(_contracts()) == set(BREACHES)
