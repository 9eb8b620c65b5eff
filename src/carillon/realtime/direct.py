"""Direct: the way to a socket of ours; frames go to the transport in the very call that hands them over."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from carillon.realtime.backlog import Backlog
from carillon.realtime.session import LAST_WORDS, Session
from carillon.realtime.wire.framing import framed

Write = Callable[[bytes], object]


class DirectSocket(Protocol):
    """A WebSocket that takes whole frames as bytes."""

    @property
    def fast(self) -> Write | None:
        """Writes whole frames at once; None while the client takes no more, and when it is gone."""

    def write(self, frames: bytes) -> None:
        """Write whole frames even where the client takes no more now."""

    def close(self, code: int, reason: str = "") -> None:
        """Say that we close; again does nothing."""

    def adopt(self, user: DirectLine) -> None:
        """Call this user from now on; the socket lives on without an application."""

    def next_message(self) -> dict[str, Any] | None:
        """The next message of the client, as ASGI has it; None where none waits."""


class DirectOutbound:
    """Outbound without a task of its own; only what a client does not take at once goes through a backlog."""

    framing = "rfc6455"

    __slots__ = ("_backlog", "_bound", "_closing", "_last", "_low", "_on_slow", "_patience", "_socket", "fast")

    def __init__(self, *, bound: int, patience: float, on_slow: Callable[[], None]) -> None:
        self._bound, self._patience, self._on_slow = bound, patience, on_slow
        # Before the handshake is answered nothing is written.
        self._socket: DirectSocket | None = None
        # Most clients never need one.
        self._backlog: Backlog | None = None
        self._low: asyncio.Future[None] | None = None
        self._last: bytes | None = None
        self._closing: tuple[int, str] | None = None
        self.fast: Write | None = None

    @property
    def waiting(self) -> int:
        return self._backlog.size if self._backlog is not None else 0

    @property
    def is_high(self) -> bool:
        return self._backlog is not None and self._backlog.is_high

    def frame(self, data: bytes) -> bytes:
        return framed(data)

    def join(self, payloads: Sequence[bytes]) -> bytes:
        return b"".join(payloads)

    def write(self, payload: bytes, size: int, *, is_ephemeral: bool = False) -> None:
        if self.fast is not None:
            _write_safely(self.fast, payload)
        elif self._closing is None:
            if self._backlog is None:
                self._backlog = Backlog(self._bound, self._patience, self._on_slow)
            self._backlog.put(payload, size, is_ephemeral=is_ephemeral)

    def finish(self, last: bytes | None, code: int, reason: str) -> None:
        if self._closing is not None:
            return
        self._last, self._closing = last, (code, reason)
        if self._backlog is not None:
            if self._backlog.is_slow:
                self._backlog.drop()
            self._backlog.stop_waiting()
        self.go_on()

    async def drained(self) -> None:
        while self._backlog and self._closing is None:
            if self._low is None:
                self._low = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._low)

    def begin(self, socket: DirectSocket) -> None:
        """The handshake is answered: write to this socket."""
        self._socket = socket
        self.go_on()

    def go_on(self) -> None:
        """Write what waited, as far as the client takes it; the last words and the close come after it."""
        socket, self.fast = self._socket, None
        if socket is None:
            return
        while self._backlog and (write := socket.fast) is not None:
            payload, size = self._backlog.take()
            _write_safely(write, payload)
            self._backlog.sent(size)
        if not self._backlog and self._closing is None:
            self.fast = socket.fast
        elif not self._backlog:
            self._say_goodbye(socket)
        if self._low is not None and (self._closing is not None or not self._backlog):
            self._low.set_result(None)
            self._low = None

    def hurry(self) -> None:
        """Say the last words now, whatever waits before them."""
        if self._backlog is not None:
            self._backlog.drop()
        self.go_on()

    def stop(self) -> None:
        """The client is gone: forget what waits for it, and take no more."""
        if self._backlog is not None:
            self._backlog.drop()
            self._backlog.stop_waiting()
        self._closing = self._closing or (1006, "")
        self.go_on()

    def _say_goodbye(self, socket: DirectSocket) -> None:
        assert self._closing is not None  # noqa: S101 - this is why it is said
        last, self._last = self._last, None
        if last is not None:
            socket.write(last)
        socket.close(*self._closing)


def _write_safely(write: Write, payload: bytes) -> None:
    # A transport that has just broken raises; the socket hears of it by itself.
    with contextlib.suppress(OSError, RuntimeError):
        write(payload)


class DirectLine:
    """What a socket of ours calls: a task exists only while something of the client's is answered."""

    __slots__ = ("_deadline", "_is_open", "_session", "_socket", "_work")

    def __init__(self, session: Session, socket: DirectSocket, beginning: asyncio.Task[Any] | None) -> None:
        self._session, self._socket = session, socket
        self._work: asyncio.Task[Any] | None = beginning
        self._deadline: asyncio.TimerHandle | None = None
        self._is_open = False
        session.connection.on_close = self._on_close
        self._outbound.begin(socket)
        socket.adopt(self)

    @property
    def _outbound(self) -> DirectOutbound:
        outbound = self._session.connection.outbound
        assert isinstance(outbound, DirectOutbound)  # noqa: S101 - made together
        return outbound

    def open(self) -> None:
        """Answer what the client sends, from now on."""
        self._is_open, self._work = True, None
        self._session.listen()
        self.on_message()

    def on_message(self) -> None:
        """Something of the client's waits to be read."""
        if self._is_open and self._work is None and not self._session.connection.is_closed:
            self._work = asyncio.get_running_loop().create_task(self._read())

    def on_change(self) -> None:
        """The socket takes more, or no more."""
        self._outbound.go_on()

    def on_end(self) -> None:
        """Nothing more will come."""
        self._outbound.stop()
        if self._deadline is not None:
            self._deadline.cancel()
        if self._work is not None:
            self._work.cancel()
        self._session.end()

    def _on_close(self) -> None:
        self._deadline = asyncio.get_running_loop().call_later(LAST_WORDS, self._hurry)

    def _hurry(self) -> None:
        self._outbound.hurry()
        self._session.end()

    async def _read(self) -> None:
        while not self._session.connection.is_closed and (message := self._socket.next_message()) is not None:
            await self._session.take(message.get("text"))
        self._work = None
