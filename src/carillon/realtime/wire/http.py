"""What uvicorn makes for each connection: plain requests for a WebSocket go straight to ours, all else to uvicorn's HTTP.

Chosen by `uvicorn --http carillon.realtime.wire.http:Door`, as `carillon serve` does. It only spares work: whatever it does
not know for good is parsed by uvicorn's own protocol, which hands upgrades over as ever.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, cast

from uvicorn.protocols.http.auto import AutoHTTPProtocol

# One whole request without a body and without anything that could be read in two ways (RFC 9112 2.2 to 5.1).
_PLAIN = re.compile(rb"GET /[!-~]* HTTP/1\.1\r\n(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)+\r\n")
_ASKS = re.compile(rb"\r\nupgrade:[ \t]*websocket\r\n", re.IGNORECASE)
_MEANS = re.compile(rb"\r\nconnection:(?:[^\r]*,)?[ \t]*upgrade[ \t]*[,\r]", re.IGNORECASE)
_HAS_MORE = re.compile(rb"\r\n(?:content-length|transfer-encoding|expect):", re.IGNORECASE)


def is_plain_upgrade(head: bytes) -> bool:
    """Whether these bytes are one whole request that asks for a WebSocket, and nothing else."""
    return (
        _ASKS.search(head) is not None
        and _MEANS.search(head) is not None
        and _PLAIN.fullmatch(head) is not None
        and _HAS_MORE.search(head) is None
    )


class Door(asyncio.Protocol):
    """A connection of which nothing was heard yet; with the first bytes another protocol takes its place."""

    __slots__ = ("_app_state", "_config", "_loop", "_server_state", "_transport")

    def __init__(
        self,
        config: Any,
        server_state: Any,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._config, self._server_state, self._app_state, self._loop = config, server_state, app_state, _loop
        self._transport: asyncio.Transport = cast(asyncio.Transport, None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._server_state.connections.add(self)

    def data_received(self, data: bytes) -> None:
        self._server_state.connections.discard(self)
        sockets = self._config.ws_protocol_class
        kind: Any = sockets if sockets is not None and is_plain_upgrade(data) else AutoHTTPProtocol
        protocol = kind(
            config=self._config, server_state=self._server_state, app_state=self._app_state, _loop=self._loop
        )
        protocol.connection_made(self._transport)
        self._transport.set_protocol(protocol)
        protocol.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server_state.connections.discard(self)

    def shutdown(self) -> None:
        """The server ends, and nobody waits for an answer."""
        self._transport.close()
