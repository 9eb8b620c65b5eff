"""Starts a server that is measured and the load client beside it, each on a core of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support import processes

ROOT = Path(__file__).resolve().parents[1]
FOLLOW = json.dumps({"type": "subscribe", "ref": "follow", "data": {"topic": "bench:1"}})
SETTINGS = {"DJANGO_SETTINGS_MODULE": "carillon.server.settings"}
PING = json.dumps({"type": "ping", "ref": "ping", "data": {}})


class Crowd:
    """The load client: `opening` says what its sockets cost, `do` carries out a task."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.load"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        pin(self.process.pid, 1)
        self.opening = self._say(order)

    def do(self, **task: Any) -> dict[str, Any]:
        """Carry out a bench.load.Task."""
        return self._say(task)

    def close(self) -> None:
        """Close the sockets."""
        self.process.kill()
        self.process.communicate()

    def _say(self, line: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "the load client failed"
        found: dict[str, Any] = json.loads(answer)
        return found


class Measured:
    """A running server: where to connect, where to ask for events, and its process id."""

    def __init__(self, name: str, tokens: list[str], environment: dict[str, str]) -> None:
        self.name, self.tokens = name, tokens
        self.port, self.control = processes.free_port(), processes.free_port()
        self._log = tempfile.NamedTemporaryFile(prefix="bench-", suffix=".log")  # noqa: SIM115 - as long as the server
        env = {**environment, "PORT": str(self.port), "BENCH_CONTROL": str(self.control)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"bench.servers.{name}"], cwd=ROOT, env=env, stdout=self._log, stderr=self._log
        )
        pin(self.process.pid, 0)
        processes.wait_for(self._answers, f"{name} to start: {self.log}")

    @contextmanager
    def crowd(self, sockets: int) -> Iterator[Crowd]:
        """So many open sockets, in a process of their own."""
        is_ours = self.name == "ours"
        order = {
            "port": self.port,
            "control": self.control,
            "pid": self.process.pid,
            "tokens": self.tokens[:sockets] if is_ours else [""] * sockets,
            **({"first": FOLLOW, "ready": '"ref":"follow"', "ping": PING} if is_ours else {}),
        }
        client = Crowd(order)
        try:
            yield client
        finally:
            client.close()

    @property
    def log(self) -> str:
        """What the server has printed, its end."""
        return Path(self._log.name).read_text(errors="replace")[-3000:]

    def stop(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()
        self._log.close()

    def _answers(self) -> bool:
        assert self.process.poll() is None, f"{self.name} ended at start:\n{self.log}"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def pin(pid: int, core: int) -> None:
    """Keep a process to one core, where there are several and the system can."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {core})


@contextmanager
def ours(people: int, database_url: str = "") -> Iterator[Measured]:
    """Our server on a fresh database with so many people in it."""
    with tempfile.TemporaryDirectory(prefix="carillon-bench-") as folder:
        environment = processes.clean_environment(CARILLON_DATA=folder, LOG_LEVEL="WARNING", **SETTINGS)
        if database_url:
            environment["DATABASE_URL"] = database_url
        prepare = [sys.executable, "-m", "bench.servers.ours", "prepare", str(people)]
        made = subprocess.run(prepare, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        server = Measured("ours", json.loads(made.stdout), environment)
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def stock() -> Iterator[Measured]:
    """The stock Channels consumer."""
    server = Measured("stock", [], processes.clean_environment())
    try:
        yield server
    finally:
        server.stop()
