"""Redis for tests: an address from the environment, else a private server from the installed program."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import redis

from tests.support import processes

ADDRESS = "CARILLON_TEST_REDIS"
# What the names of a deployment without settings of its own begin with.
TAG = "{carillon:0}:"


class Server:
    """A private Redis on a loopback port that keeps nothing on disk; made stopped."""

    def __init__(self, *options: str) -> None:
        self.port, self._options = processes.free_port(), options
        self.folder = Path(tempfile.mkdtemp(prefix="carillon-redis-"))
        self.log = self.folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The REDIS_URL of its first database."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> Server:
        """Start it, or start it again after `kill` on the same port and without its data; return when it answers."""
        program = shutil.which("redis-server")
        assert program, "redis-server is not installed; tools/ensure_services.sh installs it"
        options = ["--port", self.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", self.folder]
        options += self._options
        self._process = processes.start([program, *map(str, options)], self.log)
        processes.wait_for(self._answers, f"Redis to answer, see {self.log}")
        return self

    def client(self) -> redis.Redis:
        """A client of it."""
        return redis.Redis(port=self.port, socket_timeout=10, decode_responses=True)

    def kill(self) -> None:
        """Kill -9 it, and wait until it is gone."""
        if self._process:
            processes.kill(self._process)

    def pause(self) -> None:
        """SIGSTOP all of it: connections stay open and nothing answers."""
        if self._process:
            processes.pause(self._process)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        if self._process:
            processes.resume(self._process)

    def remove(self) -> None:
        """Kill what still runs and delete the folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise AssertionError(f"Redis ended at start:\n{self.log.read_text()[-2000:]}")
        try:
            with redis.Redis(port=self.port, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


class ClusterNode(Server):
    """One that may meet others, over a port of its own."""

    def __init__(self) -> None:
        self.bus = processes.free_port()
        super().__init__("--cluster-enabled", "yes", "--cluster-port", str(self.bus))


class Cluster:
    """Two private nodes that share the slots of a cluster between them; made running."""

    MIDDLE, END = 8191, 16383

    def __init__(self) -> None:
        self.nodes = [ClusterNode() for _ in range(2)]
        for node, slots in zip(self.nodes, ((0, self.MIDDLE), (self.MIDDLE + 1, self.END)), strict=True):
            node.start()
            with node.client() as client:
                client.execute_command("CLUSTER", "ADDSLOTSRANGE", *slots)
        first, second = self.nodes
        with first.client() as client:
            client.execute_command("CLUSTER", "MEET", "127.0.0.1", second.port, second.bus)
        processes.wait_for(lambda: all(self._is_whole(node) for node in self.nodes), "the nodes to know each other")

    def owner_of(self, key: str) -> Server:
        """The node that has this key."""
        with self.nodes[0].client() as client:
            return self.nodes[int(client.execute_command("CLUSTER KEYSLOT", key)) > self.MIDDLE]

    def move(self, key: str) -> None:
        """Give the slot of this key to the other node; it has to be empty."""
        owner = self.owner_of(key)
        (other,) = (node for node in self.nodes if node is not owner)
        with owner.client() as client:
            slot = client.execute_command("CLUSTER KEYSLOT", key)
        with other.client() as client:
            identity = client.execute_command("CLUSTER MYID")
        for node in (other, owner):
            with node.client() as client:
                client.execute_command("CLUSTER", "SETSLOT", slot, "NODE", identity)

    def remove(self) -> None:
        """Kill the nodes and delete their folders."""
        for node in self.nodes:
            node.remove()

    def _is_whole(self, node: Server) -> bool:
        with node.client() as client:
            state = client.execute_command("CLUSTER INFO")
            return bool(state["cluster_state"] == "ok" and state["cluster_known_nodes"] == "2")


def client_of(url: str) -> redis.Redis:
    """A client of any server."""
    return redis.Redis.from_url(url, socket_timeout=10, decode_responses=True)


@functools.cache
def shared_cluster() -> Cluster:
    """The cluster of this test process."""
    made = Cluster()
    atexit.register(made.remove)
    return made


def cluster_url(key: str = TAG) -> str:
    """The address of the node of the shared cluster that does not have this key."""
    owner = shared_cluster().owner_of(key)
    return next(node.url for node in shared_cluster().nodes if node is not owner)


def shared_url() -> str:
    """Return the URL of the Redis that ordinary tests share; the first process to ask starts it."""
    if ADDRESS not in os.environ:
        server = Server().start()
        atexit.register(server.remove)
        # Processes of a parallel run are started after this one and inherit the address.
        os.environ[ADDRESS] = server.url
    return os.environ[ADDRESS]
