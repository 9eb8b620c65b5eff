"""Two servers with Redis between them: at once while it is there, by the sweep while it is not, and each thing once."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import statistics
import time
from collections.abc import Callable, Iterator

import pytest

from tests.support import postgres, redis
from tests.support.covers import covers
from tests.support.server import Server
from tests.support.sockets import NativeSocket, open_socket

pytestmark = pytest.mark.serial

_numbers = itertools.count(1)


@pytest.fixture
def between() -> Iterator[redis.Server]:
    server = redis.Server().start()
    yield server
    server.remove()


async def _ring(server: Server, token: str) -> str:
    body = {"username": "alice", "title": f"No. {next(_numbers)}", "message": ""}
    answer = await asyncio.to_thread(server.request, "POST", "/api/v1/demo/ring/", body, token=token)
    assert answer.status == 201
    return str(body["title"])


async def _hear(socket: NativeSocket) -> str:
    title: str = (await socket.next("notification.created"))["data"]["notification"]["title"]
    return title


@covers("000-38", "000-39", "000-40")
async def test_at_once_while_redis_is_there_and_by_the_sweep_while_it_is_not(
    make_server: Callable[..., Server], postgres_url: str, between: redis.Server
) -> None:
    options = {
        "database_url": postgres.create_database(postgres_url, "between"),
        "REDIS_URL": between.url,
        "SECRET_KEY": secrets.token_urlsafe(50),
    }
    here, there = make_server(**options).start(), make_server(**options).start()
    token = here.login("alice")
    async with open_socket(there.socket_url, bearer=token) as socket:
        waited = []
        for _ in range(9):
            rung = await _ring(here, token)
            began = time.perf_counter()
            assert await _hear(socket) == rung
            waited.append(time.perf_counter() - began)
        # The sweep comes every two seconds at the soonest.
        assert statistics.median(waited) < 0.5

        await asyncio.to_thread(here.carillon, "notify", "alice", "From a terminal")
        began = time.perf_counter()
        assert await _hear(socket) == "From a terminal"
        waited.append(time.perf_counter() - began)

        await asyncio.to_thread(between.kill)
        rung = [await _ring(here, token) for _ in range(20)]
        assert [await _hear(socket) for _ in rung] == rung
        await asyncio.to_thread(between.start)
        rung = [await _ring(here, token) for _ in range(20)]
        assert [await _hear(socket) for _ in rung] == rung
        assert await socket.command("ping") == {}
        heard = [frame for frame in socket.frames if frame["type"] == "notification.created"]
        assert len(heard) == len({frame["offset"] for frame in heard}) == 50
