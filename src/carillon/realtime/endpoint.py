"""The one ASGI WebSocket endpoint: accepts, finds the dialect, verifies the credential, and hands frames to the exchange."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from carillon.conf import settings
from carillon.errors import CarillonError, Invalid, TooMany, Unauthenticated, Unavailable
from carillon.realtime.connection import Connection, QueuedOutbound
from carillon.realtime.dialect import Dialect, Route
from carillon.realtime.direct import DirectOutbound
from carillon.realtime.exchange import Exchange
from carillon.realtime.handshake import (
    Scope,
    credential_of,
    handshake_of,
    has_foreign_cookie,
    subprotocol_for,
)
from carillon.realtime.identity import Credential, Handshake
from carillon.realtime.routing import dialect_of
from carillon.realtime.runtime import Runtime, current
from carillon.realtime.wire import EXTENSION

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_LAST_WORDS = 10.0
_ACCEPT_WITHIN = 3.0


async def endpoint(scope: Scope, receive: Receive, send: Send, routes: Sequence[Route] | None = None) -> None:
    """Serve one WebSocket from its handshake to its end, on these routes or on those of the configured dialects."""
    runtime = current()
    await runtime.start()
    if (await receive())["type"] != "websocket.connect":
        return
    routes = runtime.routes if routes is None else routes
    if not routes:
        await _refuse_handshake(scope, send, 404)
        return
    handshake = handshake_of(scope)
    dialect, fault = dialect_of(routes, scope)
    credential = credential_of(scope, dialect, handshake)
    status = _refusal_status(runtime, scope, handshake, credential)
    if status:
        await _refuse_handshake(scope, send, status)
        return
    socket = _Socket(runtime, scope, receive, send, dialect, handshake)
    socket.credential = credential
    try:
        if credential is None:
            socket.count_anonymous()
        await socket.serve(fault)
    finally:
        socket.name_known()


class _Socket:
    """An accepted socket: its reader, its writer task and the timers around them."""

    def __init__(
        self, runtime: Runtime, scope: Scope, receive: Receive, send: Send, dialect: Dialect, handshake: Handshake
    ) -> None:
        self.runtime, self.scope, self.handshake = runtime, scope, handshake
        self.receive, self.send = receive, send
        self.outbound = _outbound(scope, send, self._give_up)
        self.connection = Connection(secrets.token_urlsafe(9), dialect, self.outbound)
        self.exchange = Exchange(runtime, self.connection, handshake)
        self.loop = asyncio.get_running_loop()
        self.credential: Credential | None = None
        self.has_begun, self.is_accepted, self.closing = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.connection.on_close = self.closing.set
        self.is_busy = False
        self.silence: asyncio.TimerHandle | None = None
        self.heard_at = self.loop.time()
        self.is_anonymous = False

    async def serve(self, fault: CarillonError | None) -> None:
        """Read until one side closes, then clean up; a `fault` of the address is told, and that is all."""
        writer = self.loop.create_task(self._write())
        reader = self.loop.create_task(self._read(fault))
        closing = self.loop.create_task(self.closing.wait())
        self.runtime.connections.add(self.connection)
        try:
            # The reader ends when the client leaves, the writer when it can write no more; a client that reads nothing
            # holds up both, and does not hold up the end.
            await asyncio.wait({reader, writer, closing}, return_when=asyncio.FIRST_COMPLETED)
            if _has_failed(reader):
                self.connection.close(CarillonError("internal", "Something went wrong here; it has been noted."))
            if self.connection.is_closed and not writer.done():
                await asyncio.wait({writer}, timeout=_LAST_WORDS)
        finally:
            self._clean_up()
            for task in (reader, writer, closing):
                task.cancel()
            for result in await asyncio.gather(reader, writer, closing, return_exceptions=True):
                if isinstance(result, Exception) and not isinstance(result, OSError):
                    logger.error("a connection failed", exc_info=result)
            self.connection.is_closed = True

    def _give_up(self) -> None:
        self.connection.give_up()

    def _clean_up(self) -> None:
        self.name_known()
        self.exchange.stop()
        if self.silence is not None:
            self.silence.cancel()
        self.runtime.leave(self.connection)

    async def _write(self) -> None:
        # A dialect without a hello says by accepting that one hears what is sent from now on, as a Channels consumer
        # does that joins its groups first. A database that lets one wait does not look like a server that is away.
        if not self.connection.dialect.signs_in_later:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.has_begun.wait(), _ACCEPT_WITHIN)
        subprotocol = subprotocol_for(self.scope, self.connection.dialect)
        await self.send({"type": "websocket.accept", "subprotocol": subprotocol})
        self.is_accepted.set()
        await self.outbound.run()

    async def _read(self, fault: CarillonError | None) -> None:
        if fault is not None:
            self.connection.close(fault)
        else:
            await self._sign_in()
        self.has_begun.set()
        await self.is_accepted.wait()
        self._watch_silence()
        while not self.connection.is_closed:
            message = await self.receive()
            if message["type"] == "websocket.disconnect":
                return
            self.heard_at = self.loop.time()
            await self._take(message)

    async def _sign_in(self) -> None:
        if self.credential is None:
            if self.connection.dialect.signs_in_later:
                self.loop.call_later(settings.AUTH_DEADLINE, self._check_deadline)
            else:
                self.connection.close(Unauthenticated("unauthenticated", "Sign in first."))
            return
        try:
            await self.exchange.sign_in(self.credential)
        except CarillonError as error:
            self.connection.close(error)
        except Exception:
            logger.exception("a credential could not be verified")
            self.connection.close(Unavailable("unavailable", "Signing in is not possible now.", retry_after=5))
        else:
            await self.exchange.enter()

    async def _take(self, message: dict[str, Any]) -> None:
        text = message.get("text")
        if text is None:
            self.connection.close(Invalid("unsupported_media", "Text frames only."))
        elif len(text) > settings.FRAME_BYTES or len(text.encode("utf-8", "surrogatepass")) > settings.FRAME_BYTES:
            self.connection.close(Invalid("too_large", f"A frame has at most {settings.FRAME_BYTES} bytes."))
        else:
            self.is_busy = True
            await self.exchange.take(text)
            # What the client sent meanwhile is still to be read: it was not silent.
            self.is_busy, self.heard_at = False, self.loop.time()
            if self.connection.identity is not None:
                self.name_known()

    def _check_deadline(self) -> None:
        if self.connection.identity is None:
            self.connection.close(Unauthenticated("auth_timeout", "No credential was presented in time."))

    def count_anonymous(self) -> None:
        """Count the address among those that have not signed in."""
        self.is_anonymous = True
        self.runtime.anonymous[self.handshake.client] += 1

    def name_known(self) -> None:
        """Stop counting the address among those that have not signed in."""
        if self.is_anonymous:
            self.is_anonymous = False
            self.runtime.forget_anonymous(self.handshake.client)

    def _watch_silence(self) -> None:
        if not self.connection.dialect.has_heartbeat or self.connection.is_closed:
            return
        heard_at = self.loop.time() if self.is_busy else self.heard_at
        left = heard_at + settings.HEARTBEAT_TIMEOUT - self.loop.time()
        if left <= 0:
            self.connection.close(TooMany("heartbeat_timeout", "Nothing was heard from you."))
        else:
            self.silence = self.loop.call_later(left, self._watch_silence)


def _outbound(scope: Scope, send: Send, on_slow: Callable[[], None]) -> DirectOutbound | QueuedOutbound:
    """Straight to the transport where the server's socket is ours, by ASGI elsewhere."""
    bound, patience = settings.OUTBOUND_BYTES, settings.SLOW_SECONDS
    extension = scope.get("extensions", {}).get(EXTENSION)
    if extension is not None:
        return DirectOutbound(extension["socket"], bound=bound, patience=patience, on_slow=on_slow)
    return QueuedOutbound(send, bound=bound, patience=patience, on_slow=on_slow)


def _has_failed(task: asyncio.Task[None]) -> bool:
    """Whether a task ended by a fault of ours; a server tells of a client that left by an OSError."""
    return task.done() and not task.cancelled() and not isinstance(task.exception(), OSError | None)


def _refusal_status(runtime: Runtime, scope: Scope, handshake: Handshake, credential: Credential | None) -> int:
    """The HTTP status that refuses a handshake before accept, or 0 (GUARANTEES 7.1)."""
    if runtime.is_draining:
        return 503
    if credential is not None:
        return 0
    if has_foreign_cookie(scope):
        return 403
    return 429 if runtime.anonymous[handshake.client] >= settings.ANONYMOUS_PER_ADDRESS else 0


async def _refuse_handshake(scope: Scope, send: Send, status: int) -> None:
    if "websocket.http.response" in scope.get("extensions", {}):
        await send({"type": "websocket.http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "websocket.http.response.body", "body": b""})
    else:
        await send({"type": "websocket.close", "code": 1008})
