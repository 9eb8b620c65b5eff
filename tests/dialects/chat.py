"""Plain clients of sources 002 and 004, as a browser's WebSocket is, and rooms that are new for each test."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.dialects.bell.bell import Someone
from tests.support.server import Server

Frame = dict[str, Any]
PRESENCE = {"user_status", "status"}
_numbers = itertools.count(1)


def room_of(server: Server, *people: Someone) -> int:
    """A new room of these people, the first of whom owns it."""
    body = {"title": f"Room {next(_numbers)}", "people": [person.id for person in people]}
    found: int = server.request("POST", "/host/rooms/", body).json["id"]
    return found


def chat(person: Someone, **options: Any) -> connect:
    """Source 002's socket, with this person's token as a subprotocol."""
    offered = [Subprotocol("carillon.rooms"), Subprotocol(f"bearer.{person.token}")]
    return connect(f"{person.server.socket_url}chat/", subprotocols=offered, ping_interval=None, **options)


def conversation(person: Someone, room: int) -> connect:
    """Source 004's socket of a conversation."""
    return connect(f"{person.server.socket_url}conversations/{room}/?token={person.token}", ping_interval=None)


async def say(socket: ClientConnection, type: str, **frame: Any) -> None:
    """Send one frame."""
    await socket.send(json.dumps({"type": type, **frame}))


async def join(socket: ClientConnection, room: int) -> None:
    """Join a room, and wait until that is done."""
    await say(socket, "join_room", data={"room_id": room})
    await pinged(socket)


async def pinged(socket: ClientConnection) -> None:
    """Nothing but who is there comes before the answer to a ping."""
    await say(socket, "ping", data={})
    assert (await heard(socket))["type"] == "pong"


async def heard(socket: ClientConnection) -> Frame:
    """The next frame, but for those that tell who is there."""
    async with asyncio.timeout(10):
        while (frame := json.loads(await socket.recv()))["type"] in PRESENCE:
            pass
        found: Frame = frame
        return found


async def status_of(socket: ClientConnection, person: Someone, status: str) -> Frame:
    """The next frame that tells this of that person."""
    async with asyncio.timeout(20):
        while True:
            frame: Frame = json.loads(await socket.recv())
            told = frame.get("data", frame)
            if frame["type"] in PRESENCE and (str(told["user_id"]), told["status"]) == (person.id, status):
                return frame


async def end_of(socket: ClientConnection) -> tuple[Frame, int | None]:
    """The last frame before the server closes, and the code."""
    frame: Frame = {}
    async with asyncio.timeout(10):
        try:
            while True:
                frame = json.loads(await socket.recv())
        except ConnectionClosed:
            return frame, socket.close_code
