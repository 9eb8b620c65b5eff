"""How the load client tells a server to send: one byte on a port of its own, the same way for every server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import uvicorn

from carillon.server import serving

Work = Callable[[], Awaitable[str]]


async def listen(port: int, works: Mapping[bytes, Work]) -> asyncio.Server:
    """Do the work of each byte that comes, in order, and write the line that it returns."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while byte := await reader.read(1):
            writer.write((await works[byte]()).encode() + b"\n")
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", port)


def with_control(application: Any, works: Mapping[bytes, Work], *, knows_lifespan: bool) -> Any:
    """The application, listening for the load client from its start."""

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            server = await listen(int(os.environ["BENCH_CONTROL"]), works)
            await (application(scope, receive, send) if knows_lifespan else _lifespan(receive, send))
            server.close()
        else:
            await application(scope, receive, send)

    return wrapped


async def _lifespan(receive: Any, send: Any) -> None:
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": message["type"] + ".complete"})
    await send({"type": "lifespan.shutdown.complete"})


def run(application: Any) -> None:
    """Serve with the very options of the ready-made server."""
    uvicorn.run(application, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=False, **serving.options())
