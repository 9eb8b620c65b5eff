"""Measures a real server: how soon a notification rings, how fast sockets open, and what an idle one weighs.

Usage: python -m bench [--write]     (--write replaces bench/RESULTS.md)
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tests.support import postgres
from tests.support.server import Server
from tests.support.sockets import NativeSocket, open_socket

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "RESULTS.md"
RINGS = 200  # below the brake: 300 of one kind for one person in a minute
PEOPLE, SOCKETS_EACH = 100, 5
TOKENS = (
    "import json, django.contrib.auth as a; from rest_framework_simplejwt.tokens import AccessToken as T; "
    "M = a.get_user_model(); "
    "us = [M.objects.get_or_create(username=f'bench{{n}}')[0] for n in range({count})]; "
    "print('TOKENS', json.dumps([str(T.for_user(u)) for u in us]))"
)
Row = tuple[str, str]


def milliseconds(samples: list[float]) -> str:
    """Say the median and the 99th percentile of some seconds, in milliseconds."""
    ordered = sorted(samples)
    high = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"p50 {statistics.median(ordered) * 1000:.1f} ms, p99 {high * 1000:.1f} ms"


async def ring(server: Server) -> list[Row]:
    """Measure from the request that makes a notification to its frame at an open socket of the same process."""
    bearer = server.login("alice")
    samples = []
    async with open_socket(server.socket_url, bearer=bearer) as socket:
        for number in range(RINGS):
            started = time.perf_counter()
            body = {"username": "alice", "title": f"Ring {number}", "message": "bench"}
            request = asyncio.to_thread(server.request, "POST", "/api/v1/demo/ring/", body, token=bearer)
            answer, _ = await asyncio.gather(request, socket.next("notification.created"))
            assert answer.status == 201, answer.raw
            samples.append(time.perf_counter() - started)
    return [(f"request to frame, {RINGS} notifications one after the other", milliseconds(samples))]


async def from_outside(server: Server) -> list[Row]:
    """Measure a notification made by another process with no broker shared: the sweep brings it."""
    samples = []
    async with open_socket(server.socket_url, bearer=server.login("alice")) as socket:
        for _ in range(5):
            await asyncio.to_thread(server.carillon, "notify", "alice", "From outside")
            started = time.perf_counter()
            await socket.next("notification.created", seconds=10)
            samples.append(time.perf_counter() - started)
    return [("end of another process's command to frame, no broker shared", milliseconds(samples))]


async def idle(server: Server) -> list[Row]:
    """Open many sockets and see how long it takes and what they weigh."""
    printed = server.carillon("shell", "-c", TOKENS.format(count=PEOPLE))
    line = next(line for line in printed.splitlines() if line.startswith("TOKENS "))
    tokens: list[str] = json.loads(line.removeprefix("TOKENS "))
    process = psutil.Process(server.pid)
    before = process.memory_info().rss
    async with AsyncExitStack() as stack:
        started = time.perf_counter()
        for token in tokens:
            opening = [_open(stack, server, token) for _ in range(SOCKETS_EACH)]
            await asyncio.gather(*opening)
        seconds = time.perf_counter() - started
        weight = (process.memory_info().rss - before) / 1024
    count = PEOPLE * SOCKETS_EACH
    return [
        (f"{count} sockets opened and greeted", f"{count / seconds:.0f} a second"),
        ("memory of an idle socket, in the server", f"{weight / count:.0f} KiB"),
    ]


async def _open(stack: AsyncExitStack, server: Server, token: str) -> NativeSocket:
    return await stack.enter_async_context(open_socket(server.socket_url, bearer=token))


def measure(name: str, database_url: str) -> list[str]:
    """Run all measurements on one database and return the lines of its table."""
    lines = ["", f"## {name}", "", "| measured | result |", "| --- | --- |"]
    with tempfile.TemporaryDirectory(prefix="carillon-bench-") as folder:
        server = Server(Path(folder), database_url=database_url).prepare().start()
        try:
            for measurement in (ring, from_outside, idle):
                lines += [f"| {what} | {result} |" for what, result in asyncio.run(measurement(server))]
        finally:
            server.kill()
    return lines


def heading() -> list[str]:
    """Say what was measured, where and when."""
    described = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    commit = described.stdout.strip() or "before the first commit"
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, loopback"
    return [
        "# Measured",
        "",
        f"`make bench` on {datetime.now(UTC):%d %B %Y}, commit {commit}; {machine}.",
        "Server and clients share the machine and its cores. Compare only figures of one run.",
    ]


def main() -> int:
    """Print the tables, and with --write keep them."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--write", action="store_true", help="replace bench/RESULTS.md")
    arguments = parser.parse_args()
    lines = [*heading(), *measure("SQLite, one process", "")]
    lines += measure("PostgreSQL, one process", postgres.create_database(postgres.shared_url(), "bench"))
    print("\n".join(lines))
    if arguments.write:
        RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
