"""The servers that are measured: what each is, what it needs, and how it is started."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.runs import BUILD, OTHERS, ROOT, SERVERS, SETTINGS, Process, Server, pin
from tests.support import postgres, processes, redis

PEOPLE = 10_000
NCHAN = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
OWN = '{"type":"ping","ref":"p","data":{}}'


def follow(*topics: str, position: dict[str, Any] | None = None) -> str:
    """The frames by which a native client follows topics; %t is the number of the socket's topic."""
    frames = []
    for topic in topics:
        data = {"topic": topic, **({"position": position} if position else {})}
        frames.append(json.dumps({"type": "subscribe", "ref": "follow", "data": data}, separators=(",", ":")))
    return "|".join(frames)


@dataclass(frozen=True)
class Peer:
    """One kind of server; `window` is how many events in flight suit it best, `hop` whether another process sends."""

    title: str
    module: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    window: int = 4
    redis: bool = False
    postgres: bool = False
    hop: bool = False
    socketio: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether it is the product, with its own endpoint."""
        return self.module == "ours"

    @property
    def missing(self) -> str:
        """What is not installed here, or nothing."""
        return ", ".join(need for need in self.needs if not _is_there(need))


def _is_there(need: str) -> bool:
    if need == "bench/build/limit":
        return (BUILD / "limit").exists()
    if need == "npm:ws":
        return (BUILD / "node" / "node_modules" / "ws").exists() and bool(shutil.which("node"))
    if need == "nginx+nchan":
        return NCHAN.exists() and bool(shutil.which("nginx"))
    if need == "redis-server":
        return bool(shutil.which("redis-server")) or redis.ADDRESS in os.environ
    return importlib.util.find_spec(need) is not None


def _stock(title: str, layer: str, host: str = "uvicorn", *, window: int = 1, hop: bool = False) -> Peer:
    packages = {"memory": ("channels",), "ours": ("channels",)}.get(layer, ("channels", "channels_redis"))
    needs = (*packages, *(("daphne",) if host == "daphne" else ()), *(("redis-server",) if hop else ()))
    return Peer(title, "stock", {"LAYER": layer, "HOST": host}, needs, window=window, redis=hop, hop=hop)


PEERS = {
    "limit": Peer("epoll loop in C, one send() a delivery", needs=("bench/build/limit",)),
    "ours": Peer("Carillon, SQLite", "ours"),
    "ours-asgi": Peer("Carillon, SQLite, plain ASGI", "ours", {"CARILLON_SOCKETS": "asgi"}),
    "ours-postgres": Peer(
        "Carillon, PostgreSQL + Redis", "ours", needs=("redis-server", "psycopg"), redis=True, postgres=True
    ),
    "ours-hop": Peer("Carillon, two processes over Redis", "ours", needs=("redis-server",), redis=True, hop=True),
    "nchan": Peer("nginx + nchan", needs=("nginx+nchan",)),
    "node": Peer("ws on Node", needs=("npm:ws",)),
    "starlette": Peer("Starlette, a loop over the sockets, uvicorn", "starlette_loop", needs=("starlette",)),
    "socketio": Peer("python-socketio, a room, uvicorn", "socketio_rooms", needs=("socketio",), socketio=True),
    "stock-ours": _stock("stock Channels consumer on our layer and sockets", "ours", "ours", window=4),
    "stock-ours-hop": _stock(
        "stock Channels consumer on ours, two processes over Redis", "ours", "ours", window=4, hop=True
    ),
    "stock": _stock("stock Channels, in-memory layer, uvicorn", "memory"),
    "stock-daphne": _stock("stock Channels, in-memory layer, daphne", "memory", "daphne"),
    "stock-pubsub": _stock("stock Channels, pub/sub Redis layer, two processes", "pubsub", window=4, hop=True),
    "stock-core": _stock("stock Channels, core Redis layer, two processes", "core", window=4, hop=True),
}


class Rig:
    """What servers of one run share: folders, databases with people in them, Redis."""

    def __init__(self, people: int = PEOPLE) -> None:
        self.people = people
        self.folder = Path(tempfile.mkdtemp(prefix="carillon-bench-"))
        self._templates: dict[str, Path] = {}
        self._cluster: BenchCluster | None = None
        self._cloned = 0

    def close(self) -> None:
        """Stop and delete everything."""
        if self._cluster:
            self._cluster.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_folder(self) -> Path:
        """An empty folder."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    def product(self, *, on_postgres: bool) -> dict[str, str]:
        """The environment of a server of ours on a fresh database with people; TOKENS names the file with theirs."""
        template = self._template("postgres" if on_postgres else "sqlite")
        folder = self.new_folder()
        shutil.copytree(template, folder, dirs_exist_ok=True)
        environment = {**SETTINGS, "CARILLON_DATA": str(folder), "TOKENS": str(folder / "tokens")}
        if on_postgres:
            self._cloned += 1
            environment["DATABASE_URL"] = self.cluster().create_database(f"bench{self._cloned}", "bench_template")
        return environment

    def cluster(self) -> BenchCluster:
        """The PostgreSQL of this run: it waits for the disk at each commit, as one in production does."""
        if self._cluster is None:
            self._cluster = BenchCluster()
        return self._cluster

    def _template(self, kind: str) -> Path:
        if kind not in self._templates:
            folder = self._templates[kind] = self.new_folder()
            environment = processes.clean_environment(CARILLON_DATA=str(folder), LOG_LEVEL="WARNING", **SETTINGS)
            if kind == "postgres":
                environment["DATABASE_URL"] = self.cluster().create_database("bench_template")
            prepare = [sys.executable, "-m", "bench.servers.ours", "prepare", str(self.people), str(folder / "tokens")]
            made = subprocess.run(prepare, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
            assert made.returncode == 0, made.stderr
        return self._templates[kind]


class BenchCluster:
    """A durable PostgreSQL on the other core."""

    def __init__(self) -> None:
        self._cluster = postgres.Cluster(durable=True)
        self._cluster.start()
        assert self._cluster._process
        self.pid = self._cluster._process.pid
        pin(self.pid, OTHERS)

    def create_database(self, name: str, template: str = "template1") -> str:
        """An empty database, or a copy of another; returns its URL."""
        import psycopg

        with psycopg.connect(self._cluster.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self._cluster.url(name)

    def remove(self) -> None:
        """Kill it and delete its data."""
        self._cluster.remove()


@contextmanager
def running(name: str, rig: Rig, **environment: str) -> Iterator[Server]:
    """One of PEERS, started; what it is asked for is in the module of its name."""
    peer, started, folder = PEERS[name], [], rig.new_folder()
    extra = dict(peer.environment, **environment)
    helpers: list[int] = []
    own_redis = None
    try:
        if peer.redis:
            own_redis = redis.Server().start()
            assert own_redis._process
            pin(own_redis._process.pid, OTHERS)
            helpers.append(own_redis._process.pid)
            extra |= {"BENCH_REDIS": own_redis.url, "REDIS_URL": own_redis.url}
        if peer.is_ours:
            extra |= {"LOG_LEVEL": "WARNING", **rig.product(on_postgres=peer.postgres)}
        if peer.postgres:
            helpers.append(rig.cluster().pid)
        command, where = _command(name, peer, folder)
        measured = Process(command, processes.clean_environment(**where, **extra), folder, SERVERS)
        started.append(measured)
        port, control = int(where["PORT"]), int(where["BENCH_CONTROL"])
        measured.wait_for_port(port)
        measured.wait_for_port(control)
        if peer.hop:
            command, where = _command(name, peer, folder)
            control = int(where["BENCH_CONTROL"])
            publisher = Process(command, processes.clean_environment(**where, **extra), folder, OTHERS)
            started.append(publisher)
            publisher.wait_for_port(control)
            helpers.append(publisher.pid)
        server = Server(name, measured, port, control, opening(peer, extra))
        server.helpers = helpers
        yield server
    finally:
        for process in started:
            process.end()
        if own_redis:
            own_redis.remove()


def _command(name: str, peer: Peer, folder: Path) -> tuple[list[str], dict[str, str]]:
    port, control = str(processes.free_port()), str(processes.free_port())
    # A PYTHONPATH of the caller's stays: so another state of the product can be measured with the same bench.
    places = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    where = {"PORT": port, "BENCH_CONTROL": control, "PYTHONPATH": places, "PYTHONDONTWRITEBYTECODE": "1"}
    if peer.module:
        return [sys.executable, "-m", f"bench.servers.{peer.module}"], where
    if name == "limit":
        return [str(BUILD / "limit"), port, control], where
    if name == "node":
        where["NODE_PATH"] = str(BUILD / "node" / "node_modules")
        return ["node", str(ROOT / "bench" / "servers" / "node_ws.js")], where
    settings = (ROOT / "bench" / "servers" / "nchan.conf").read_text().replace("@PORT@", port)
    (folder / "nchan.conf").write_text(settings)
    # It is told to send by HTTP, where its sockets are.
    return ["nginx", "-p", f"{folder}/", "-c", str(folder / "nchan.conf")], {**where, "BENCH_CONTROL": port}


def opening(peer: Peer, environment: dict[str, str]) -> dict[str, Any]:
    """How the load generator opens a socket of this peer."""
    if peer.is_ours:
        return {
            "path": "/ws/",
            "protocol": "carillon.v1",
            "tokens": environment["TOKENS"],
            "first": follow("bench:%t"),
            "answer": '"ref":"follow"',
            "ping": OWN,
        }
    if peer.socketio:
        return {"path": "/socket.io/?EIO=4&transport=websocket&t=%t", "socketio": 1}
    if peer.needs == ("nginx+nchan",):
        return {"path": "/sub?t=%t", "http": 1}
    return {"path": "/ws/?t=%t"}
