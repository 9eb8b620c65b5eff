"""A WebSocket of uvicorn: an ASGI application sees what it knows, and beside it may write frames straight to the transport.

Chosen by `uvicorn --ws carillon.realtime.wire.socket:WebSocket`, as `carillon serve` does. Any ASGI application runs on it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol, cast

from uvicorn.protocols.utils import ClientDisconnected, get_remote_addr

from carillon.realtime.deadlines import Alarm
from carillon.realtime.wire import EXTENSION
from carillon.realtime.wire.framing import BINARY, CLOSE, PING, PONG, TEXT, close_frame, framed
from carillon.realtime.wire.parser import Message, Parser
from carillon.realtime.wire.upgrade import BadUpgrade, Upgrade, ends_of, read_upgrade, response

logger = logging.getLogger(__name__)

# Messages that the application has not taken; with more, the client is not read from.
_MOST_UNREAD = 32
# A client that pings and does not read gets no more answers.
_MOST_PONGS = 65_536
# Seconds that a client has to say that it closes too; one that broke the protocol may still hear why.
_PATIENCE, _LITTLE_PATIENCE = 10.0, 1.0
# Seconds for which the last words wait for a client that reads nothing.
_UNREAD = 60.0

_OPENING, _OPEN, _CLOSING, _CLOSED = range(4)


class User(Protocol):
    """Who adopted a socket."""

    def on_message(self) -> None:
        """A message waits (`next_message`)."""

    def on_change(self) -> None:
        """`fast` may be another."""

    def on_end(self) -> None:
        """Nothing more will come; called once."""


class WebSocket(asyncio.Protocol, Alarm):
    """One connection, from its upgrade to its end.

    `scope["extensions"]["carillon.socket"]["socket"]` is the connection itself, for those who write frames directly.
    """

    __slots__ = (
        "_app_state",
        "_config",
        "_drained",
        "_inbox",
        "_is_heard",
        "_is_paused",
        "_is_pinged",
        "_is_unread",
        "_loop",
        "_parser",
        "_response",
        "_server_state",
        "_state",
        "_task",
        "_upgrade",
        "_user",
        "_waiter",
        "transport",
    )

    def __init__(
        self,
        config: Any,
        server_state: Any,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        Alarm.__init__(self)
        if not config.loaded:
            config.load()
        self._config, self._server_state, self._app_state = config, server_state, app_state
        self._loop = _loop or asyncio.get_event_loop()
        self._state = _OPENING
        self._upgrade: Upgrade | None = None
        self._parser: Parser | None = None
        self._response: tuple[int, list[tuple[bytes, bytes]], bytes] | None = None
        self._inbox: deque[dict[str, Any]] | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._user: User | None = None
        self._is_paused = self._is_unread = self._is_pinged = self._is_heard = False
        self._task: asyncio.Task[None] | None = None
        self.transport: asyncio.Transport = cast(asyncio.Transport, None)

    # What the transport tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._server_state.connections.add(self)

    def data_received(self, data: bytes) -> None:
        self._is_heard = True
        if self._parser is not None:
            self._take(self._parser, data)
        elif self._upgrade is None:
            self._begin(data)

    def eof_received(self) -> None:
        """Nothing is left to say to who says nothing more; the transport closes."""

    def connection_lost(self, exc: Exception | None) -> None:
        self._server_state.connections.discard(self)
        self.stop_alarm()
        if self._state < _CLOSED:
            self._end(1006)
        self._resume()

    def pause_writing(self) -> None:
        self._is_paused = True
        if self._user is not None:
            self._user.on_change()

    def resume_writing(self) -> None:
        self._resume()

    def shutdown(self) -> None:
        """The server ends: say so, and go once what is written has left."""
        if self._state == _OPEN:
            self._close(1012, "service_restart")
            self.transport.close()
        elif self._state == _OPENING:
            self.transport.write(response(503, (), b"The server is going away."))
            self.transport.close()

    # The upgrade.

    def _begin(self, head: bytes) -> None:
        try:
            upgrade = self._upgrade = read_upgrade(head)
        except BadUpgrade as refused:
            self.transport.write(refused.response)
            self.transport.close()
            return
        self._inbox = deque([{"type": "websocket.connect"}])
        self._task = self._loop.create_task(self._run(self._scope(upgrade)))
        self._server_state.tasks.add(self._task)
        self._task.add_done_callback(self._server_state.tasks.discard)

    def _scope(self, upgrade: Upgrade) -> dict[str, Any]:
        return {
            **upgrade.scope(self._config.root_path),
            "asgi": {"version": self._config.asgi_version, "spec_version": "2.4"},
            **ends_of(self.transport),
            "state": self._app_state.copy(),
            "extensions": {"websocket.http.response": {}, EXTENSION: {"socket": self}},
        }

    async def _run(self, scope: dict[str, Any]) -> None:
        try:
            await self._config.loaded_app(scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except Exception:
            logger.exception("a WebSocket's application failed")
            self._finish(1011)
        else:
            if self._user is None:
                self._finish(1000)
        finally:
            # An idle socket that lives on keeps nothing of its handshake.
            self._task = None

    def _finish(self, code: int) -> None:
        """The application has ended: whatever it left open is closed."""
        if self._state == _OPENING:
            self.transport.write(response(500, (), b"Internal Server Error"))
            self.transport.close()
        elif self._state == _OPEN:
            self.close(code)

    # Frames of the client.

    def _take(self, parser: Parser, data: bytes) -> None:
        for message in parser.feed(data):
            if self._state == _OPEN:
                _TAKE[message.opcode](self, message)
            elif message.opcode == CLOSE:
                self.transport.close()
        violation = parser.violation
        if violation is not None and self._state == _OPEN:
            self._close(violation.code, violation.reason, _LITTLE_PATIENCE)
            self._end(violation.code, violation.reason)
            if self.transport.can_write_eof():
                # It would not be understood when it says that it closes too: it hears the end, and goes.
                self.transport.write_eof()

    def _text(self, message: Message) -> None:
        self._put({"type": "websocket.receive", "text": message.text})

    def _binary(self, message: Message) -> None:
        self._put({"type": "websocket.receive", "bytes": message.data})

    def _ping(self, message: Message) -> None:
        if self.transport.get_write_buffer_size() < _MOST_PONGS:
            self.transport.write(framed(message.data, PONG))

    def _pong(self, message: Message) -> None:
        """It was heard; more is not asked."""

    def _closed(self, message: Message) -> None:
        self._end(message.code or 1005, message.text)
        self.transport.write(close_frame(message.code))
        self.transport.close()

    def _end(self, code: int, reason: str = "") -> None:
        """Tell the application, once, that nothing more will come."""
        if self._state != _CLOSED:
            self._state = _CLOSED
            if self._user is not None:
                self._user.on_end()
            else:
                self._put({"type": "websocket.disconnect", "code": code, "reason": reason})

    # The ASGI face.

    async def receive(self) -> dict[str, Any]:
        """The next message for the application."""
        while not self._inbox:
            self._waiter = self._loop.create_future()
            await self._waiter
        return self._next()

    def _next(self) -> dict[str, Any]:
        inbox = self._inbox
        assert inbox  # noqa: S101 - somebody looked
        message = inbox.popleft()
        if len(inbox) < _MOST_UNREAD // 2:
            self._read_on()
        if not inbox:
            # An idle socket needs none.
            self._inbox = None
        return message

    def _read_on(self) -> None:
        """Read from the client again, where too much was unread; also to hear that it closes too."""
        if self._is_unread:
            self._is_unread = False
            if not self.transport.is_closing():
                self.transport.resume_reading()

    def _put(self, message: dict[str, Any]) -> None:
        if self._inbox is None:
            self._inbox = deque()
        self._inbox.append(message)
        if len(self._inbox) >= _MOST_UNREAD and not self._is_unread and self._state == _OPEN:
            self._is_unread = True
            self.transport.pause_reading()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        elif self._user is not None:
            self._user.on_message()

    async def send(self, message: dict[str, Any]) -> None:
        """Send for the application, at the pace of the client; raises ClientDisconnected when it is gone."""
        while self._is_paused:
            if self._drained is None:
                self._drained = self._loop.create_future()
            await asyncio.shield(self._drained)
        if self._state == _CLOSED:
            raise ClientDisconnected
        _SEND[message["type"]](self, message)

    def _accept(self, message: dict[str, Any]) -> None:
        assert self._upgrade is not None  # noqa: S101 - there is no application before
        headers = [*self._server_state.default_headers, *message.get("headers", ())]
        self.transport.write(self._upgrade.accepted(message.get("subprotocol"), headers))
        if logger.isEnabledFor(logging.INFO):
            client = get_remote_addr(self.transport)
            # Without the query, where tokens may be.
            logger.info('%s - "WebSocket %s" [accepted]', ":".join(map(str, client or ())), self._upgrade.path)
        self._parser = Parser(self._config.ws_max_size)
        self._state = _OPEN
        self._upgrade = None
        self._keep_alive(self._config.ws_ping_interval)

    def _send(self, message: dict[str, Any]) -> None:
        text = message.get("text")
        self.write(framed(text.encode()) if text is not None else framed(message["bytes"], BINARY))

    def _close_asked(self, message: dict[str, Any]) -> None:
        if self._state == _OPENING:
            self.transport.write(response(403, (), b""))
            self.transport.close()
            self._end(1006)
        else:
            self.close(message.get("code") or 1000, message.get("reason") or "")

    def _begin_response(self, message: dict[str, Any]) -> None:
        self._response = (message["status"], list(message.get("headers", ())), b"")

    def _continue_response(self, message: dict[str, Any]) -> None:
        if self._response is None or self._state != _OPENING:
            raise RuntimeError("websocket.http.response.body comes after its start, and before an accept")
        status, headers, body = self._response
        self._response = (status, headers, body + message.get("body", b""))
        if not message.get("more_body"):
            self.transport.write(response(*self._response))
            self.transport.close()
            self._end(1006)

    # Beside ASGI.

    @property
    def fast(self) -> Callable[[bytes], object] | None:
        """Writes whole frames at once; None while more waits for the client than the system takes, and when it is gone."""
        return self.transport.write if self._state == _OPEN and not self._is_paused else None

    def write(self, frames: bytes) -> None:
        """Write whole frames; never waits, and writes nothing to who is gone."""
        if self._state == _OPEN:
            self.transport.write(frames)

    def adopt(self, user: User) -> None:
        """Call this user from now on; the application may end, and the socket lives on."""
        self._user = user
        if self._state == _CLOSED:
            user.on_end()

    def next_message(self) -> dict[str, Any] | None:
        """The next message of the client; None where none waits."""
        return self._next() if self._inbox else None

    def close(self, code: int, reason: str = "") -> None:
        """Say that we close, and give the client some seconds to say it too."""
        if self._state == _OPEN:
            self._close(code, reason)

    def _close(self, code: int, reason: str, patience: float = _PATIENCE) -> None:
        self.transport.write(close_frame(code, reason))
        self._state = _CLOSING
        if self._user is not None:
            self._user.on_change()
        self._read_on()
        self.set_alarm(patience, WebSocket._leave)

    def _leave(self) -> None:
        """Go without the client's word; what it has not read of ours stays for it a while."""
        self.transport.close()
        self.set_alarm(_UNREAD, WebSocket._abort)

    def _abort(self) -> None:
        self.transport.abort()

    def _resume(self) -> None:
        self._is_paused = False
        if self._drained is not None:
            self._drained.set_result(None)
            self._drained = None
        if self._user is not None:
            self._user.on_change()

    def _keep_alive(self, wait: float | None) -> None:
        if wait:
            self.set_alarm(wait, WebSocket._ask_for_life)

    def _ask_for_life(self) -> None:
        # Who is not read from cannot be heard.
        is_alive = self._is_heard or self._is_unread
        if self._is_pinged and not is_alive:
            self._close(1011, "keepalive ping timeout", _LITTLE_PATIENCE)
            self._end(1006)
            return
        self._is_pinged, self._is_heard = not is_alive, False
        if self._is_pinged:
            self.transport.write(framed(b"", PING))
        timeout = self._config.ws_ping_timeout if self._is_pinged else None
        self._keep_alive(timeout or self._config.ws_ping_interval)


_TAKE: dict[int, Callable[[WebSocket, Message], None]] = {
    TEXT: WebSocket._text,
    BINARY: WebSocket._binary,
    PING: WebSocket._ping,
    PONG: WebSocket._pong,
    CLOSE: WebSocket._closed,
}
_SEND: dict[str, Callable[[WebSocket, dict[str, Any]], None]] = {
    "websocket.accept": WebSocket._accept,
    "websocket.send": WebSocket._send,
    "websocket.close": WebSocket._close_asked,
    "websocket.http.response.start": WebSocket._begin_response,
    "websocket.http.response.body": WebSocket._continue_response,
}
