"""The server as a platform starts it: the very lines of the Procfile and of the documentation, and what goes with them."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.support import postgres, processes, redis
from tests.support.covers import covers
from tests.support.server import Answer, Server
from tests.support.tree import ROOT

pytestmark = [pytest.mark.serial, pytest.mark.timeout(120)]

PAGE = (ROOT / "docs" / "howto" / "heroku.md").read_text(encoding="utf-8")
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
APP = json.loads((ROOT / "app.json").read_text(encoding="utf-8"))
ROUTED = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Port": "443"}
DOCUMENTED = re.findall(r"^web: (.+)$", PAGE, re.MULTILINE)


class OnPlatform(Server):
    """Started by a shell with a line of a Procfile, configured by what the platform sets."""

    line = PROCFILE["web"]

    def __init__(self, folder: Path, **environment: str) -> None:
        super().__init__(folder, **environment)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = {**self.environment, "PATH": path}

    @property
    def command(self) -> list[str]:
        return ["sh", "-c", f"exec {self.line}"]

    def run(self, line: str) -> str:
        """Run another line to its end and return what it printed."""
        done = subprocess.run(
            ["sh", "-c", line], env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def request(self, *arguments: Any, headers: dict[str, str] | None = None, **options: Any) -> Answer:
        """Ask through the platform's router, which ends TLS."""
        return super().request(*arguments, headers={**ROUTED, **(headers or {})}, **options)


async def _rings(server: Server) -> None:
    token = await asyncio.to_thread(server.login, "alice")
    offered = [Subprotocol("carillon.bell"), Subprotocol(f"bearer.{token}")]
    async with connect(f"{server.socket_url}notifications/", subprotocols=offered) as socket:
        ring = {"username": "alice", "title": "On the platform", "message": ""}
        await asyncio.to_thread(server.request, "POST", "/api/v1/demo/ring/", ring, token=token)
        async with asyncio.timeout(15):
            frame: dict[str, Any] = json.loads(await socket.recv())
        assert frame["notification"]["title"] == "On the platform"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnPlatform]:
    """Everything but the process that serves: add-ons, config vars, and the release that was made."""
    broker = redis.Server().start()
    server = OnPlatform(
        tmp_path_factory.mktemp("platform"),
        DATABASE_URL=postgres.create_database(postgres.shared_url(), "platform"),
        REDIS_URL=broker.url,
        PUBLIC_URL="https://bells.example.org",
        SECRET_KEY="given by the platform, the same for every process, and long enough",
        **{name: about["value"] for name, about in APP["env"].items() if "value" in about},
    )
    assert "Applying carillon_notifications.0001" in server.run(PROCFILE["release"])
    server.carillon("demo")
    yield server
    server.kill()
    broker.remove()


@covers("000-39", "000-42", "000-43", "000-44")
@pytest.mark.parametrize("line", DOCUMENTED, ids=lambda line: " ".join(line.split()[:2]))
async def test_each_line_that_is_documented_serves_and_rings(platform: OnPlatform, line: str) -> None:
    platform.line = line
    await asyncio.to_thread(platform.start)
    try:
        listening = [
            each.laddr.ip for each in psutil.Process(platform.pid).net_connections() if each.status == "LISTEN"
        ]
        assert listening == ["0.0.0.0"]  # noqa: S104
        await _rings(platform)
        # The router is believed when it says that somebody came without TLS, too.
        plain = httpx.get(f"{platform.url}/admin/login/", headers={**ROUTED, "X-Forwarded-Proto": "http"}, timeout=30)
        assert (plain.status_code, plain.headers["location"][:8]) == (301, "https://")
    finally:
        platform.kill()
    assert "Traceback" not in platform.tail(1_000_000), platform.tail()


def test_the_worker_of_the_procfile_works(platform: OnPlatform, tmp_path: Path) -> None:
    with psycopg.connect(platform.environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("INSERT INTO carillon_notifications_notification (user_id, title) VALUES (1, 'By SQL')")
        log = tmp_path / "worker.log"
        worker = processes.start(["sh", "-c", f"exec {PROCFILE['worker']}"], log, platform.environment)

        def is_done() -> bool:
            query = "SELECT count(*) FROM carillon_notifications_notification WHERE announced_at IS NULL"
            return connection.execute(query).fetchone() == (0,)

        processes.wait_for(is_done, "the worker")
        assert processes.stop(worker) == 0


def test_what_is_documented_is_what_is_shipped() -> None:
    assert DOCUMENTED[0] == PROCFILE["web"]
    assert {line.split()[0] for line in DOCUMENTED} == {"daphne", "carillon"}
    for addon in APP["addons"]:
        assert f"heroku addons:create {addon}\n" in PAGE
    assigned = set(re.findall(r"\b([A-Z][A-Z_]+)=", PAGE))
    assert set(APP["env"]) <= assigned
    known = (ROOT / "docs" / "reference" / "environment.md").read_text(encoding="utf-8")
    assert not [name for name in assigned if f"| `{name}` |" not in known]


@covers("000-37")
def test_pip_finds_all_of_requirements_txt_in_the_versions_that_are_locked() -> None:
    pip = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--no-build-isolation"]
    done = subprocess.run(
        [*pip, "-r", "requirements.txt"], cwd=ROOT, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # Everything else is installed already, from the hashed lock.
    (would,) = re.findall(r"^Would install (.+)$", done.stdout, re.MULTILINE)
    assert re.fullmatch(r"django-carillon-[\d.]+", would)
    named = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    assert {"django", "daphne", "channels", "redis", "psycopg"} <= named
