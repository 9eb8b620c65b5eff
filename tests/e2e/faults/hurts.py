"""Every way to hurt a deployment; each returns when what it hit is there again."""

from __future__ import annotations

import resource
import threading
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import psycopg
import redis as redis_client

from tests.e2e.faults.plans import Fault
from tests.support import postgres, redis
from tests.support.server import Server

SESSIONS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"

# Seconds by which a wrong clock is wrong, in turn.
CLOCKS = (86_400, -86_400, 3_600, 0)


class Hurts(ABC):
    """The faults that a plan may name; `target` picks the server."""

    folder: Path
    servers: list[Server]
    cluster: postgres.Cluster | None
    redis: redis.Server | None
    database_url: str
    # Set when a run is broken off: what is away comes back at once, to be ended in order.
    ending: threading.Event

    @abstractmethod
    def query(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the database, past the servers."""

    def _web(self, fault: Fault) -> Server:
        return self.servers[fault.target % len(self.servers)]

    def kill_web(self, fault: Fault) -> None:
        """kill -9 of a server."""
        server = self._web(fault)
        server.kill()
        self.ending.wait(fault.seconds)
        server.restart()

    def stop_web(self, fault: Fault) -> None:
        """SIGSTOP of a server for a while."""
        server = self._web(fault)
        server.pause()
        self.ending.wait(fault.seconds)
        server.resume()

    def replace_web(self, fault: Fault) -> None:
        """A server ends in an orderly way and begins anew, as in a rolling restart."""
        server = self._web(fault)
        server.stop()
        self.ending.wait(fault.seconds)
        server.restart()

    def kill_redis(self, fault: Fault) -> None:
        """kill -9 of Redis, which is away for a while."""
        assert self.redis is not None
        self.redis.kill()
        self.ending.wait(fault.seconds)
        self.redis.start()

    def stop_redis(self, fault: Fault) -> None:
        """SIGSTOP of Redis for a while."""
        assert self.redis is not None
        self.redis.pause()
        self.ending.wait(fault.seconds)
        self.redis.resume()

    def flush_redis(self, fault: Fault) -> None:
        """FLUSHALL, and every connection of Redis cut."""
        assert self.redis is not None
        with redis_client.Redis(port=self.redis.port, socket_timeout=5) as client:
            client.flushall()
            for kind in ("normal", "pubsub"):
                client.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")

    def fill_redis(self, fault: Fault) -> None:
        """Redis at its maxmemory for a while."""
        assert self.redis is not None
        with redis_client.Redis(port=self.redis.port, socket_timeout=5) as client:
            client.config_set("maxmemory", "1mb")
            self.ending.wait(fault.seconds)
            client.config_set("maxmemory", "0")

    def kill_postgres(self, fault: Fault) -> None:
        """kill -9 of every process of PostgreSQL."""
        assert self.cluster is not None
        self.cluster.kill()
        self.ending.wait(fault.seconds)
        self.cluster.restart()

    def stop_postgres(self, fault: Fault) -> None:
        """SIGSTOP of every process of PostgreSQL for a while."""
        assert self.cluster is not None
        self.cluster.pause()
        self.ending.wait(fault.seconds)
        self.cluster.resume()

    def end_sessions(self, fault: Fault) -> None:
        """pg_terminate_backend of every session of the servers."""
        self.query(f"SELECT pg_terminate_backend(pid) {SESSIONS}")

    def fill_postgres(self, fault: Fault) -> None:
        """Every connection that PostgreSQL still has is taken by somebody else for a while."""
        taken: list[psycopg.Connection[Any]] = []
        try:
            while len(taken) < 200:
                taken.append(psycopg.connect(self.database_url, connect_timeout=5))
        except psycopg.OperationalError:
            pass
        self.ending.wait(fault.seconds)
        for connection in taken:
            connection.close()

    def fill_disk(self, fault: Fault) -> None:
        """No file of a server may grow for a while (prlimit --fsize)."""
        server = self._web(fault)
        hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (4096, hard))
        self.ending.wait(fault.seconds)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (hard, hard))

    def turn_clock(self, fault: Fault) -> None:
        """The wall clocks of the servers that have a wrong one jump, by a day or back."""
        clock = self.folder / "clock"
        present = int(clock.read_text()) if clock.exists() else CLOCKS[-1]
        clock.write_text(str(CLOCKS[(CLOCKS.index(present) + 1) % len(CLOCKS)]))
        self.ending.wait(fault.seconds)
