"""The real process: limits as documented, tokens in no log, an orderly end, a quick second start."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import psutil
import pytest
from django.core.management import CommandError, call_command
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from carillon.server import serving
from carillon.server.management.commands.runserver import _address
from tests.support import postgres, processes
from tests.support.covers import covers
from tests.support.server import CARILLON, Server


def test_the_address_is_read_as_djangos_command_reads_it() -> None:
    assert _address("") == ("127.0.0.1", 8000)
    assert _address("9000") == ("127.0.0.1", 9000)
    assert _address("0.0.0.0:80") == ("0.0.0.0", 80)  # noqa: S104
    assert _address("[::1]:80") == ("::1", 80)
    with pytest.raises(CommandError):
        _address("example")


def test_an_idle_connection_of_a_proxy_is_kept_longer_than_the_proxy_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    assert serving.options()["timeout_keep_alive"] < 10
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "127.0.0.1")
    assert serving.options()["timeout_keep_alive"] > 90


def test_the_schema_command_notices_what_is_out_of_date(tmp_path: Path) -> None:
    call_command("schema", "--folder", str(tmp_path), stdout=StringIO())
    call_command("schema", "--folder", str(tmp_path), "--check")
    changed = tmp_path / "openapi.json"
    changed.write_text(changed.read_text(encoding="utf-8").replace("Carillon", "Other", 1), encoding="utf-8")
    with pytest.raises(CommandError, match=r"openapi\.json"):
        call_command("schema", "--folder", str(tmp_path), "--check")


@pytest.mark.serial
async def test_no_token_is_logged_and_frames_have_their_bound(make_server: Callable[..., Server]) -> None:
    server = make_server().start()
    token = server.login("alice")
    assert server.request("GET", f"/api/v1/me/?token={token}", token=token).status == 200
    options = {"subprotocols": [Subprotocol("carillon.v1")], "compression": "deflate"}
    async with connect(f"{server.socket_url}?token={token}", **options) as socket:
        # Nothing is compressed, whatever the client offers.
        assert "Sec-WebSocket-Extensions" not in socket.response.headers
        assert "Server" not in socket.response.headers
    bearer = [Subprotocol("carillon.v1"), Subprotocol(f"bearer.{token}")]
    async with connect(server.socket_url, subprotocols=bearer) as socket:
        assert socket.subprotocol == "carillon.v1"
        await socket.send("x" * 65_537)
        with pytest.raises(ConnectionClosed) as closed:
            async with asyncio.timeout(10):
                while True:
                    await socket.recv()
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1009
    server.stop()
    log = server.log.read_text()
    assert "/ws/" in log and "/api/v1/me/" in log
    assert token not in log and token.split(".")[2] not in log


@pytest.mark.serial
def test_a_second_start_is_quick(make_server: Callable[..., Server]) -> None:
    server = make_server().start()
    server.stop()
    server.restart()
    # Of the processor's time: others use the machine too.
    spent = psutil.Process(server.pid).cpu_times()
    assert spent.user + spent.system < 5
    assert "server" not in server.request("GET", "/healthz").headers


@pytest.mark.serial
def test_requests_leave_no_connection_behind(make_server: Callable[..., Server]) -> None:
    server = make_server().start()
    token, process = server.login("alice"), psutil.Process(server.pid)
    for _ in range(3):
        server.request("GET", "/api/v1/me/", token=token)
    before = process.num_fds()
    for _ in range(60):
        assert server.request("GET", "/api/v1/me/", token=token).status == 200
    # Background work opens and closes a few of its own meanwhile.
    assert process.num_fds() <= before + 12


@pytest.mark.serial
def test_on_postgresql_with_a_small_pool(make_server: Callable[..., Server], postgres_url: str) -> None:
    server = make_server(
        database_url=postgres.create_database(postgres_url, "carillon_serving"), DB_POOL_MAX="3"
    ).start()
    token = server.login("alice")
    ring = {"username": "bruno", "title": "Bonjour"}
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: server.request("POST", "/api/v1/demo/ring/", ring, token=token), range(48)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 48


@covers("001-39")
@pytest.mark.serial
async def test_runserver_serves_sockets_too_and_reloads(make_server: Callable[..., Server], tmp_path: Path) -> None:
    server = make_server()
    environment = {**server.environment, "DEBUG": "1"}
    command = [str(CARILLON), "runserver", str(server.port)]
    process = processes.start(command, tmp_path / "runserver.log", env=environment)
    try:
        processes.wait_for(lambda: _is_ready(server), "runserver to be ready", 30)
        token = await asyncio.to_thread(server.login, "alice")
        bearer = [Subprotocol("carillon.v1"), Subprotocol(f"bearer.{token}")]
        async with connect(server.socket_url, subprotocols=bearer) as socket:
            assert "hello" in str(await socket.recv())
        assert "reloader" in (tmp_path / "runserver.log").read_text()
    finally:
        processes.stop(process)


def _is_ready(server: Server) -> bool:
    try:
        return server.request("GET", "/readyz").status == 200
    except OSError:
        return False
