"""The server with an echo at `/echo/`, for conformance suites: the same stack, options and protocol class, one path more.

Run: `python -m tests.e2e.wire.echo PORT`, with the environment of the server (CARILLON_SOCKETS chooses the path).
"""

from __future__ import annotations

import sys
from typing import Any

import uvicorn

from carillon.server import serving

PATH = "/echo/"


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Say on one path what is said; all others are the server's."""
    if scope["type"] == "websocket" and scope["path"] == PATH:
        await _echo(receive, send)
    else:
        from carillon.server.asgi import application as servers_own

        await servers_own(scope, receive, send)


async def _echo(receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})


def main(port: int) -> None:
    """Serve until told to stop."""
    import django

    django.setup()
    uvicorn.run("tests.e2e.wire.echo:application", host="127.0.0.1", port=port, **serving.options())


if __name__ == "__main__":
    main(int(sys.argv[1]))
