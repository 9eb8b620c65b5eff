"""python-socketio on uvicorn: a room for each topic."""

from __future__ import annotations

from typing import Any

import socketio

from bench.servers import plain
from bench.servers.control import run, with_control

sio = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")


@sio.event
async def connect(sid: str, environ: dict[str, Any]) -> None:
    """Enter the room that the address names."""
    await sio.enter_room(sid, plain.topic_of(environ["asgi.scope"]))


async def tell(number: int, count: int, size: int) -> str:
    """Send to a room."""
    for _ in range(count):
        await sio.emit("tick", plain.tick(number, size), room=str(number))
    return ""


if __name__ == "__main__":
    run(with_control(socketio.ASGIApp(sio), {"b": tell}, knows_lifespan=False))
