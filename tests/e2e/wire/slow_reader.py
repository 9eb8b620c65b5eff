"""One client that never reads, beside many that do: what it costs the server and the others.

`python -m tests.e2e.wire.slow_reader [neighbours]` prints figures for both paths; 500 unless said otherwise.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.e2e.limited import WIDE, environment
from tests.support.raw import CLOSE, RawSocket, offer, open_raw
from tests.support.server import SOCKET_PATHS, Server

MIB = 2**20
# At 32 KiB each: more than the system buffers for a socket, and our bound.
FLOOD, LONG = 180, "\N{BELL}" * 8_000
RINGS = 45
_RUNG = re.compile(rb'"title":"Ring (\d+)"')


@dataclass
class Round:
    """One load, and whether the one beside them read: seconds from asking to hearing, and memory in MiB more than before."""

    reads: bool
    waits: list[float] = field(default_factory=list)
    memory: float = 0.0

    @property
    def p99(self) -> float:
        """All but one in a hundred waited no longer."""
        return statistics.quantiles(self.waits, n=100)[98]


@dataclass
class Report:
    """Rounds with and without a client that reads nothing, and how those clients ended."""

    neighbours: int
    rounds: list[Round] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    is_lossless: bool = True

    def p99(self, *, reads: bool) -> float:
        """The middle of the rounds."""
        return statistics.median(each.p99 for each in self.rounds if each.reads is reads)

    @property
    def memory(self) -> float:
        """The most that a round with such a client took, in MiB."""
        return max(each.memory for each in self.rounds if not each.reads)

    def __str__(self) -> str:
        return (
            f"{self.neighbours} neighbours: p99 {self.p99(reads=True) * 1000:.0f} ms while everybody reads, "
            f"{self.p99(reads=False) * 1000:.0f} ms beside one who does not; {self.memory:+.1f} MiB for that one; "
            f"closed {self.codes}; {'nothing' if self.is_lossless else 'something'} was lost when they resumed"
        )


class Crowd:
    """Many sockets of alice's, which read, and the moments at which each ring was asked for."""

    def __init__(self, server: Server) -> None:
        self.server, self.asked = server, dict[int, float]()
        self.waits: list[float] = []
        self.sockets: list[RawSocket] = []
        self._readers: list[asyncio.Task[None]] = []

    async def open(self, count: int) -> None:
        """Let them connect."""
        for _ in range(count):
            socket = await open_raw(self.server.port, protocols=offer(bearer=self.server.login("alice")))
            await socket.told("hello")
            self.sockets.append(socket)
            self._readers.append(asyncio.create_task(self._read(socket)))

    async def _read(self, socket: RawSocket) -> None:
        while (piece := await socket.heard()).opcode != CLOSE:
            if found := _RUNG.search(piece.payload):
                self.waits.append(time.perf_counter() - self.asked[int(found[1])])

    async def ring(self, number: int) -> None:
        """One small event for all of them, heard by all of them."""
        wanted = len(self.waits) + len(self.sockets)
        self.asked[number] = time.perf_counter()
        await _ring(self.server, "alice", f"Ring {number}", "")
        async with asyncio.timeout(30):
            while len(self.waits) < wanted:
                assert not any(reader.done() for reader in self._readers), "a neighbour was cut"
                await asyncio.sleep(0.002)

    async def close(self) -> None:
        """Go."""
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        for socket in self.sockets:
            socket.abort()


async def _ring(server: Server, who: str, title: str, message: str) -> None:
    body = {"username": who, "title": title, "message": message}
    answer = await asyncio.to_thread(server.request, "POST", "/api/v1/demo/ring/", body, token=server.login("alice"))
    assert answer.status == 201, answer.raw


async def _silent(server: Server) -> tuple[RawSocket, dict[str, Any]]:
    """Bruno's socket once it has said hello: from then on nothing is taken out of it until somebody asks."""
    socket = await open_raw(server.port, protocols=offer(bearer=server.login("bruno")), limit=2_048)
    return socket, (await socket.told("hello"))["data"]


async def _drain(socket: RawSocket) -> None:
    while (await socket.heard()).opcode != CLOSE:
        pass


async def measure(server: Server, neighbours: int, rounds: int = 1) -> Report:
    """Rounds in which bruno reads, and rounds in which he does not; the load is the same."""
    report, crowd = Report(neighbours), Crowd(server)
    await asyncio.to_thread(server.login, "alice")
    await asyncio.to_thread(server.login, "bruno")
    await crowd.open(neighbours)
    process = psutil.Process(server.pid)
    try:
        # What a first round loads is nobody's doing.
        (await _round(server, crowd, process, Round(reads=True), flood=RINGS))[0].abort()
        for _ in range(rounds):
            for reads in (True, False):
                report.rounds.append(Round(reads=reads))
                socket, start = await _round(server, crowd, process, report.rounds[-1])
                if not reads:
                    report.codes.append((await socket.closed())[0])
                    report.is_lossless = report.is_lossless and await _is_whole(server, start)
                socket.abort()
    finally:
        await crowd.close()
    return report


async def _round(
    server: Server, crowd: Crowd, process: psutil.Process, told: Round, *, flood: int = FLOOD
) -> tuple[RawSocket, dict[str, Any]]:
    socket, start = await _silent(server)
    draining = asyncio.create_task(_drain(socket)) if told.reads else None
    crowd.waits.clear()
    before = process.memory_info().rss
    for number in range(RINGS):
        for _ in range(flood // RINGS):
            await _ring(server, "bruno", "Long", LONG)
        await crowd.ring(number)
        told.memory = max(told.memory, (process.memory_info().rss - before) / MIB)
    told.waits = list(crowd.waits)
    if draining is not None:
        draining.cancel()
        await asyncio.gather(draining, return_exceptions=True)
    return socket, start


async def _is_whole(server: Server, start: dict[str, Any]) -> bool:
    """Whether who resumes from there is told all that was sent in a round, once and in order."""
    socket, hello = await _silent(server)
    first = start["position"]["offset"]
    if hello["position"]["offset"] != first + FLOOD:
        return False
    data = {"topic": hello["user_topic"], "position": start["position"]}
    socket.say({"type": "subscribe", "ref": "back", "data": data})
    await socket.told("reply")
    offsets = [(await socket.told("notification.created"))["offset"] for _ in range(FLOOD)]
    socket.abort()
    return offsets == list(range(first + 1, first + 1 + FLOOD))


def make(folder: Path, path: str) -> Server:
    """A running server with the limits of slow readers that it has by default."""
    # The neighbours only listen.
    options: dict[str, Any] = environment(**WIDE, HEARTBEAT_TIMEOUT=3_600.0)
    return Server(folder, CARILLON_SOCKETS=path, **options).prepare().start()


def main(neighbours: int) -> int:
    """Print the figures; 1 when a promise was not kept."""
    kept = True
    for path in SOCKET_PATHS:
        with tempfile.TemporaryDirectory() as folder:
            server = make(Path(folder), path)
            try:
                report = asyncio.run(measure(server, neighbours, rounds=3))
            finally:
                server.kill()
        print(f"{path}: {report}", flush=True)
        is_fair = report.p99(reads=False) <= 2 * report.p99(reads=True)
        kept = kept and is_fair and report.memory <= 64 and set(report.codes) == {4009} and report.is_lossless
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500))
