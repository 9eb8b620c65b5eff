"""How the load generator tells a server to send: lines "verb topic count size" on a port of its own, the same way for every server."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from itertools import count
from typing import Any

import uvicorn

# Given a topic's number, how many events, and how much text in each; the answer is written where there is one.
Work = Callable[[int, int, int], Awaitable[str]]
Plain = Callable[[int, int, int], str]

numbers: defaultdict[int, count[int]] = defaultdict(count)


def ports() -> tuple[int, int]:
    """Where this server's sockets are, and where it is told to send."""
    return int(os.environ["PORT"]), int(os.environ["BENCH_CONTROL"])


async def listen(works: Mapping[str, Work]) -> asyncio.Server:
    """Do the work of each line that comes, in order."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            verb, *figures = line.decode().split()
            told = await works[verb](*map(int, figures))
            if told:
                writer.write(told.encode() + b"\n")
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", ports()[1])


def listen_in_thread(works: Mapping[str, Plain]) -> None:
    """Do the work of each line in threads of our own, as a host's synchronous code does that runs beside the sockets."""
    listener = socket.create_server(("127.0.0.1", ports()[1]))

    def answer(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, connection.makefile("rb") as lines:
            for line in lines:
                verb, *figures = line.decode().split()
                told = works[verb](*map(int, figures))
                if told:
                    connection.sendall(told.encode() + b"\n")

    def accept() -> None:
        while True:
            threading.Thread(target=answer, args=listener.accept()[:1], daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def with_control(application: Any, works: Mapping[str, Work], *, knows_lifespan: bool) -> Any:
    """The application, listening for the load generator from its start."""

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            server = await listen(works)
            await (application(scope, receive, send) if knows_lifespan else _lifespan(receive, send))
            server.close()
        else:
            await application(scope, receive, send)

    return wrapped


async def _lifespan(receive: Any, send: Any) -> None:
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": message["type"] + ".complete"})
    await send({"type": "lifespan.shutdown.complete"})


def run(application: Any, **options: Any) -> None:
    """Serve on one uvicorn; without other options as its documentation does, and no compression."""
    plain = {"ws_per_message_deflate": False, "log_config": None, "backlog": 4096}
    uvicorn.run(application, host="127.0.0.1", port=ports()[0], access_log=False, **{**plain, **options})
