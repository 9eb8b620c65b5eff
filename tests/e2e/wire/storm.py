"""Everybody comes back at once: a server is killed under its clients, who miss events, reconnect and must lose nothing.

`python -m tests.e2e.wire.storm [clients]` prints figures for SQLite and PostgreSQL on both paths; 2,000 unless said otherwise.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.e2e.limited import WIDE, environment
from tests.support import postgres
from tests.support.raw import CLOSE, Declined, RawSocket, offer, open_raw
from tests.support.server import SOCKET_PATHS, Server

POOL = 10
WITHIN = 30.0
MISSED = 3

_MAKE = """
import json
from django.contrib.auth import get_user_model
from carillon.people import tokens
model = get_user_model()
people = model.objects.bulk_create([model(username=f"storm{{n}}", password="!") for n in range({count})])
print("TOLD", json.dumps([tokens.open_session(person).access for person in model.objects.filter(username__startswith="storm")]))
"""
_TELL = """
from django.contrib.auth import get_user_model
from carillon.notifications import notify
people = list(get_user_model().objects.filter(username__startswith="storm"))
for n in range({count}):
    notify(people, title=f"Missed {{n}}")
"""


class Member:
    """One of the crowd: follows its own topic, comes back as our client does, and keeps the offsets it was told of."""

    def __init__(self, server: Server, token: str, chance: random.Random) -> None:
        self.server, self.token, self.chance = server, token, chance
        self.offsets: list[int] = []
        self.start: int | None = None
        self.position: dict[str, Any] = {}
        self.attempts = 0
        self.is_live = asyncio.Event()

    async def follow(self) -> None:
        """Stay connected for ever."""
        wait = 0.0
        while True:
            await asyncio.sleep(wait)
            wait = await self._once(wait)

    async def _once(self, waited: float) -> float:
        """One connection, to its end; returns the seconds to wait for the next one."""
        self.attempts += 1
        told: float = 0.0
        try:
            socket = await open_raw(self.server.port, protocols=offer(bearer=self.token), limit=4096)
        except (Declined, OSError):
            return self.chance.uniform(0.5, 1.0) * min(8.0, max(1.0, 2 * waited))
        try:
            await self._enter(socket)
            while (piece := await socket.heard()).opcode != CLOSE:
                told = self._take(piece.json) or told
        except (EOFError, OSError):
            pass
        finally:
            self.is_live.clear()
            socket.abort()
        return told * self.chance.uniform(1.0, 1.5) or self.chance.uniform(0.0, 1.0)

    async def _enter(self, socket: RawSocket) -> None:
        hello = (await socket.told("hello", seconds=60))["data"]
        if self.start is None:
            self.position, self.start = hello["position"], hello["position"]["offset"]
        elif hello["position"] != self.position:
            data = {"topic": hello["user_topic"], "position": self.position}
            socket.say({"type": "subscribe", "ref": "back", "data": data})
            await socket.told("reply", seconds=60)
        self.is_live.set()

    def _take(self, frame: dict[str, Any]) -> float:
        """Keep what was told; returns the seconds after which the server asks to come back."""
        if "offset" in frame:
            self.offsets.append(frame["offset"])
            self.position = {"epoch": frame["epoch"], "offset": frame["offset"]}
        return float((frame.get("data") or {}).get("retry_after") or 0.0) if frame["type"] == "error" else 0.0

    def has_all(self, count: int) -> bool:
        """Whether it is connected, and was told everything once and in order."""
        first = (self.start or 0) + 1
        return self.is_live.is_set() and self.offsets == list(range(first, first + count))


@dataclass
class Report:
    """What came of it; times in seconds since the server was started again."""

    clients: int
    ready: float = 0.0
    back: list[float] = field(default_factory=list)
    attempts: int = 0
    wrong: int = 0
    connections: int = 0

    def __str__(self) -> str:
        ordered = sorted(self.back)
        middle = ordered[len(ordered) // 2] if ordered else 0.0
        return (
            f"{self.clients} clients: ready after {self.ready:.1f} s, half of them back after {middle:.1f} s, all after "
            f"{max(ordered, default=0):.1f} s in {self.attempts} attempts; {self.wrong} with a loss, a repeat or a disorder; "
            f"at most {self.connections} connections to the database"
        )


async def storm(server: Server, count: int, *, seconds: float = 120) -> Report:
    """Let them connect, kill the server, tell them something, start it, and wait until each is live and was told all."""
    chance = random.Random(2026)
    tokens = json.loads((await asyncio.to_thread(_shell, server, _MAKE.format(count=count))).split("TOLD ")[1])
    members = [Member(server, token, chance) for token in tokens]
    report = Report(clients=len(members))
    tasks = [asyncio.create_task(member.follow()) for member in members]
    try:
        await _until(lambda: all(member.is_live.is_set() for member in members), seconds)
        await asyncio.to_thread(server.kill)
        await _until(lambda: not any(member.is_live.is_set() for member in members), seconds)
        await asyncio.to_thread(_shell, server, _TELL.format(count=MISSED))
        for member in members:
            member.attempts = 0
        with _counting(server, report):
            began = time.monotonic()
            await asyncio.to_thread(server.restart)
            report.ready = time.monotonic() - began
            report.back = await _back(members, began, seconds)
        report.attempts = sum(member.attempts for member in members)
        report.wrong = sum(not member.has_all(MISSED) for member in members)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return report


async def _back(members: list[Member], began: float, seconds: float) -> list[float]:
    """When each was live again and had been told of all that it had missed."""
    back, away = [], list(members)
    while away and time.monotonic() < began + seconds:
        now = time.monotonic() - began
        still = [member for member in away if not (member.is_live.is_set() and len(member.offsets) >= MISSED)]
        back += [now] * (len(away) - len(still))
        away = still
        await asyncio.sleep(0.05)
    return back


async def _until(condition: Any, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.05)


def _shell(server: Server, code: str) -> str:
    return server.carillon("shell", "-v0", "-c", code, seconds=120)


@contextmanager
def _counting(server: Server, report: Report) -> Iterator[None]:
    """Keep the largest number of connections that the server had to its PostgreSQL."""
    url, is_over = server.environment.get("DATABASE_URL", ""), threading.Event()

    def count() -> None:
        with psycopg.connect(url, autocommit=True, application_name="counting") as watching:
            question = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                # Neither autovacuum nor a parallel worker of the server's is a connection.
                " AND backend_type = 'client backend'"
            )
            while not is_over.wait(0.05):
                found = watching.execute(question).fetchone()
                report.connections = max(report.connections, found[0] if found else 0)

    counting = threading.Thread(target=count, daemon=True)
    if url:
        counting.start()
    try:
        yield
    finally:
        is_over.set()
        if url:
            counting.join()


def make(folder: Path, path: str, database_url: str = "") -> Server:
    """A running server whose limits such a crowd does not meet."""
    options: dict[str, Any] = environment(**WIDE, HEARTBEAT_TIMEOUT=3_600.0)
    return (
        Server(folder, database_url=database_url, CARILLON_SOCKETS=path, DB_POOL_MAX=str(POOL), **options)
        .prepare()
        .start()
    )


def main(count: int) -> int:
    """Print the figures; 1 when a promise was not kept."""
    cluster = postgres.Cluster()
    cluster.start()
    kept = True
    try:
        for database in ("SQLite", "PostgreSQL"):
            for path in SOCKET_PATHS:
                url = cluster.create_database(f"storm_{path}") if database == "PostgreSQL" else ""
                with tempfile.TemporaryDirectory() as folder:
                    server = make(Path(folder), path, url)
                    try:
                        report = asyncio.run(storm(server, count))
                    finally:
                        server.kill()
                print(f"{database}, {path}: {report}", flush=True)
                is_whole = len(report.back) == report.clients and report.wrong == 0
                kept = kept and is_whole and max(report.back) <= WITHIN and report.connections <= POOL
    finally:
        cluster.remove()
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000))
