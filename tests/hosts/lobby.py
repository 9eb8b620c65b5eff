"""The Channels host of these tests in two processes, and people with browsers at them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.hosts.host import Host, Visitor, project
from tests.support import redis
from tests.support.sockets import NativeSocket, open_socket

OURS = "carillon.realtime.channel_layer.CarillonChannelLayer"
THEIRS = ("channels_redis.core.RedisChannelLayer", "channels_redis.pubsub.RedisPubSubChannelLayer")


class Lobby:
    """The host in two processes on one database, as its people run it."""

    def __init__(self, backend: str, database: dict[str, Any], folder: Path) -> None:
        self.broker = redis.Server().start()
        # Redis is theirs, and then Carillon knows of none; or it is Carillon's, and then the layer knows of none.
        config = {} if backend == OURS else {"CONFIG": {"hosts": [self.broker.url]}}
        environment = {
            "HOST_LAYERS": json.dumps({"default": {"BACKEND": backend, **config}}),
            "HOST_REDIS": self.broker.url if backend == OURS else "",
        }
        self.here, self.there = (
            Host(project("channels"), "lobby", folder / name, database, **environment) for name in ("1", "2")
        )

    def serve(self) -> Lobby:
        for host in (self.here, self.there):
            host.serve()
        return self

    def kill(self) -> None:
        for host in (self.here, self.there):
            host.kill()
        self.broker.remove()


class Person:
    """Somebody at one process of the host, in a browser."""

    def __init__(self, host: Host, name: str) -> None:
        self.host, self.name = host, name
        self.visitor = Visitor(host).sign_in(name)

    async def submit(self, path: str, **fields: str) -> int:
        """Post a form of the host's and return the status."""
        return (await asyncio.to_thread(self.visitor.submit, path, **fields)).status_code

    @asynccontextmanager
    async def theirs(self, path: str) -> AsyncIterator[ClientConnection]:
        """A socket of the host's own."""
        headers = {"Cookie": self.visitor.cookie}
        address = self.host.socket_url(path)
        async with connect(address, additional_headers=headers, origin=self.host.url) as socket:  # type: ignore[arg-type]
            yield socket

    @asynccontextmanager
    async def chat(self, room: str) -> AsyncIterator[ClientConnection]:
        """In a room of the host's chat."""
        async with self.theirs(f"/ws/chat/{room}/") as socket:
            assert await heard(socket) == {"hello": self.name}
            yield socket

    @asynccontextmanager
    async def ours(self) -> AsyncIterator[NativeSocket]:
        """A socket of Carillon's."""
        async with open_socket(self.host.socket_url(), cookie=self.visitor.cookie, origin=self.host.url) as socket:
            yield socket


async def heard(socket: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(15):
        frame: dict[str, Any] = json.loads(await socket.recv())
        return frame


async def say(socket: ClientConnection, **frame: str) -> None:
    await socket.send(json.dumps(frame))


async def rung(socket: NativeSocket) -> str:
    """The title of the next notification that rings."""
    event = await socket.next("notification.created", seconds=15)
    title: str = event["data"]["notification"]["title"]
    return title


async def rings_but_for(socket: NativeSocket, title: str) -> list[str]:
    """What else rang until this one did."""
    found = []
    while (told := await rung(socket)) != title:
        found.append(told)
    return found


def people(lobby: Lobby, second: str = "there") -> tuple[Person, Person]:
    return Person(lobby.here, "anna"), Person(getattr(lobby, second), "ben")
