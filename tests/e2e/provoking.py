"""What tests that provoke errors share: a server with low limits, and the register of which slug is provoked by what."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from tests.support.postgres import Cluster
from tests.support.server import Answer, Server
from tests.support.sockets import NativeSocket, Refused, open_socket


@dataclass
class Place:
    """A running server, its database and the way there."""

    server: Server
    cluster: Cluster
    database_url: str

    @asynccontextmanager
    async def socket(self, who: str = "alice", **options: Any) -> Any:
        credential = {"bearer": await asyncio.to_thread(self.server.login, who)} if who else {}
        async with open_socket(self.server.socket_url, **{**credential, **options}) as socket:
            yield socket

    async def request(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        return await asyncio.to_thread(self.server.request, method, path, body, **options)

    @contextmanager
    def locked(self, statement: str) -> Iterator[None]:
        """Hold what the statement locks, in a transaction that ends with the block."""
        with psycopg.connect(self.database_url) as holder:
            holder.execute(statement.encode())
            yield
            holder.rollback()


Provoke = Callable[[Place], Awaitable[None]]
provocations: dict[str, list[tuple[str, Provoke]]] = {}


def provokes(*slugs: str) -> Callable[[Provoke], Provoke]:
    """Say which slugs a function provokes; it has to see them for itself."""

    def register(function: Provoke) -> Provoke:
        for slug in slugs:
            provocations.setdefault(slug, []).append((function.__name__, function))
        return function

    return register


async def refused_with(socket: NativeSocket, kind: str, data: dict[str, Any] | None = None, **options: Any) -> str:
    """The slug that a command is refused with."""
    with pytest.raises(Refused) as refused:
        await socket.command(kind, data, **options)
    assert refused.value.data["error"]
    return refused.value.code


async def closed_with(socket: NativeSocket, code: int, slug: str, seconds: float = 8) -> None:
    assert await socket.closed(seconds=seconds) == code
    assert (socket.errors[-1]["code"], socket.errors[-1]["fatal"]) == (slug, True)
