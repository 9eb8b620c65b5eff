"""The instruments: a checker that could not fail, or a kill that leaves something alive, would void other tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.support import processes, recorder
from tests.support.clock import Clock
from tests.support.postgres import Cluster

TOPIC, EPOCH = "user:1", "e1.0"
STORED = [(TOPIC, EPOCH, offset) for offset in range(1, 6)]


def _written(path: Path, *offsets: int, topic: str = TOPIC) -> Path:
    frames = [{"type": "x", "topic": topic, "epoch": EPOCH, "offset": offset} for offset in offsets]
    path.write_text("".join(json.dumps(frame) + "\n" for frame in frames))
    return path


def test_the_checker_finds_nothing_in_a_perfect_record(tmp_path: Path) -> None:
    assert recorder.check(_written(tmp_path / "f", 1, 2, 3, 4, 5), STORED, STORED).is_clean


@pytest.mark.parametrize(
    ("offsets", "fault"),
    [
        ((1, 2, 3, 4), "lost"),
        ((1, 2, 4, 5), "lost"),
        ((1, 2, 4, 3, 5), "disordered"),
        ((1, 2, 2, 3, 4, 5), "repeated"),
        ((1, 2, 3, 4, 5, 6), "unknown"),
    ],
)
def test_the_checker_finds_each_fault(tmp_path: Path, offsets: tuple[int, ...], fault: str) -> None:
    verdict = recorder.check(_written(tmp_path / "f", *offsets), STORED, STORED)
    assert getattr(verdict, fault)
    assert not verdict.is_clean


def test_the_checker_finds_what_was_acknowledged_and_never_stored(tmp_path: Path) -> None:
    verdict = recorder.check(_written(tmp_path / "f", 1, 2, 3, 4, 5), STORED, [*STORED, (TOPIC, EPOCH, 6)])
    assert verdict.not_stored == [(TOPIC, EPOCH, 6)]


def test_a_client_that_came_later_is_judged_from_there(tmp_path: Path) -> None:
    assert recorder.check(_written(tmp_path / "f", 4, 5), STORED, STORED, after=3).is_clean


def test_a_clock_moves_only_when_told() -> None:
    clock = Clock(10.0)
    assert clock() == clock() == 10.0
    assert clock.advance(2.5) == clock() == 12.5
    with pytest.raises(ValueError, match="does not go back"):
        clock.advance(-1)


@pytest.mark.serial
def test_a_killed_postgresql_leaves_no_process_and_keeps_what_was_committed(
    make_cluster: Callable[..., Cluster],
) -> None:
    cluster = make_cluster()
    url = cluster.create_database("kept")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (id int)")
        connection.execute("INSERT INTO kept VALUES (1)")
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        cluster.kill()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(cluster.folder) in " ".join(p.info["cmdline"] or [])]
    cluster.restart()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT id FROM kept").fetchall() == [(1,)]


@pytest.mark.serial
def test_a_killed_process_takes_its_children_along(tmp_path: Path) -> None:
    process = processes.start(["bash", "-c", "sleep 600 & echo $!; wait"], tmp_path / "log")
    processes.wait_for(lambda: (tmp_path / "log").read_text().strip().isdigit(), "the child to start")
    child = int((tmp_path / "log").read_text())
    processes.kill(process)
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
