"""Real server processes: `carillon serve` with its own data, killed and started again as a test wishes."""

from __future__ import annotations

import atexit
import functools
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support import postgres, processes

CARILLON = Path(sys.executable).with_name("carillon")
# Both ways in which frames reach the network (CARILLON_SOCKETS); what touches the wire is tested on each.
SOCKET_PATHS = ("direct", "asgi")
_MINT = (
    "import datetime as dt; from django.contrib.auth import get_user_model; "
    "from rest_framework_simplejwt.tokens import AccessToken; "
    "token = AccessToken.for_user(get_user_model().objects.get(username='{username}')); "
    "token.set_exp(lifetime=dt.timedelta(seconds={seconds})); print('TOKEN', token)"
)


class Answer:
    """What an HTTP request got: status, headers (lower-case names) and the decoded body."""

    def __init__(self, status: int, headers: dict[str, str], raw: bytes) -> None:
        self.status = status
        self.headers = headers
        self.raw = raw

    @property
    def json(self) -> Any:
        return json.loads(self.raw) if self.raw else None


class Server:
    """One ready-made server over the data in `folder`; every process started here ends with the test."""

    def __init__(self, folder: Path, *, database_url: str = "", port: int | None = None, **environment: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = port or processes.free_port()
        self.log = folder / "server.log"
        extra = {"CARILLON_DATA": str(folder), "CARILLON_DEMO": "1", "PORT": str(self.port), **environment}
        if database_url:
            extra["DATABASE_URL"] = database_url
        self.environment = processes.clean_environment(**extra)
        self._tokens: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/"

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server was not started"
        return self._process.pid

    def carillon(self, *arguments: str, seconds: float = 60) -> str:
        """Run `carillon <arguments>` in another process on the same data and return what it printed."""
        done = subprocess.run(
            [CARILLON, *arguments], env=self.environment, capture_output=True, text=True, timeout=seconds, check=False
        )
        assert done.returncode == 0, f"carillon {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def prepare(self) -> Server:
        """Migrate the database and add the demo people (alice, bruno, admin; password = name)."""
        if url := self.environment.get("DATABASE_URL"):
            self._prepare_postgres(url)
        else:
            for path in _prepared_sqlite().iterdir():
                shutil.copy(path, self.folder)
        return self

    def _prepare_postgres(self, url: str) -> None:
        """From what the first server of this kind left, where its database is still empty."""
        kind = tuple(self.environment.get(name, "") for name in ("DJANGO_SETTINGS_MODULE", "CARILLON_DEMO"))
        if kind in _prepared_postgres and postgres.is_empty(url):
            postgres.restore(url, _prepared_postgres[kind])
            return
        is_first = postgres.is_empty(url)
        self._migrate_and_seed()
        if is_first:
            _prepared_postgres[kind] = postgres.dump(url)

    def _migrate_and_seed(self) -> None:
        self.carillon("migrate", "--verbosity", "0")
        self.carillon("demo")

    @property
    def command(self) -> list[str]:
        """The command that serves."""
        return [str(CARILLON), "serve", "--host", "127.0.0.1", "--port", str(self.port)]

    def start(self, seconds: float = 30) -> Server:
        """Start serving and return when /readyz says so."""
        self._process = processes.start(self.command, self.log, env=self.environment)
        processes.wait_for(self._is_ready, f"the server to be ready, its log says:\n{self.tail()}", seconds)
        return self

    def stop(self) -> None:
        """End the server in an orderly way (SIGTERM), so that it drains its sockets."""
        if self._process and self._process.poll() is None:
            processes.stop(self._process, signal.SIGTERM)

    def kill(self) -> None:
        """Kill -9 the server and its children."""
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

    def restart(self) -> None:
        """Start again on the same port and data after `stop` or `kill`."""
        self.start()

    def tail(self, characters: int = 4000) -> str:
        """Return the end of the log."""
        return self.log.read_text(errors="replace")[-characters:] if self.log.exists() else ""

    def request(
        self, method: str, path: str, body: Any = None, *, token: str = "", headers: dict[str, str] | None = None
    ) -> Answer:
        """Make one HTTP request with a JSON body; an error status is an answer, not an exception."""
        sent = {"Accept": "application/json", **(headers or {})}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(self.url + path, data=data, headers=sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return Answer(response.status, _lower(response.headers), response.read())
        except urllib.error.HTTPError as refused:
            with refused:
                return Answer(refused.code, _lower(refused.headers), refused.read())

    def login(self, username: str, *, fresh: bool = False) -> str:
        """Return an access token of a demo person; the same one again unless a fresh sign-in is asked for."""
        if fresh or username not in self._tokens:
            answer = self.request("POST", "/api/token/", {"username": username, "password": username})
            assert answer.status == 200, f"{username} could not sign in: {answer.status} {answer.raw!r}"
            self._tokens[username] = answer.json["access"]
        return self._tokens[username]

    def short_lived_token(self, username: str, seconds: float) -> str:
        """Return an access token that expires in so many seconds."""
        printed = self.carillon("shell", "-v0", "-c", _MINT.format(username=username, seconds=seconds))
        return printed.split("TOKEN ")[1].strip()

    def _is_ready(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise AssertionError(f"the server ended at start:\n{self.tail()}")
        try:
            return self.request("GET", "/readyz").status == 200
        except OSError:
            return False


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """Prepare and start it, and end it with the block; a traceback in its log fails the test that ends it."""
    server.prepare().start()
    try:
        yield server
    finally:
        log = server.tail(10_000_000)
        server.kill()
    assert "Traceback" not in log, log[max(0, log.index("Traceback") - 2_000) :][:6_000]


# What a database of each kind holds, as SQL: settings and whether the demo is in it.
_prepared_postgres: dict[tuple[str, ...], bytes] = {}


@functools.cache
def _prepared_sqlite() -> Path:
    """Prepare one data folder for this test process; the servers of its tests start from copies."""
    folder = Path(tempfile.mkdtemp(prefix="carillon-prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Server(folder)._migrate_and_seed()
    return folder


def _lower(headers: Any) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in headers.items()}
