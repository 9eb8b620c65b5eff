"""Our sockets behind a real server in this process, with limits that the matrix does not meet."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from websockets.exceptions import ConnectionClosed

from carillon.realtime import runtime
from carillon.realtime.endpoint import endpoint
from carillon.server.serving import SOCKETS
from tests.support.sockets import Closed, Refused, open_socket

LIMITS: dict[str, Any] = {
    "RUNNER": "none",
    "COMMANDS_PER_SECOND": 10_000.0,
    "COMMAND_BURST": 10_000,
    "PERSON_COMMANDS_PER_SECOND": 10_000.0,
    "CONNECTIONS_PER_PERSON": 1_000,
    "ANONYMOUS_PER_ADDRESS": 1_000,
}


@asynccontextmanager
async def serving(path: str = "direct") -> AsyncIterator[str]:
    """The URL of `/ws/` while a server answers there, by one of the paths to the network; the runtime is this block's own."""
    await runtime.reset()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(endpoint, ws=SOCKETS[path], lifespan="off", log_config=None, ws_ping_interval=None)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve([listening]))
        async with asyncio.timeout(10):
            while not server.started:
                await asyncio.sleep(0.01)
        try:
            yield f"ws://127.0.0.1:{listening.getsockname()[1]}/ws/"
        finally:
            await runtime.reset()
            server.should_exit = True
            await task


async def say(url: str, token: str, command: str, data: dict[str, Any]) -> tuple[str, Any]:
    """Open a connection and send a command: what came of it, as the rules write it, and all that a refusal says."""
    async with open_socket(url, bearer=token, greeted=False) as connection:
        try:
            if token:
                await connection.next("hello")
            await connection.command(command, data)
        except Refused as refused:
            if refused.data["fatal"]:
                return f"{await connection.closed()} {refused.code}", refused.data
            return refused.code, refused.data
        except (Closed, ConnectionClosed):
            last = connection.errors[-1]
            return f"{await connection.closed()} {last['code']}", last
    return "reply", None
