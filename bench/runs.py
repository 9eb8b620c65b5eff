"""Starts a server that is measured and the load generator beside it, each on a core of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil

from tests.support import processes

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "bench" / "build"
SETTINGS = {"DJANGO_SETTINGS_MODULE": "carillon.server.settings"}
SERVERS, OTHERS = 0, 1


def pin(pid: int, core: int) -> None:
    """Keep a process to one core, where there are several and the system can."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {core})


def figures_of(module: str, database_url: str, *arguments: str, **environment: str) -> Any:
    """What a module of the bench prints as JSON, in a process and a data folder of its own; no `database_url` means SQLite."""
    with tempfile.TemporaryDirectory(prefix="carillon-bench-") as folder:
        database = {"DATABASE_URL": database_url} if database_url else {}
        given = processes.clean_environment(CARILLON_DATA=folder, **SETTINGS, **database, **environment)
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=given, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def is_native() -> bool:
    """Whether the load generator is the C one; BENCH_GENERATOR=python takes the other where both are."""
    return (BUILD / "load").exists() and os.environ.get("BENCH_GENERATOR") != "python"


def generator() -> list[str]:
    """The command of the load generator: the C one where it could be built, else the Python one."""
    return [str(BUILD / "load")] if is_native() else [sys.executable, "-m", "bench.load"]


class Process:
    """A process that belongs to a run: started on a core, its output kept, ended with the run."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: Path, core: int) -> None:
        self.log = folder / f"{Path(command[-1]).name}-{processes.free_port()}.log"
        self.process = processes.start(command, self.log, env=environment)
        pin(self.process.pid, core)

    @property
    def pid(self) -> int:
        """Its id."""
        return self.process.pid

    def wait_for_port(self, port: int) -> None:
        """Return when it listens there; AssertionError with its output where it ends instead."""

        def answers() -> bool:
            assert self.process.poll() is None, f"{self.process.args!r} ended at start:\n{self.tail}"
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        processes.wait_for(answers, f"{self.process.args!r} to listen")

    @property
    def tail(self) -> str:
        """The end of what it has printed."""
        return self.log.read_text(errors="replace")[-3000:]

    def end(self) -> None:
        """Kill it and its children."""
        processes.kill(self.process)


class Server:
    """A running server, and whatever works for it: where to connect, how to tell it to send, whose time counts."""

    def __init__(self, name: str, measured: Process, port: int, control: int, opening: dict[str, Any]) -> None:
        self.name, self.measured, self.port, self.control, self.opening = name, measured, port, control, opening
        # Processes whose processor time counts too: publisher, Redis, PostgreSQL.
        self.helpers: list[int] = []

    def pids(self) -> list[int]:
        """Every process whose time counts, with children."""
        found = []
        for pid in (self.measured.pid, *self.helpers):
            parent = psutil.Process(pid)
            found += [pid, *(child.pid for child in parent.children(recursive=True))]
        return found

    def memory(self) -> float:
        """User memory (USS) of the server itself and its children, in KiB."""
        parent = psutil.Process(self.measured.pid)
        each = [parent, *parent.children(recursive=True)]
        return sum(float(process.memory_full_info().uss) for process in each) / 1024

    def resident(self) -> float:
        """Resident memory of the server itself and its children, in KiB."""
        parent = psutil.Process(self.measured.pid)
        return sum(float(p.memory_info().rss) for p in (parent, *parent.children(recursive=True))) / 1024

    def crowd(self, sockets: int, **options: Any) -> Crowd:
        """So many open sockets, in a process of their own."""
        return Crowd(self, {"n": sockets, **self.opening, **options})


class Crowd:
    """The load generator with its open sockets: `opened` says what they cost, the methods carry out tasks."""

    def __init__(self, server: Server, options: dict[str, Any]) -> None:
        self.server, self.sockets = server, int(options["n"])
        self._process = subprocess.Popen(
            generator(), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        pin(self._process.pid, OTHERS)
        where = {"port": server.port, "control": server.control}
        self.opened = self._do("open", **where, **options)
        assert self.opened["sockets"] == self.sockets, f"{server.name}: {self.opened} {server.measured.tail}"

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def flood(self, **task: Any) -> dict[str, Any]:
        """Events with a window in flight, or at a rate."""
        return self._do("flood", **task)

    def time(self, **task: Any) -> dict[str, Any]:
        """One event at a time, and a bare transaction after each."""
        return self._do("time", **task)

    def say(self, **task: Any) -> dict[str, Any]:
        """A frame from every socket, and the events that it brings."""
        return self._do("say", **task)

    def ask(self, **task: Any) -> dict[str, Any]:
        """One thing of the server; its answer where it gives one."""
        return self._do("ask", **task)

    def idle(self, seconds: float) -> dict[str, Any]:
        """Nothing but keeping alive."""
        return self._do("idle", seconds=seconds)

    def freeze(self) -> dict[str, Any]:
        """Let the stalled sockets read nothing from now on."""
        return self._do("freeze")

    def thaw(self) -> dict[str, Any]:
        """Let them read what there is, and say how they were closed."""
        return self._do("thaw")

    def close(self) -> None:
        """Close the sockets."""
        self._process.kill()
        self._process.communicate()

    def _do(self, command: str, **options: Any) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        options["pids"] = ",".join(map(str, self.server.pids()[:32]))
        words = [command, *(f"{key}={value}" for key, value in options.items() if value not in (None, ""))]
        self._process.stdin.write(" ".join(words) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the load generator failed at {command}; {self.server.name} says: {self.server.measured.tail}"
        found: dict[str, Any] = json.loads(answer)
        return found
