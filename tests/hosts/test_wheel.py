"""What is shipped: the wheel holds every file of the package, and a host that has nothing else migrates by it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.hosts.host import Host, project
from tests.support import tree
from tests.support.covers import covers

pytestmark = [pytest.mark.serial, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(command, cwd=tree.ROOT, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = folder.glob("*.whl")
    return made


@covers("001-16")
def test_it_holds_every_file_of_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    wanted = {str(path.relative_to("src")) for path in tree.files() if path.is_relative_to("src/carillon")}
    assert wanted and not wanted - held
    migrations = {name for name in wanted if "/migrations/0" in name}
    assert {name.split("/")[1] for name in migrations} >= {"notifications", "people", "realtime", "jobs"}


@covers("000-41", "001-16", "001-17")
def test_a_host_migrates_by_it(wheel: Path, tmp_path: Path) -> None:
    host = Host(project("alone"), "solo", tmp_path)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    host.environment["PYTHONPATH"] = f"{tmp_path / 'installed'}{os.pathsep}{host.project}"
    where = host.manage("shell", "-v0", "-c", "import carillon; print(carillon.__file__)")
    assert str(tmp_path) in where
    host.manage("migrate", "--verbosity", "0")
    assert "[ ]" not in host.manage("showmigrations", "--list")
