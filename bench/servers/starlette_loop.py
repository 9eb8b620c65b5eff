"""Starlette with the loop of its users: one JSON text an event, one awaited send for each socket of the topic."""

from __future__ import annotations

import json
from collections import defaultdict

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bench.servers import plain
from bench.servers.control import run, with_control

topics: defaultdict[str, set[WebSocket]] = defaultdict(set)


async def endpoint(socket: WebSocket) -> None:
    """Hold a socket until it leaves."""
    members = topics[plain.topic_of(socket.scope)]
    await socket.accept()
    members.add(socket)
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        members.discard(socket)


async def tell(number: int, count: int, size: int) -> str:
    """Send to everybody in a topic, one after the other."""
    for _ in range(count):
        text = json.dumps(plain.tick(number, size))
        for socket in list(topics[str(number)]):
            try:
                await socket.send_text(text)
            except (WebSocketDisconnect, RuntimeError):
                # One that is gone is no reason to tell the others nothing.
                topics[str(number)].discard(socket)
    return ""


if __name__ == "__main__":
    run(with_control(Starlette(routes=[WebSocketRoute("/ws/", endpoint)]), {"b": tell}, knows_lifespan=True))
