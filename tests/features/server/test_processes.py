"""Several server processes: what is refused, what starts again, and a restart that nobody notices."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import psutil
import pytest
from django.core.management import CommandError, call_command

from carillon.server import checks
from carillon.server.management.commands import serve
from tests.support.processes import wait_for
from tests.support.server import Server
from tests.support.sockets import Closed, NativeSocket, open_socket

CLIENTS = 50


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WEB_CONCURRENCY", "PORT", "CARILLON_SWEEP_ONLY"):
        monkeypatch.delenv(name, raising=False)


def _asked(*arguments: str) -> Any:
    """What uvicorn would be told by `carillon serve` with these arguments."""
    parser = serve.Command().create_parser("carillon", "serve")
    return serve.configuration(vars(parser.parse_args(arguments)))


@pytest.mark.parametrize("given", ["0", "-1", "two", "1.5", "9999", "²"])
def test_a_number_of_processes_that_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    with pytest.raises(CommandError, match=r"--workers is .*a whole number from 1 to"):
        _asked(f"--workers={given}")
    monkeypatch.setenv("WEB_CONCURRENCY", given)
    with pytest.raises(CommandError, match="WEB_CONCURRENCY is"):
        _asked()
    assert _asked("--workers", "1").workers == 1


@pytest.mark.parametrize("given", ["0", "70000", "http"])
def test_a_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    with pytest.raises(CommandError, match="--port is"):
        _asked("--port", given)
    monkeypatch.setenv("PORT", given)
    with pytest.raises(CommandError, match="PORT is"):
        _asked()
    assert _asked("--port", "8001").port == 8001


def test_processes_that_would_not_hear_of_each_other_are_refused_unless_that_is_accepted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(CommandError, match=r"Set REDIS_URL.*--sweep-only"):
        call_command("serve", workers="2")
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    with pytest.raises(CommandError, match="3 processes"):
        _asked()
    assert {found.id for found in checks.check_processes()} >= {"carillon.W021"}
    assert _asked("--sweep-only").workers == 3
    assert _asked("--workers", "1").workers == 1
    monkeypatch.setenv("CARILLON_SWEEP_ONLY", "1")
    assert _asked().workers == 3
    assert "carillon.W021" not in {found.id for found in checks.check_processes()}


def test_processes_with_redis_between_them_hear_of_each_other(settings: Any) -> None:
    settings.CARILLON = {**settings.CARILLON, "REDIS_URL": "redis://127.0.0.1:1/0"}
    assert _asked("--workers", "4").workers == 4


class Client:
    """Follows its own topic as a browser does: comes back when told, and resumes after the last event that it has."""

    def __init__(self, server: Server, token: str) -> None:
        self.server, self.token = server, token
        self.position: dict[str, Any] = {}
        self.offsets: list[int] = []
        self.began = self.opened = 0
        self.codes: list[int | None] = []
        self.refused = 0

    async def run(self) -> None:
        """Stay connected for ever."""
        while True:
            pause = 0.05
            try:
                async with open_socket(self.server.socket_url, bearer=self.token) as socket:
                    pause = await self._listen(socket)
                    self.codes.append(socket.close_code)
            except (OSError, Closed, TimeoutError) as error:
                self.refused += not isinstance(error, Closed)
            except Exception as error:
                # A handshake that was answered with an HTTP status.
                assert "503" in str(error), error
                self.refused += 1
            await asyncio.sleep(pause)

    async def _listen(self, socket: NativeSocket) -> float:
        """Take events until the socket ends; returns the seconds after which the server wants us back."""
        topic = socket.hello["user_topic"]
        if not self.position:
            self.position = socket.hello["position"]
            self.began = self.position["offset"]
        await socket.command("subscribe", {"topic": topic, "position": self.position})
        socket.skip_to(socket.replied_at)
        self.opened += 1
        pause = 0.05
        with contextlib.suppress(Closed):
            while True:
                frame = await socket.next(seconds=600)
                if frame["type"] == "drain":
                    pause = frame["data"]["reconnect_in"] / 1000
                elif "offset" in frame:
                    self.offsets.append(frame["offset"])
                    self.position = {"epoch": frame["epoch"], "offset": frame["offset"]}
        return pause


class Bell:
    """Rings for somebody as fast as the server answers, each time on a connection of its own."""

    def __init__(self, server: Server, token: str, username: str) -> None:
        self.server, self.token, self.username = server, token, username
        self.rung = 0
        self.faults: list[object] = []
        self.is_over = False

    def run(self) -> None:
        while not self.is_over:
            try:
                answer = self.server.request(
                    "POST", "/api/v1/demo/ring/", {"username": self.username, "title": "x"}, token=self.token
                )
            except (OSError, http.client.HTTPException) as error:
                self.faults.append(error)
                continue
            if answer.status == 201:
                self.rung += 1
            else:
                self.faults.append(answer.status)
            time.sleep(0.02)


@pytest.fixture
def pair(make_server: Callable[..., Server]) -> Iterator[Server]:
    """A server of two processes on one SQLite file, that hear of each other by its data_version."""
    server = make_server(WEB_CONCURRENCY="2", CARILLON_SWEEP_ONLY="1").start()
    wait_for(lambda: len(_workers(server)) == 2, "two processes")
    yield server
    assert "Traceback" not in server.tail(1_000_000), server.tail(20_000)


def _workers(server: Server) -> set[int]:
    """The processes that serve, but for the one that watches over them."""
    started = {int(pid) for pid in re.findall(r"Started server process \[(\d+)\]", server.tail(1_000_000))}
    return started & {child.pid for child in psutil.Process(server.pid).children()}


@pytest.mark.serial
# It makes a load of its own, and two servers start under it.
@pytest.mark.alone
@pytest.mark.timeout(150)
async def test_a_rolling_restart_under_load_loses_nothing_and_doubles_nothing(pair: Server) -> None:
    tokens = {name: pair.login(name) for name in ("alice", "bruno")}
    bells = {name: Bell(pair, token, name) for name, token in tokens.items()}
    ringing = [asyncio.ensure_future(asyncio.to_thread(bell.run)) for bell in bells.values()]
    clients = {name: [Client(pair, token) for _ in range(CLIENTS // 2)] for name, token in tokens.items()}
    everybody = [client for some in clients.values() for client in some]
    running = [asyncio.ensure_future(client.run()) for client in everybody]
    try:
        await _until(lambda: all(client.opened and client.offsets for client in everybody), "everybody to hear")
        before = _workers(pair)
        os.kill(pair.pid, signal.SIGHUP)
        await _until(lambda: len(_workers(pair)) == 2 and not _workers(pair) & before, "two other processes")
        await _until(lambda: all(client.opened > 1 for client in everybody), "everybody to come back")
        for bell in bells.values():
            bell.is_over = True
        await asyncio.gather(*ringing)
        assert not any(bell.faults for bell in bells.values()), [bell.faults for bell in bells.values()]
        for name, some in clients.items():
            last = await _head(pair, tokens[name])
            await _until(partial(_have, some, last), "all to have the last event")
            for client in some:
                faults = _faults(client.offsets, client.began)
                assert not faults and client.offsets[-1] >= last, (faults, client.began, client.offsets[-1], last)
                assert client.codes and set(client.codes) == {1012}
        assert sum(client.refused for client in everybody) <= CLIENTS // 10
    finally:
        for bell in bells.values():
            bell.is_over = True
        for task in running:
            task.cancel()
        await asyncio.gather(*running, *ringing, return_exceptions=True)


@pytest.mark.serial
def test_a_process_that_dies_is_started_again_and_all_end_with_the_one_that_watches(pair: Server) -> None:
    before = _workers(pair)
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: len(_workers(pair)) == 2 and victim not in _workers(pair), "another process in its place")
    assert pair.request("GET", "/readyz").status == 200
    left = [psutil.Process(pid) for pid in _workers(pair)]
    os.kill(pair.pid, signal.SIGKILL)
    assert not psutil.wait_procs(left, timeout=30)[1]


@pytest.mark.serial
async def test_a_single_process_restarts_in_its_place_and_who_comes_meanwhile_waits(server: Server) -> None:
    async with open_socket(server.socket_url, bearer=server.login("alice")) as socket:
        for times in (2, 3):
            os.kill(server.pid, signal.SIGHUP)
            assert await socket.closed() == 1012 or times > 2
            answers = []
            while server.tail(1_000_000).count("Application startup complete") < times:
                answers.append(await asyncio.to_thread(server.request, "GET", "/healthz"))
            assert answers and {answer.status for answer in answers} == {200}
    assert (await asyncio.to_thread(server.request, "GET", "/readyz")).status == 200
    await asyncio.to_thread(server.stop)


async def _head(server: Server, token: str) -> int:
    """The last offset of a person's own topic, as the log has it."""
    async with open_socket(server.socket_url, bearer=token) as socket:
        return int(socket.hello["position"]["offset"])


def _faults(offsets: list[int], began: int) -> list[tuple[int, int]]:
    """Neighbours that do not follow each other, in what came after an offset."""
    return [(before, after) for before, after in pairwise([began, *offsets]) if after != before + 1]


def _have(clients: list[Client], last: int) -> bool:
    return all(client.position["offset"] >= last for client in clients)


async def _until(condition: Callable[[], bool], what: str) -> None:
    await asyncio.to_thread(wait_for, condition, what, 60.0)
