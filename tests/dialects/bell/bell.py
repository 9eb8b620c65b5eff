"""A plain client of source 000, as a browser's WebSocket is, and people who are new for each test."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.support.server import Server
from tests.support.transcripts import FOLDER

SAMPLE = (FOLDER / "bell" / "ring.txt").read_text(encoding="utf-8")
_numbers = itertools.count(1)


class Someone:
    """A new person of a server, with their token."""

    def __init__(self, server: Server, name: str = "someone") -> None:
        self.server, self.name = server, f"{name}{next(_numbers)}.{time.time_ns()}"
        made = server.request("POST", "/host/people/", {"names": [self.name]}).json[self.name]
        self.id, self.token = made["id"], made["token"]

    def open(self, *, subprotocols: tuple[str, ...] = ("carillon.bell",), query: str = "", **options: Any) -> connect:
        """A socket with this person's token as a subprotocol."""
        offered = [Subprotocol(each) for each in (*subprotocols, f"bearer.{self.token}")]
        return connect(bell_url(self.server) + query, subprotocols=offered, ping_interval=None, **options)

    def run(self, code: str = SAMPLE, *, where: str = "view") -> None:
        """Run the document's Python for this person in a view of the server."""
        words = {"thread": "async-", "async": "async-", "awaited": "awaited-"}
        kind = words.get(where.split(maxsplit=1)[0], "")
        answer = self.server.request("POST", f"/host/{kind}sample/", {"code": code, "in": where, "user": self.id})
        assert answer.status == 200, answer.raw

    def rows(self) -> list[dict[str, Any]]:
        """What REST says that this person has."""
        found: list[dict[str, Any]] = self.server.request("GET", "/api/notifications/", token=self.token).json
        return found

    def rung(self) -> int:
        """How often it rang for this person, by the log."""
        from tests.support import stored

        topic = f"user:{self.id}"
        return sum(each.key[0] == topic and each.type == "notification.created" for each in stored.log(self.server))


def bell_url(server: Server) -> str:
    """The document's address."""
    return f"{server.socket_url}notifications/"


async def heard(socket: ClientConnection, seconds: float = 10) -> dict[str, Any]:
    """The next frame."""
    async with asyncio.timeout(seconds):
        frame: dict[str, Any] = json.loads(await socket.recv())
        return frame


async def end_of(socket: ClientConnection) -> tuple[dict[str, Any], int | None]:
    """The last frame before the server closes, and the code."""
    frame: dict[str, Any] = {}
    async with asyncio.timeout(10):
        try:
            while True:
                frame = json.loads(await socket.recv())
        except ConnectionClosed:
            return frame, socket.close_code
