"""Six processes of a host notify the same people inside their own transactions: no deadlock, nothing lost or doubled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support import postgres, processes
from tests.support.server import Server

ROOT = Path(__file__).resolve().parents[2]
PROCESSES, SECONDS, PEOPLE = 6, 6.0, 8

pytestmark = [pytest.mark.serial, pytest.mark.timeout(180)]


class Hosts:
    """The processes, their database, and what both say afterwards."""

    def __init__(self, server: Server, url: str, folder: Path) -> None:
        self.folder, self.url = folder, url
        extra = {
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}",
            "DJANGO_SETTINGS_MODULE": "carillon.server.settings",
        }
        self.environment = {**server.environment, **extra}
        self.told: list[dict[str, Any]] = []

    def run(self, die_after: int = 0) -> list[int]:
        """Let them notify at once, sweep, and return how each ended; `die_after` kills the first between commit and flush."""
        files = [self.folder / f"host{number}" for number in range(PROCESSES)]
        running = []
        for number, file in enumerate(files):
            dies = die_after if number == 0 else 0
            job = {"name": f"h{number}", "file": str(file), "people": PEOPLE, "seconds": SECONDS, "die_after": dies}
            running.append(self._start("notify", job))
        ends = [process.wait(60) for process in running]
        assert self._start("settle", {}).wait(60) == 0, self._log()
        assert "Traceback" not in self._log(), self._log()
        self.told = [json.loads(line) for file in files for line in file.read_text().splitlines()]
        return ends

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query.encode()).fetchall()

    def _start(self, what: str, job: dict[str, Any]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.e2e.host_process", what, json.dumps(job)]
        return processes.start(command, self.folder / "log", self.environment)

    def _log(self) -> str:
        return (self.folder / "log").read_text()[-4_000:]


@pytest.fixture
def hosts(make_server: Callable[..., Server], tmp_path: Path) -> Hosts:
    url = postgres.create_database(postgres.shared_url(), "hosts_at_once")
    return Hosts(make_server(database_url=url), url, tmp_path)


def judge(hosts: Hosts) -> int:
    """Compare what was acknowledged with rows, counters and events; return how many notifications there are."""
    assert [line for line in hosts.told if "error" in line] == []
    acknowledged = {(title, person) for line in hosts.told for title, person in line.get("told", ())}
    taken_back = {(title, person) for line in hosts.told for title, person in line.get("rolled_back", ())}
    # Demo people come with notifications of their own.
    ours = "title LIKE 'h%.%' AND kind = ''"
    stored = hosts.rows(f"SELECT title, user_id, id, number FROM carillon_notifications_notification WHERE {ours}")
    counted = Counter((title, person) for title, person, _, _ in stored)
    assert acknowledged - counted.keys() == set(), "lost"
    assert taken_back & counted.keys() == set(), "rolled back, and there"
    assert [key for key, count in counted.items() if count > 1] == [], "doubled"
    assert [row for row in stored if row[3] is None] == [], "never announced"
    _judge_events(hosts, {(str(person), id) for _, person, id, _ in stored})
    _judge_counters(hosts)
    return len(stored)


def _judge_events(hosts: Hosts, stored: set[tuple[str, str]]) -> None:
    rung: Counter[tuple[str, str]] = Counter()
    versions: defaultdict[str, list[int]] = defaultdict(list)
    offsets: defaultdict[str, list[int]] = defaultdict(list)
    query = 'SELECT topic, "offset", type, data FROM carillon_realtime_storedevent ORDER BY topic, "offset"'
    for topic, offset, kind, text in hosts.rows(query):
        offsets[topic].append(offset)
        data = json.loads(text)
        if kind == "notification.created":
            rung[topic.removeprefix("user:"), data["notification"]["id"]] += 1
        if "inbox" in data:
            versions[topic].append(data["inbox"]["version"])
    assert stored - rung.keys() == set(), "stored, and never rung"
    assert [key for key, count in rung.items() if count > 1] == [], "rung twice"
    assert all(found == list(range(1, len(found) + 1)) for found in offsets.values())
    assert all(found == sorted(set(found)) for found in versions.values())


def _judge_counters(hosts: Hosts) -> None:
    counters = "SELECT user_id, unread, unseen, last_number FROM carillon_notifications_inbox ORDER BY user_id"
    recount = (
        "SELECT user_id, count(*) FILTER (WHERE NOT is_read AND archived_at IS NULL AND snoozed_until IS NULL),"
        " count(*) FILTER (WHERE seen_at IS NULL AND archived_at IS NULL AND snoozed_until IS NULL), max(number)"
        " FROM carillon_notifications_notification GROUP BY user_id ORDER BY user_id"
    )
    assert hosts.rows(counters) == hosts.rows(recount)
    staged = "SELECT count(*) FROM carillon_realtime_stagedevent"
    assert hosts.rows(staged) == [(0,)]


def test_hosts_that_notify_the_same_people_at_once(hosts: Hosts) -> None:
    assert hosts.run() == [0] * PROCESSES
    assert judge(hosts) > 500
    assert any("rolled_back" in line for line in hosts.told)


def test_one_of_them_is_killed_between_its_commit_and_the_flush(hosts: Hosts) -> None:
    ends = hosts.run(die_after=40)
    assert ends == [-signal.SIGKILL, *[0] * (PROCESSES - 1)]
    stored = judge(hosts)
    known = {(title, person) for line in hosts.told for title, person in line.get("told", ())}
    # What was committed and never acknowledged was announced all the same.
    assert stored > len(known)
