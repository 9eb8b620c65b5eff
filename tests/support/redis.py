"""Redis for tests: an address from the environment, else a private server from the installed program."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import redis

from tests.support import processes

ADDRESS = "CARILLON_TEST_REDIS"


class Server:
    """A private Redis on a loopback port that keeps nothing on disk; made stopped."""

    def __init__(self) -> None:
        self.port = processes.free_port()
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
        self._process = processes.start([program, *map(str, options)], self.log)
        processes.wait_for(self._answers, f"Redis to answer, see {self.log}")
        return self

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


def shared_url() -> str:
    """Return the URL of the Redis that ordinary tests share; the first process to ask starts it."""
    if ADDRESS not in os.environ:
        server = Server().start()
        atexit.register(server.remove)
        # Processes of a parallel run are started after this one and inherit the address.
        os.environ[ADDRESS] = server.url
    return os.environ[ADDRESS]
