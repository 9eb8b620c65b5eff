"""The upgrade from HTTP (RFC 6455 4.2): reads the request that a server parsed, and writes the answer."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from uvicorn.protocols.utils import get_local_addr, get_remote_addr, is_ssl

Header = tuple[bytes, bytes]

_MOST = 65_536
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


# Of two values one could be meant for a proxy and the other for us.
_ONCE = (b"host", b"origin", b"sec-websocket-key", b"sec-websocket-version")


class BadUpgrade(Exception):
    """The request asks for no WebSocket that we could open; `response` says so."""

    def __init__(self, status: int, reason: str, *headers: Header) -> None:
        super().__init__(reason)
        self.response = response(status, headers, reason.encode())


@dataclass(frozen=True)
class Upgrade:
    """A request for a WebSocket: where to, with which headers (lower-case names), and the key to answer."""

    target: bytes
    headers: list[Header]
    key: bytes

    @property
    def path(self) -> str:
        """The path, without the query."""
        return unquote_to_bytes(self.target.partition(b"?")[0]).decode("utf-8", "replace")

    @property
    def subprotocols(self) -> list[str]:
        """What the client offers, in its order."""
        offered = (value for name, value in self.headers if name == b"sec-websocket-protocol")
        names = (part.strip().decode("latin-1") for value in offered for part in value.split(b","))
        return [name for name in names if name]

    def scope(self, root_path: str) -> dict[str, Any]:
        """What an ASGI scope says of the request."""
        target, _, query = self.target.partition(b"?")
        return {
            "type": "websocket",
            "http_version": "1.1",
            "root_path": root_path,
            "path": root_path + self.path,
            "raw_path": root_path.encode() + target,
            "query_string": query,
            "headers": self.headers,
            "subprotocols": self.subprotocols,
        }

    def accepted(self, subprotocol: str | None, headers: Iterable[Header]) -> bytes:
        """The answer that opens it."""
        lines = [
            b"HTTP/1.1 101 Switching Protocols",
            b"Upgrade: websocket",
            b"Connection: Upgrade",
            b"Sec-WebSocket-Accept: " + accept_of(self.key),
            *([b"Sec-WebSocket-Protocol: " + subprotocol.encode("latin-1")] if subprotocol else []),
            *(name + b": " + value for name, value in headers),
        ]
        return b"\r\n".join([*lines, b"", b""])


def accept_of(key: bytes) -> bytes:
    """What proves that the key was read (RFC 6455 4.2.2)."""
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())


def read_upgrade(head: bytes) -> Upgrade:
    """The request in these bytes, which end with its empty line; raises BadUpgrade."""
    if len(head) > _MOST:
        raise BadUpgrade(431, f"A request has at most {_MOST} bytes of headers.")
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    method, _, rest = first.partition(b" ")
    target, _, version = rest.rpartition(b" ")
    headers = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    named = dict(headers)
    if len(named) < len(headers) and any(sum(name == each for name, _ in headers) > 1 for each in _ONCE):
        raise BadUpgrade(400, "A header came twice that may come once.")
    if method != b"GET" or version != b"HTTP/1.1":
        raise BadUpgrade(400, "A WebSocket begins with GET and HTTP/1.1.")
    if named.get(b"sec-websocket-version") != b"13":
        raise BadUpgrade(426, "Version 13 of the protocol is spoken here.", (b"sec-websocket-version", b"13"))
    key = named.get(b"sec-websocket-key", b"")
    if not _is_key(key):
        raise BadUpgrade(400, "Sec-WebSocket-Key holds sixteen bytes in base64.")
    return Upgrade(target, headers, key)


def ends_of(transport: asyncio.Transport) -> dict[str, Any]:
    """What an ASGI scope says of the connection itself: its scheme, and the addresses of both ends."""
    before: Any = transport.get_protocol()
    if getattr(before, "client", None) and getattr(before, "server", None):
        # uvicorn's protocol of the request has asked the system already.
        scheme, server, client = before.scheme, before.server, before.client
    else:
        scheme = "https" if is_ssl(transport) else "http"
        server, client = _addresses(transport)
    return {"scheme": scheme.replace("http", "ws"), "server": server, "client": client}


def _addresses(transport: asyncio.Transport) -> tuple[Any, Any]:
    """Those of the server and of the client, as uvicorn tells them; what uvloop's own socket is asked for it keeps for good."""
    known: Any = transport.get_extra_info("socket")
    if known is None or known.fileno() < 0:
        return get_local_addr(transport), get_remote_addr(transport)
    asked = socket.socket(fileno=known.fileno())
    try:
        here, there = asked.getsockname(), asked.getpeername()
    except OSError:
        # Gone already.
        return get_local_addr(transport), None
    finally:
        asked.detach()
    return (here, None) if isinstance(here, str) else _pair(here), _pair(there)


def _pair(address: Any) -> tuple[str, int] | None:
    return (str(address[0]), int(address[1])) if isinstance(address, tuple) else None


def response(status: int, headers: Iterable[Header], body: bytes) -> bytes:
    """An HTTP response after which the connection is closed."""
    phrase = HTTPStatus(status).phrase.encode() if status in HTTPStatus._value2member_map_ else b"Refused"
    given = [(name.lower(), value) for name, value in headers]
    if not any(name == b"content-length" for name, _ in given):
        given.append((b"content-length", str(len(body)).encode()))
    lines = [name + b": " + value for name, value in given if name != b"connection"]
    return b"\r\n".join([b"HTTP/1.1 %d %s" % (status, phrase), *lines, b"connection: close", b"", body])


def _is_key(key: bytes) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == 16
    except binascii.Error:
        return False
