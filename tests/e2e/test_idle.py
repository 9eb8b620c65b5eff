"""A thousand idle sockets hold no database connection, and the few that there are serve everybody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import psycopg
import pytest

from tests.e2e.limited import WIDE, environment
from tests.support import postgres
from tests.support.server import Server
from tests.support.sockets import NativeSocket, open_socket

pytestmark = [pytest.mark.serial, pytest.mark.timeout(240)]

SOCKETS, POOL = 1_000, 5
# Nothing ticks while the connections are counted.
QUIET = {"SWEEP_INTERVAL": [600.0, 600.0], "RECHECK_INTERVAL": 600.0, "HEARTBEAT_TIMEOUT": 600.0}


def connections_of(url: str) -> list[str]:
    """The states of the server's connections to its database."""
    with psycopg.connect(url) as observer:
        query = "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        return [str(state) for (state,) in observer.execute(query)]


async def open_many(server: Server, opened: AsyncExitStack, count: int) -> list[NativeSocket]:
    """Open sockets for alice, a few at a time."""
    bearer, gate = server.login("alice"), asyncio.Semaphore(20)

    async def one() -> NativeSocket:
        async with gate:
            return await opened.enter_async_context(open_socket(server.socket_url, bearer=bearer))

    return list(await asyncio.gather(*(one() for _ in range(count))))


async def test_a_thousand_idle_sockets_hold_no_database_connection(make_server: Callable[..., Server]) -> None:
    url = postgres.create_database(postgres.shared_url(), "idle")
    extra = environment(**WIDE, **QUIET) | {"CARILLON_RUNNER": "none", "DB_POOL_MAX": str(POOL), "DB_POOL_IDLE": "1"}
    server = make_server(database_url=url, **extra).start()
    async with AsyncExitStack() as opened:
        sockets = await open_many(server, opened, SOCKETS)
        assert len({socket.hello["connection"] for socket in sockets}) == SOCKETS
        assert len(connections_of(url)) <= POOL

        async with asyncio.timeout(60):
            while connections_of(url):
                await asyncio.sleep(0.2)

        token = server.login("alice")
        answers = await asyncio.gather(
            *(asyncio.to_thread(server.request, "GET", "/api/v1/notifications/", token=token) for _ in range(40))
        )
        assert {answer.status for answer in answers} == {200}
        states = connections_of(url)
        assert len(states) <= POOL and "idle in transaction" not in states

        body = {"username": "alice", "title": "For all of you", "message": ""}
        rung = await asyncio.to_thread(server.request, "POST", "/api/v1/demo/ring/", body, token=token)
        frames = await asyncio.gather(*(socket.next("notification.created", seconds=30) for socket in sockets))
        assert {frame["data"]["notification"]["id"] for frame in frames} == {rung.json["id"]}
        assert not any(socket.is_closed for socket in sockets)
