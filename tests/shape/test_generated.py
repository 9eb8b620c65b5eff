"""What is generated is checked: a file changed by hand is noticed, and the package carries what it must."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support import tree

TOPS = {"packages", "protocol", "examples"}


def _workspace_copy(target: Path) -> Path:
    for path in tree.files():
        if path.parts[0] in TOPS or (len(path.parts) == 1 and path.suffix in {".json", ""}):
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(tree.ROOT / path, target / path)
    (target / "node_modules").symlink_to(tree.ROOT / "node_modules")
    return target


def _generate_check(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["npm", "run", "--silent", "generate:check"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.serial
def test_a_generated_type_edited_by_hand_fails_the_check(tmp_path: Path) -> None:
    copy = _workspace_copy(tmp_path)
    untouched = _generate_check(copy)
    assert untouched.returncode == 0, untouched.stdout + untouched.stderr
    generated = sorted((copy / "packages/client/src/generated").glob("*.ts"))
    assert generated
    for path in generated:
        original = path.read_text(encoding="utf-8")
        path.write_text(original.replace("number", "string", 1) + "\n// by hand\n", encoding="utf-8")
        assert _generate_check(copy).returncode != 0, f"{path.name} was edited and nobody noticed"
        path.write_text(original, encoding="utf-8")


@pytest.mark.serial
def test_the_wheel_carries_types_migrations_templates_and_the_built_demo(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=tree.ROOT,
        check=True,
        capture_output=True,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"},
    )
    (wheel,) = tmp_path.glob("django_carillon-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = {str(path.relative_to("src")) for path in tree.files() if path.parts[:2] == ("src", "carillon")}
    assert not shipped - names
    assert "carillon/py.typed" in names
    assert "carillon/server/static/demo/index.html" in names, "make run builds the demo first"
    assert not {name for name in names if name.startswith(("tests/", "node_modules/", "data/"))}
