"""Direct: the outbound of a socket of ours; frames go to the transport in the very call that hands them over."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Protocol

from carillon.realtime.backlog import Backlog
from carillon.realtime.wire.framing import framed


class DirectSocket(Protocol):
    """A WebSocket that takes whole frames as bytes."""

    ended: asyncio.Future[None]

    @property
    def is_paused(self) -> bool: ...

    def on_clear(self, call: Callable[[], None] | None) -> None: ...

    def write(self, frames: bytes) -> None: ...

    def close(self, code: int, reason: str = "") -> None: ...


class DirectOutbound:
    """Outbound without a task of its own; only what a client does not take at once goes through a backlog."""

    framing = "rfc6455"

    def __init__(self, socket: DirectSocket, *, bound: int, patience: float, on_slow: Callable[[], None]) -> None:
        self._socket = socket
        self._backlog = Backlog(bound, patience, on_slow)
        self._low: asyncio.Future[None] | None = None
        # Before the handshake is answered nothing is written.
        self._has_begun = False
        self._last: bytes | None = None
        self._closing: tuple[int, str] | None = None
        socket.on_clear(self._write_on)

    @property
    def is_high(self) -> bool:
        return self._backlog.is_high

    def frame(self, data: bytes) -> bytes:
        return framed(data)

    def write(self, payload: bytes, size: int, *, is_ephemeral: bool = False) -> None:
        if self._closing is not None:
            return
        if self._has_begun and not self._backlog and not self._socket.is_paused:
            # A transport that breaks under one client must not strand the others of the same event.
            with contextlib.suppress(RuntimeError, OSError):
                self._socket.write(payload)
        else:
            self._backlog.put(payload, size, is_ephemeral=is_ephemeral)

    def finish(self, last: bytes | None, code: int, reason: str) -> None:
        if self._closing is not None:
            return
        if self._backlog.is_slow:
            self._backlog.drop()
        self._last, self._closing = last, (code, reason)
        self._backlog.stop_waiting()
        self._write_on()

    async def drained(self) -> None:
        while self._backlog and self._closing is None:
            if self._low is None:
                self._low = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._low)

    async def run(self) -> None:
        """Begin, the handshake being answered; return when the connection has ended."""
        self._has_begun = True
        self._write_on()
        await asyncio.shield(self._socket.ended)

    def _write_on(self) -> None:
        """Write what waited, as far as the client takes it; the last words and the close come after it."""
        if not self._has_begun:
            return
        while self._backlog and not self._socket.is_paused:
            payload, size = self._backlog.take()
            with contextlib.suppress(RuntimeError, OSError):
                self._socket.write(payload)
            self._backlog.sent(size)
        if self._closing is not None and not self._backlog:
            self._say_goodbye(*self._closing)
        if self._low is not None and (self._closing is not None or not self._backlog):
            self._low.set_result(None)
            self._low = None

    def _say_goodbye(self, code: int, reason: str) -> None:
        last, self._last = self._last, None
        with contextlib.suppress(RuntimeError, OSError):
            if last is not None:
                self._socket.write(last)
            self._socket.close(code, reason)
