"""mount(): puts Carillon's endpoint in front of a host's ASGI application."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any

from django.core.handlers.asgi import ASGIHandler

from carillon.conf import settings
from carillon.realtime.endpoint import Receive, Send, endpoint
from carillon.realtime.handshake import Scope, path_of
from carillon.realtime.runtime import current

logger = logging.getLogger(__name__)

# Seconds for which requests are still taken from connections that are open when the process begins to leave.
LAST_REQUESTS = 0.5

Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def mount(application: Any) -> Application:
    """Wrap a host's ASGI application: sockets under SOCKET_PREFIX are ours, everything else stays the host's.

    Where the host routes sockets of its own, as Channels does, only those that a dialect answers are ours. Hub and
    embedded jobs start on lifespan, or with the first request where the server has no lifespan.
    """

    has_begun = False

    async def mounted(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal has_begun
        if not has_begun and scope["type"] != "lifespan":
            # A server without lifespan, such as daphne.
            _drain_on_sigterm(asyncio.get_running_loop())
        has_begun = True
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        await current().start()
        if scope["type"] == "websocket" and _is_ours(scope, application):
            await endpoint(scope, receive, send)
        else:
            await application(scope, receive, _last_of(send) if current().is_draining else send)

    return mounted


def _last_of(send: Send) -> Send:
    """Answers say that theirs is the last one on its connection, so that no request is sent into its end."""

    async def sent(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
        await send(message)

    return sent


def _is_ours(scope: Scope, application: Any) -> bool:
    path = path_of(scope)
    if "websocket" in getattr(application, "application_mapping", ()):
        # A ProtocolTypeRouter: its sockets were there before ours, and as a rule under the same prefix.
        return any(route.pattern.fullmatch(path) for route in current().routes)
    # Django alone has no answer to a WebSocket but a traceback.
    return path.startswith(settings.SOCKET_PREFIX) or isinstance(application, ASGIHandler)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            try:
                await current().start()
            except Exception as error:
                logger.exception("Carillon could not start")
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            _drain_on_sigterm(asyncio.get_running_loop())
            await send({"type": "lifespan.startup.complete"})
        else:
            await current().stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


def _drain_on_sigterm(loop: asyncio.AbstractEventLoop) -> None:
    """Say goodbye before the server closes its sockets: lifespan shutdown comes too late for that. A second signal does not wait."""
    previous = signal.getsignal(signal.SIGTERM)
    if threading.current_thread() is not threading.main_thread() or not callable(previous):
        return
    chained: Callable[[int, FrameType | None], Any] = previous

    def on_sigterm(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, previous)
        task = asyncio.run_coroutine_threadsafe(_leave(getattr(previous, "__self__", None)), loop)
        task.add_done_callback(lambda _: loop.call_soon_threadsafe(chained, number, frame))

    signal.signal(signal.SIGTERM, on_sigterm)


async def _leave(server: Any) -> None:
    """Accept nobody more, so that processes on the same port do, and drain; `server` is uvicorn's, or one that has no `servers`."""
    for listening in getattr(server, "servers", ()):
        listening.close()
    drained = asyncio.ensure_future(current().drain())
    # Who was accepted a moment ago has yet to send the request.
    await asyncio.sleep(LAST_REQUESTS)
    await drained
