"""The commit-order adversary: 16 writers who dawdle before they commit, and a reader that misses nothing (GUARANTEES R3)."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.contracts.adversary_check import Outcome, collect
from tests.support import postgres, processes
from tests.support.server import CARILLON

ROOT = Path(__file__).resolve().parents[2]
PROCESSES, THREADS = 4, 4
# CARILLON_TEST_COMMITS=50000 is the figure of GUARANTEES R3; the suite makes do with less.
COMMITS = int(os.environ.get("CARILLON_TEST_COMMITS", "1600"))

pytestmark = [pytest.mark.serial, pytest.mark.timeout(3600)]


class Contest:
    """A database of its own, writers and a reader as processes, and what they put down."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder, self.database_url = folder, database_url
        extra = {"DATABASE_URL": database_url} if database_url else {}
        self.environment = processes.clean_environment(
            CARILLON_DATA=str(folder),
            DJANGO_SETTINGS_MODULE="carillon.server.settings",
            PYTHONPATH=f"{ROOT}{os.pathsep}{ROOT / 'src'}",
            **extra,
        )

    def migrate(self) -> None:
        ended = processes.start([CARILLON, "migrate", "--verbosity", "0"], self.folder / "log", self.environment).wait(
            60
        )
        assert ended == 0, (self.folder / "log").read_text()

    def run(self, topics: int, commits: int, share_asleep: float, *, is_naive: bool = False) -> Outcome:
        """Let them write and read, and return what came of it."""
        count = commits // (PROCESSES * THREADS)
        common = {"topics": topics, "count": count, "share_asleep": share_asleep, "is_naive": is_naive}
        files = [self.folder / f"writer{number}.json" for number in range(PROCESSES)]
        seen, until = self.folder / "seen.json", self.folder / "until"
        reader = self._start("read-naive" if is_naive else "read", {**common, "file": str(seen), "until": str(until)})
        writers = [
            self._start("write", {**common, "name": f"w{number}", "file": str(file)})
            for number, file in enumerate(files)
        ]
        for process in writers:
            assert process.wait(3000) == 0, (self.folder / "log").read_text()[-3000:]
        until.touch()
        assert reader.wait(120) == 0, (self.folder / "log").read_text()[-3000:]
        return collect(files, seen)

    def _start(self, what: str, job: dict[str, Any]) -> Any:
        command = [sys.executable, "-m", "tests.contracts.adversary", what, json.dumps(job)]
        return processes.start(command, self.folder / "log", self.environment)


@pytest.fixture(params=["sqlite", "postgresql"])
def contest(request: pytest.FixtureRequest, tmp_path: Path) -> Contest:
    url = ""
    if request.param == "postgresql":
        url = postgres.create_database(postgres.shared_url(), "commit_order")
    made = Contest(tmp_path, url)
    made.migrate()
    return made


@pytest.mark.parametrize("topics", [1, 8])
def test_a_reader_by_position_misses_nothing(contest: Contest, topics: int) -> None:
    # SQLite has one writer at a time, who had better not sleep too often.
    share_asleep = 0.5 if contest.database_url else 0.1
    outcome = contest.run(topics, COMMITS // 2, share_asleep)
    assert (outcome.lost, outcome.repeated, outcome.holes, outcome.ghosts) == ([], [], [], [])
    assert outcome.errors == []
    assert outcome.how["committed"] + outcome.how["rolled back"] >= 0.98 * sum(outcome.how.values()), outcome.how
    assert outcome.how["rolled back"] > 0.03 * sum(outcome.how.values())
    assert set(outcome.ways) == {"alone", "nested", "hosted", "hosted_nested"}


def test_a_reader_by_id_loses_events_under_the_same_writers(tmp_path: Path) -> None:
    url = postgres.create_database(postgres.shared_url(), "commit_order_naive")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE naive_events (id bigserial PRIMARY KEY, text text NOT NULL)")
    outcome = Contest(tmp_path, url).run(1, COMMITS // 2, 0.5, is_naive=True)
    assert outcome.errors == []
    # Where this one loses nothing, the tests above prove nothing.
    assert len(outcome.lost) > 0.01 * outcome.how["committed"]
