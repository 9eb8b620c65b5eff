"""Connection: one open socket, what it follows, and a bounded buffer for what it has not read yet."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from carillon.errors import CarillonError, Conflict, NotAllowed, TooMany, Unauthenticated
from carillon.realtime.backlog import Backlog
from carillon.realtime.dialect import Control, Dialect, Encoded, Refusal, Resync, close_reason, frames_of
from carillon.realtime.event import Position
from carillon.realtime.identity import Identity
from carillon.realtime.topic import Topic, user_topic

if TYPE_CHECKING:
    from carillon.realtime.fanout import FanOut
    from carillon.realtime.feed import Subscription


class Outbound(Protocol):
    """Where a connection's frames go; never makes the caller wait.

    Connections of one `framing` take the same payload object, so that an event is framed once for all of them.
    """

    framing: str

    @property
    def fast(self) -> Callable[[Any], object] | None:
        """Takes a payload without any bookkeeping; None while that is not possible, and where it never is."""

    @property
    def waiting(self) -> int:
        """How many bytes the client has not taken."""

    @property
    def is_high(self) -> bool:
        """Whether so much waits that those who can wait should (`drained`)."""

    def frame(self, data: bytes) -> Any:
        """The payload that `write` takes."""

    def join(self, payloads: Sequence[Any]) -> Any:
        """One payload that is all of these, in order."""

    def write(self, payload: Any, size: int, *, is_ephemeral: bool = False) -> None:
        """Send, or keep until the client reads; ephemeral payloads may be dropped. Never raises."""

    def finish(self, last: Any, code: int, reason: str) -> None:
        """Send a last payload, if any, and close; nothing is sent after it."""

    async def drained(self) -> None:
        """Wait until little is left to send."""


# Close codes that say nearly the same where these cannot be sent; clients of the sources stay away after 1008 and 4001 alike.
_OTHERWISE = {1003: 4003, 1008: 4001}


class QueuedOutbound:
    """Outbound for any ASGI server: a backlog and one writer task."""

    framing = "asgi"
    fast: Callable[[Any], object] | None = None

    def __init__(
        self,
        send: Callable[[dict[str, Any]], Awaitable[None]],
        *,
        bound: int,
        patience: float,
        on_slow: Callable[[], None],
    ) -> None:
        self._send = send
        self._backlog = Backlog(bound, patience, on_slow)
        self._wake = asyncio.Event()
        self._low = asyncio.Event()
        self._low.set()
        self._closing: tuple[int, str] | None = None
        self._last: list[str] | None = None

    @property
    def waiting(self) -> int:
        return self._backlog.size

    @property
    def is_high(self) -> bool:
        return self._backlog.is_high

    def frame(self, data: bytes) -> list[str]:
        return [data.decode()]

    def join(self, payloads: Sequence[list[str]]) -> list[str]:
        return [text for payload in payloads for text in payload]

    def write(self, payload: list[str], size: int, *, is_ephemeral: bool = False) -> None:
        if self._closing is None:
            self._low.clear()
            self._wake.set()
            self._backlog.put(payload, size, is_ephemeral=is_ephemeral)

    def finish(self, last: Any, code: int, reason: str) -> None:
        if self._closing is not None:
            return
        if self._backlog.is_slow:
            self._backlog.drop()
        self._last = last
        self._closing = (code, reason)
        self._backlog.stop_waiting()
        self._wake.set()
        self._low.set()

    async def drained(self) -> None:
        await self._low.wait()

    async def run(self) -> None:
        """Write until closed; the one task of this connection that waits for the client."""
        while True:
            while self._backlog:
                payload, size = self._backlog.take()
                await self._send_all(payload)
                self._backlog.sent(size)
            self._low.set()
            if self._closing is not None:
                await self._close(*self._closing)
                return
            self._wake.clear()
            await self._wake.wait()

    async def _send_all(self, texts: list[str]) -> None:
        for text in texts:
            await self._send({"type": "websocket.send", "text": text})

    async def _close(self, code: int, reason: str) -> None:
        if self._last is not None:
            await self._send_all(self._last)
        try:
            await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except Exception:
            # daphne refuses all codes but 1000 and 3000-4999, and would leave the socket open. What the code meant was
            # told in the frame before it; an unassigned one makes every client come back, where it may.
            code = _OTHERWISE.get(code, code + 3100)
            await self._send({"type": "websocket.close", "code": code, "reason": reason})


class Connection:
    """One open socket: who is behind it, in which dialect it speaks, and what it follows."""

    __slots__ = (
        "__weakref__",
        "dialect",
        "fan_out",
        "home",
        "id",
        "identity",
        "is_closed",
        "on_close",
        "outbound",
        "strays",
        "subscriptions",
    )

    def __init__(self, id: str, dialect: Dialect, outbound: Outbound) -> None:
        self.id, self.dialect, self.outbound = id, dialect, outbound
        self.identity: Identity | None = None
        self.subscriptions: dict[Topic, Subscription] = {}
        # The topics that its address is of.
        self.home: tuple[Topic, ...] = ()
        self.is_closed = False
        # Checks in a row that found it not following its own topic.
        self.strays = 0
        self.on_close: Callable[[], None] | None = None
        # Where events of followed topics may be on their way here.
        self.fan_out: FanOut | None = None

    @property
    def person(self) -> str:
        """Who is signed in; empty before that."""
        return self.identity.person if self.identity else ""

    @property
    def principals(self) -> frozenset[str]:
        """The names by which events may withdraw access from this connection."""
        return frozenset(self.identity.principals if self.identity else ())

    def say(self, said: Encoded) -> None:
        """Send what a dialect encoded; nothing where it could not be said."""
        if said is not None and not self.is_closed:
            self.catch_up()
            for data in frames_of(said):
                self.outbound.write(self.outbound.frame(data), len(data))

    def pass_on(self, payloads: Sequence[Any], size: int) -> None:
        """Send what was framed for this outbound before, in one write."""
        if payloads and not self.is_closed:
            self.catch_up()
            self.outbound.write(payloads[0] if len(payloads) == 1 else self.outbound.join(payloads), size)

    def catch_up(self) -> None:
        """Be given what is on its way here: it comes before what follows now."""
        if self.fan_out:
            self.fan_out.catch_up(self.outbound)

    def tell(self, control: Control) -> None:
        """Send a control frame."""
        self.say(self.dialect.encode_control(control))

    def refuse(self, error: CarillonError, ref: str | None = None, topic: Topic | None = None) -> None:
        """Send an error that leaves the connection open."""
        self.say(self.dialect.encode_refusal(Refusal(error=error, ref=ref, topic=topic)))

    def close(self, error: CarillonError, ref: str | None = None, code: int | None = None) -> None:
        """Tell the error, then close with its code; once."""
        if self.is_closed:
            return
        code = code or self.dialect.close_code(error)
        last = self.dialect.encode_refusal(Refusal(error=error, ref=ref, is_fatal=True))
        self.end(last, code, close_reason(error))

    def end(self, last: bytes | None, code: int, reason: str) -> None:
        """Send a last frame, if any, and close."""
        if not self.is_closed:
            self.is_closed = True
            self.catch_up()
            self.outbound.finish(None if last is None else self.outbound.frame(last), code, reason)
            if self.on_close is not None:
                self.on_close()

    def withdraw(self, topic: Topic) -> None:
        """Tell that this topic may no longer be followed; without one's own, or that of the address, there is no connection."""
        error = NotAllowed("forbidden", "You may no longer follow this.")
        if self.identity and topic == user_topic(self.identity.person):
            self.close(Unauthenticated("session_revoked", "You have been signed out."))
        elif topic in self.home:
            self.close(error)
        else:
            self.refuse(error, topic=topic)

    def resync(self, topic: Topic, reason: str, position: Position) -> None:
        """Tell that a position is void; a dialect that cannot say it is closed, and comes back to a snapshot."""
        told = self.dialect.encode_control(Resync(topic=str(topic), reason=reason, position=position))
        if told is None:
            self.close(Conflict("resync_required", "Events were lost; reconnect and fetch anew."))
        else:
            self.say(told)

    def give_up(self) -> None:
        """Close a reader that is too slow; it resumes by position and loses nothing."""
        self.close(TooMany("slow_consumer", "Too much waits to be read; reconnect and resume."))
