"""A WebSocket of one's own: sends exactly the bytes a test says, and is small enough for thousands at once."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
Headers = Iterable[tuple[str, str]]


class Declined(Exception):
    """The server answered the handshake with another status than 101 (0: with nothing)."""

    def __init__(self, status: int, answer: bytes) -> None:
        super().__init__(f"{status}: {answer[:200]!r}")
        self.status, self.answer = status, answer


@dataclass(frozen=True)
class Piece:
    """One frame of the server."""

    opcode: int
    payload: bytes

    @property
    def json(self) -> Any:
        """What a text frame of ours says."""
        return json.loads(self.payload)

    @property
    def code(self) -> int:
        """The code of a close frame; 1005 where it has none."""
        return int.from_bytes(self.payload[:2], "big") if self.payload else 1005


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    is_final: bool = True,
    flags: int = 0,
    mask: bytes | None = b"\x11\x22\x33\x44",
) -> bytes:
    """A frame as a client sends it; `mask=None` leaves the mask out, which no client may."""
    size, bit = len(payload), 0x80 if mask is not None else 0
    head = bytes([(0x80 if is_final else 0) | flags | opcode])
    if size < 126:
        head += bytes([bit | size])
    elif size < 65_536:
        head += bytes([bit | 126]) + struct.pack("!H", size)
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", size)
    if mask is None:
        return head + payload
    pattern = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return head + mask + (int.from_bytes(payload, "big") ^ pattern).to_bytes(size, "big")


def handshake(path: str, protocols: Iterable[str] = (), headers: Headers = (), *, host: str = "127.0.0.1") -> bytes:
    """The request that opens a WebSocket."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {KEY}",
        *([f"Sec-WebSocket-Protocol: {', '.join(protocols)}"] if protocols else []),
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


class RawSocket:
    """One open connection: `send` takes bytes as they are, `say` a message; frames come one by one."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes) -> None:
        self.reader, self.writer, self.answer = reader, writer, answer

    def send(self, data: bytes) -> None:
        """Write these bytes."""
        self.writer.write(data)

    def say(self, message: Any) -> None:
        """Send a text frame: a string as it is, anything else as JSON."""
        text = message if isinstance(message, str) else json.dumps(message)
        self.send(frame(TEXT, text.encode()))

    async def next(self) -> Piece:
        """The next frame, whatever it is; raises EOFError at the end."""
        head = await self._take(2)
        size = head[1] & 0x7F
        if size == 126:
            size = int.from_bytes(await self._take(2), "big")
        elif size == 127:
            size = int.from_bytes(await self._take(8), "big")
        return Piece(head[0] & 0x0F, await self._take(size))

    async def heard(self) -> Piece:
        """The next frame that is no ping; pings are answered, as every client does."""
        while (piece := await self.next()).opcode == PING:
            self.send(frame(PONG, piece.payload))
        return piece

    async def told(self, kind: str, *, seconds: float = 20) -> dict[str, Any]:
        """The next text frame of this type, past all others; raises EOFError when the socket ends first."""
        async with asyncio.timeout(seconds):
            while True:
                piece = await self.heard()
                if piece.opcode == CLOSE:
                    raise EOFError(f"closed with {piece.code}")
                if piece.opcode == TEXT and piece.json["type"] == kind:
                    found: dict[str, Any] = piece.json
                    return found

    async def closed(self, *, seconds: float = 20) -> tuple[int, list[Piece]]:
        """The close code, or 1006 where the connection ended without one, and what came before it."""
        before: list[Piece] = []
        async with asyncio.timeout(seconds):
            try:
                while (piece := await self.next()).opcode != CLOSE:
                    before.append(piece)
            except (EOFError, OSError):
                return 1006, before
        return piece.code, before

    def abort(self) -> None:
        """Go without a word."""
        self.writer.transport.abort()

    async def _take(self, size: int) -> bytes:
        return await self.reader.readexactly(size)


async def open_raw(
    port: int, path: str = "/ws/", protocols: Iterable[str] = (), headers: Headers = (), *, limit: int = 65_536
) -> RawSocket:
    """Open one; raises Declined where the server answers with anything but 101."""
    return await open_by(port, handshake(path, protocols, headers, host=f"127.0.0.1:{port}"), limit=limit)


async def open_by(port: int, request: bytes, *, limit: int = 65_536) -> RawSocket:
    """Open one by this very request; raises Declined."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=limit)
    try:
        writer.write(request)
        async with asyncio.timeout(30):
            answer = await reader.readuntil(b"\r\n\r\n")
        status = int(answer.split(b" ", 2)[1])
    except asyncio.IncompleteReadError as ended:
        writer.transport.abort()
        raise Declined(0, ended.partial) from None
    except BaseException:
        writer.transport.abort()
        raise
    if status != 101:
        writer.transport.abort()
        raise Declined(status, answer)
    return RawSocket(reader, writer, answer)


@contextlib.asynccontextmanager
async def raw_socket(
    port: int, path: str = "/ws/", protocols: Iterable[str] = (), headers: Headers = ()
) -> AsyncIterator[RawSocket]:
    """Open one and leave it without a word at the end of the block."""
    socket = await open_raw(port, path, protocols, headers)
    try:
        yield socket
    finally:
        socket.abort()


def offer(**credential: str) -> list[str]:
    """The subprotocols that carry a credential (`bearer=…` or `ticket=…`) to the native dialect."""
    return ["carillon.v1", *(f"{kind}.{value}" for kind, value in credential.items())]
