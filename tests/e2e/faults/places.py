"""One deployment under test: several servers over one database, with or without Redis, and every way to hurt it."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.e2e.faults.history import Row
from tests.e2e.faults.hurts import SESSIONS, Hurts
from tests.e2e.faults.plans import Fault
from tests.e2e.limited import WIDE
from tests.support import postgres, redis
from tests.support.server import Server

ROOT = Path(__file__).resolve().parents[3]
FILE = "carillon.sqlite3"
_EVENTS = 'SELECT topic, "offset", type, data, revokes FROM carillon_realtime_storedevent ORDER BY topic, "offset"'
_EPOCHS = "SELECT topic, incarnation FROM carillon_realtime_topichead"
_EPOCH = "SELECT epoch FROM carillon_realtime_deployment"


@dataclass(frozen=True)
class Person:
    """Somebody to be connected as."""

    key: str
    token: str


@dataclass(frozen=True)
class Injected:
    """A fault that was carried out: when it began, and when what it hit was there again (seconds since 1970)."""

    name: str
    began: float
    ended: float


@dataclass(frozen=True)
class Setup:
    """What a deployment is made of; `database`: sqlite, postgres for a cluster that may be killed, or shared postgres."""

    database: str = "postgres"
    redis: bool = True
    servers: int = 2
    people: int = 20
    environment: dict[str, str] = field(default_factory=dict)
    limits: dict[str, Any] = field(default_factory=dict)
    # What one of the servers has otherwise, by its number.
    special: dict[int, dict[str, str]] = field(default_factory=dict)


class Place(Hurts):
    """Servers, database and Redis; ends with `remove`."""

    def __init__(self, folder: Path, setup: Setup) -> None:
        self.folder, self.setup = folder, setup
        self.servers: list[Server] = []
        self.people: list[Person] = []
        self.cluster: postgres.Cluster | None = None
        self.redis: redis.Server | None = None
        self.database_url = ""
        self.injected: list[Injected] = []
        self.ending = threading.Event()
        folder.mkdir(parents=True, exist_ok=True)

    # Beginning and end.

    def start(self) -> Place:
        """Start everything, with people in; ends what it had started where that fails."""
        try:
            self._start()
        except BaseException:
            self.remove()
            raise
        return self

    def _start(self) -> None:
        if self.setup.database == "postgres":
            self.cluster = postgres.Cluster(durable=True)
            self.cluster.start()
            self.database_url = self.cluster.create_database("faults")
        elif self.setup.database == "shared postgres":
            self.database_url = postgres.create_database(postgres.shared_url(), "faults")
        if self.setup.redis:
            self.redis = redis.Server().start()
        key = secrets.token_urlsafe(50)
        for number in range(self.setup.servers):
            self.servers.append(self._server(number, key))
        self._populate()
        for server in self.servers:
            server.start()

    def _server(self, number: int, key: str) -> Server:
        environment = {
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}",
            "DJANGO_SETTINGS_MODULE": "tests.e2e.faults.settings",
            "CARILLON_LIMITS": json.dumps({**WIDE, **self.setup.limits}),
            "CARILLON_DATA": str(self.folder),
            "SECRET_KEY": key,
            "LOG_LEVEL": "WARNING",
            **({"REDIS_URL": self.redis.url} if self.redis else {}),
            **self.setup.environment,
            **self.setup.special.get(number, {}),
        }
        return Server(self.folder / f"web{number}", port=None, database_url=self.database_url, **environment)

    def _populate(self) -> None:
        if self.database_url:
            self.servers[0].carillon("migrate", "--verbosity", "0")
        else:
            # A copy of one that was made before is sooner there than a new one.
            shutil.copy(self.servers[0].prepare().folder / FILE, self.folder)
        printed = self.run_python("tests.e2e.faults.populate", str(self.setup.people))
        self.people = [Person(*each) for each in json.loads(printed.split("PEOPLE ")[1])]

    def run_python(self, module: str, *arguments: str) -> str:
        """Run a module of ours against the deployment and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env={**self.servers[0].environment, "FAULTS_CLOCK": ""},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def remove(self) -> None:
        """Kill everything and delete what it wrote; what a client or writer put down elsewhere stays."""
        for server in self.servers:
            server.kill()
        if self.redis is not None:
            self.redis.remove()
        if self.cluster is not None:
            self.cluster.remove()
        for server in self.servers:
            shutil.rmtree(server.folder, ignore_errors=True)

    # What the judge reads.

    def query(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the database, past the servers."""
        if self.database_url:
            with psycopg.connect(self.database_url, connect_timeout=10) as connection:
                return connection.execute(query.encode()).fetchall()
        with closing(sqlite3.connect(self.folder / FILE, timeout=30)) as file:
            return file.execute(query).fetchall()

    def rows(self) -> list[Row]:
        """The whole event log."""
        epoch = (self.query(_EPOCH) or [("0",)])[0][0]
        lives = dict(self.query(_EPOCHS))
        return [_row(topic, f"{epoch}.{lives.get(topic, 0)}", *rest) for topic, *rest in self.query(_EVENTS)]

    async def inject(self, fault: Fault) -> None:
        """Carry out a planned fault, by its name."""
        began = time.time()
        hurt: Callable[[Fault], None] = getattr(self, fault.name)
        try:
            await asyncio.to_thread(hurt, fault)
        except asyncio.CancelledError:
            self.ending.set()
            raise
        self.injected.append(Injected(fault.name, began, time.time()))

    # Figures.

    def memory(self) -> list[float]:
        """RSS of each server in MiB."""
        return [_status(server.pid, "VmRSS") / 1024 for server in self.servers]

    def files(self) -> list[int]:
        """Open file descriptors of each server."""
        return [len(os.listdir(f"/proc/{server.pid}/fd")) for server in self.servers]

    def sessions(self) -> int:
        """Connections that PostgreSQL has for the servers; 0 on SQLite."""
        return int(self.query(f"SELECT COUNT(*) {SESSIONS}")[0][0]) if self.database_url else 0

    def complaints(self) -> list[str]:
        """What the logs of the servers say that no log should say: "locked" on SQLite, or a failure of ours."""
        words = ("database is locked", "a command failed", "a connection failed", "Task exception was never retrieved")
        return [
            line
            for server in self.servers
            if server.log.exists()
            for line in server.log.read_text(errors="replace").splitlines()
            if any(word in line for word in words)
        ]


def _row(topic: str, epoch: str, offset: int, type: str, data: str, revokes: str) -> Row:
    told = json.loads(data)
    named = tuple(json.loads(revokes)) if revokes else ()
    return Row(topic, epoch, offset, id_of(type, told), named, told["person"] if type == "hall.entered" else "")


def id_of(type: str, data: dict[str, Any]) -> str:
    """The id of the write that an event comes from; empty for what tests do not write themselves."""
    if type == "hall.said":
        return str(data["id"])
    return str(data["notification"]["title"]) if type == "notification.created" else ""


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])
