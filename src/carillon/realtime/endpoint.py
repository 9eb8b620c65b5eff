"""The one ASGI WebSocket endpoint: accepts, finds the dialect, verifies the credential, and hands frames to the exchange."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from carillon.conf import settings
from carillon.errors import CarillonError, NotAllowed
from carillon.realtime.connection import QueuedOutbound
from carillon.realtime.dialect import Route
from carillon.realtime.direct import DirectLine, DirectOutbound, DirectSocket
from carillon.realtime.handshake import (
    Scope,
    credential_of,
    handshake_of,
    has_foreign_cookie,
    is_insecure,
    subprotocol_for,
)
from carillon.realtime.identity import Credential, Handshake
from carillon.realtime.routing import Address, address_of
from carillon.realtime.runtime import Runtime, current
from carillon.realtime.session import LAST_WORDS, Session
from carillon.realtime.wire import EXTENSION

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Accept = Callable[[], Awaitable[None]]

# Seconds after which a handshake is answered though the client does not hear everything yet.
_ACCEPT_WITHIN = 3.0


async def endpoint(scope: Scope, receive: Receive, send: Send, routes: Sequence[Route] | None = None) -> None:
    """Serve one WebSocket from its handshake to its end, on these routes or on those of the configured dialects."""
    runtime = current()
    await runtime.start()
    await runtime.admission.turn()
    if (await receive())["type"] != "websocket.connect":
        return
    routes = runtime.routes if routes is None else routes
    if not routes:
        await _refuse_handshake(scope, send, 404)
        return
    handshake = handshake_of(scope)
    address = address_of(routes, scope)
    dialect, fault = address.dialect, _fault_of(address, scope)
    credential = credential_of(scope, dialect, handshake)
    status = _refusal_status(runtime, scope, handshake, credential)
    if status:
        await _refuse_handshake(scope, send, status)
        return
    bound, patience = settings.OUTBOUND_BYTES, settings.SLOW_SECONDS
    extension = scope.get("extensions", {}).get(EXTENSION)

    def outbound(on_slow: Callable[[], None]) -> DirectOutbound | QueuedOutbound:
        if extension is not None:
            return DirectOutbound(bound=bound, patience=patience, on_slow=on_slow)
        return QueuedOutbound(_to_client(send), bound=bound, patience=patience, on_slow=on_slow)

    async def accept() -> None:
        await send({"type": "websocket.accept", "subprotocol": subprotocol_for(scope, dialect)})

    session = Session(runtime, address, handshake, credential, outbound)
    if extension is not None:
        await _serve_directly(session, extension["socket"], accept, fault)
    else:
        await _serve(session, receive, accept, fault)


def _fault_of(address: Address, scope: Scope) -> CarillonError | None:
    """What a socket is told and closed for, whoever opened it: how it came, or where to."""
    if settings.REQUIRE_TLS and is_insecure(scope):
        return NotAllowed("insecure", "Only wss:// is answered here.")
    return address.fault


def _to_client(send: Send) -> Send:
    """Sending that raises OSError to who is gone: uvicorn says RuntimeError where it ended the connection itself."""

    async def to_client(message: dict[str, Any]) -> None:
        try:
            await send(message)
        except RuntimeError as error:
            raise ConnectionError(str(error)) from error

    return to_client


async def _serve(session: Session, receive: Receive, accept: Accept, fault: CarillonError | None) -> None:
    """Read and write by ASGI until one side closes."""
    outbound, closing, is_accepted = session.connection.outbound, asyncio.Event(), asyncio.Event()
    assert isinstance(outbound, QueuedOutbound)  # noqa: S101 - a socket of our own is served directly
    session.connection.on_close = closing.set
    beginning = asyncio.create_task(session.begin(fault))

    async def write() -> None:
        await _wait_to_hear(session, beginning)
        await accept()
        is_accepted.set()
        await outbound.run()

    async def read() -> None:
        await beginning
        await is_accepted.wait()
        session.listen()
        while not session.connection.is_closed:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            await session.take(message.get("text"))

    reader, writer = asyncio.create_task(read()), asyncio.create_task(write())
    closed = asyncio.create_task(closing.wait())
    try:
        # The reader ends when the client leaves, the writer when it can write no more; a client that reads nothing
        # holds up both, and does not hold up the end.
        await asyncio.wait({reader, writer, closed}, return_when=asyncio.FIRST_COMPLETED)
        if _has_failed(reader):
            session.connection.close(CarillonError("internal", "Something went wrong here; it has been noted."))
        if session.connection.is_closed and not writer.done():
            await asyncio.wait({writer}, timeout=LAST_WORDS)
    finally:
        session.end()
        await _stop(reader, writer, closed, beginning)


def _has_failed(task: asyncio.Task[None]) -> bool:
    """Whether a task ended by a fault of ours; a server tells of a client that left by an OSError."""
    return task.done() and not task.cancelled() and not isinstance(task.exception(), OSError | None)


async def _stop(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in filter(_has_failed, tasks):
        logger.error("a connection failed", exc_info=task.exception())


async def _wait_to_hear(session: Session, beginning: asyncio.Task[None]) -> None:
    """A dialect without a hello says by accepting that one hears what is sent from now on, as a Channels consumer does
    that joins its groups first. A database that lets one wait does not look like a server that is away."""
    if not session.connection.dialect.signs_in_later:
        await asyncio.wait({beginning}, timeout=_ACCEPT_WITHIN)


async def _serve_directly(session: Session, socket: DirectSocket, accept: Accept, fault: CarillonError | None) -> None:
    """Sign in, and leave the socket to its callbacks: from then on an idle connection costs no task."""
    if session.connection.dialect.signs_in_later:
        await _answer_first(session, socket, accept, fault)
        return
    beginning = asyncio.create_task(session.begin(fault))
    try:
        await _wait_to_hear(session, beginning)
        await accept()
    except BaseException:
        session.end()
        await _stop(beginning)
        raise
    line = DirectLine(session, socket, beginning)
    await asyncio.wait({beginning})
    line.open()


async def _answer_first(session: Session, socket: DirectSocket, accept: Accept, fault: CarillonError | None) -> None:
    """Accept, then sign in, in one task: the socket cancels it when the client leaves."""
    try:
        await accept()
    except BaseException:
        session.end()
        raise
    line = DirectLine(session, socket, asyncio.current_task())
    try:
        await session.begin(fault)
    except asyncio.CancelledError:
        if not session.is_over:
            session.end()
            raise
    line.open()


def _refusal_status(runtime: Runtime, scope: Scope, handshake: Handshake, credential: Credential | None) -> int:
    """The HTTP status that refuses a handshake before accept, or 0 (GUARANTEES 7.1)."""
    if runtime.is_draining or runtime.admission.is_full:
        return 503
    if credential is not None:
        return 0
    if has_foreign_cookie(scope):
        return 403
    return 429 if runtime.anonymous[handshake.client] >= settings.ANONYMOUS_PER_ADDRESS else 0


async def _refuse_handshake(scope: Scope, send: Send, status: int) -> None:
    if "websocket.http.response" in scope.get("extensions", {}):
        headers = [(b"content-length", b"0"), *([(b"retry-after", b"5")] if status == 503 else [])]
        await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b""})
    else:
        await send({"type": "websocket.close", "code": 1008})
