"""FakeSocket: a client of the real endpoint in the test's own process, without a network."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any

from carillon.conf import settings
from carillon.realtime.endpoint import endpoint
from carillon.testing.process import PROCESS, look

Application = Callable[[Any, Any, Any], Coroutine[Any, Any, None]]
NATIVE = "carillon.v1"
# How long a frame may take on a busy machine before a test says that it does not come.
PATIENCE = 10.0
_LOOK_EVERY = 0.1


class Closed(Exception):
    """The server closed the socket; `code` is its close code, or `status` what it refused the handshake with."""

    def __init__(self, code: int | None, reason: str = "", *, status: int | None = None) -> None:
        told = f"refused with HTTP {status}" if status else f"closed with {code} {reason}".rstrip()
        super().__init__(f"the socket was {told}")
        self.code, self.reason, self.status = code, reason, status


class Refused(Exception):
    """A command was answered with an error; `code` is its slug and `data` all that was told."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(f"{data.get('code')}: {data.get('error')}")
        self.code: str = data.get("code", "")
        self.data = dict(data)


class FakeSocket:
    """One open socket. Frames are dicts as JSON carries them; what does not come within `seconds` is an AssertionError."""

    def __init__(
        self,
        user: Any = None,
        *,
        path: str = "",
        query: str = "",
        token: str = "",
        subprotocols: Sequence[str] | None = None,
        headers: Mapping[str, str] | None = None,
        application: Application | None = None,
    ) -> None:
        self.path = path or settings.SOCKET_PREFIX
        spoken = ([NATIVE] if self.path == settings.SOCKET_PREFIX else []) if subprotocols is None else subprotocols
        self.scope: dict[str, Any] = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "path": self.path,
            "raw_path": self.path.encode(),
            "root_path": "",
            "scheme": "ws",
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
            "subprotocols": [*spoken, *([f"bearer.{token}"] if token else [])],
            "client": ("127.0.0.1", 1),
            "server": ("testserver", 80),
            "extensions": {"websocket.http.response": {}},
        }
        if user is not None:
            self.scope["user"] = user
        self.has_credential = user is not None or bool(token) or "ticket=" in query
        self.subprotocol: str | None = None
        self.hello: dict[str, Any] = {}
        self._application = application or endpoint
        self._frames: deque[Any] = deque()
        self._inbound: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._news, self._is_waiting = asyncio.Event(), asyncio.Event()
        self._is_accepted = False
        self._closed: Closed | None = None
        self._task: asyncio.Task[None] | None = None
        self._refs = itertools.count(1)

    async def __aenter__(self) -> FakeSocket:
        await PROCESS.enter()
        try:
            await self._open()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.close()
        finally:
            await PROCESS.leave()

    async def receive(self, *, seconds: float = PATIENCE) -> Any:
        """The next frame; raises Closed where the server closed instead."""
        return await self._until(lambda frame: True, "a frame", seconds)

    async def receive_event(self, type: str, *, seconds: float = PATIENCE) -> Any:
        """The next frame of this type; those before it are passed over. Raises Closed."""
        return await self._until(lambda frame: _type(frame) == type, f"a frame of type {type!r}", seconds)

    async def send(self, frame: Any) -> None:
        """Send a frame: text as it is, anything else as JSON."""
        text = frame if isinstance(frame, str) else json.dumps(frame)
        self._is_waiting.clear()
        self._inbound.put_nowait({"type": "websocket.receive", "text": text})

    async def command(
        self, type: str, data: Mapping[str, Any] | None = None, *, client_id: str = "", seconds: float = PATIENCE
    ) -> dict[str, Any]:
        """Send a command of carillon.v1 and return the data of its reply; raises Refused or Closed. Events wait for `receive`."""
        ref = f"t{next(self._refs)}"
        frame = {"type": type, "ref": ref, "data": dict(data or {})}
        await self.send({**frame, "client_id": client_id} if client_id else frame)
        kept: list[Any] = []

        def is_answer(frame: Any) -> bool:
            if isinstance(frame, dict) and frame.get("ref") == ref and _type(frame) in ("reply", "error"):
                return True
            kept.append(frame)
            return False

        try:
            answer = await self._until(is_answer, f"the answer to {type!r}", seconds)
        finally:
            self._frames.extendleft(reversed(kept))
        if _type(answer) == "error":
            raise Refused(answer["data"])
        reply: dict[str, Any] = answer["data"]
        return reply

    async def expect_nothing(self) -> None:
        """Fail if a frame is there; all that was sent is answered, and all that is committed told, before it is decided."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._settle()
        except TimeoutError:
            raise AssertionError(f"what was sent on {self.path} is not answered") from None
        if self._frames:
            raise AssertionError(f"nothing was to come, but there is\n{_listed(self._frames)}")

    async def closed(self, *, seconds: float = PATIENCE) -> int | None:
        """Wait until the server closes the socket, and return the code; frames before that are passed over."""
        try:
            await self._until(lambda frame: False, "the end", seconds)
        except Closed as end:
            return end.code
        raise AssertionError("a wait for the end ends with it")

    async def close(self) -> None:
        """Leave, and wait until the server has noticed."""
        task, self._task = self._task, None
        if task is None:
            return
        self._inbound.put_nowait({"type": "websocket.disconnect", "code": 1000})
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        if not done:
            task.cancel()
            await asyncio.wait({task})

    # What happens inside.

    async def _open(self) -> None:
        self._inbound.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.get_running_loop().create_task(self._application(self.scope, self._give, self._take))
        self._task.add_done_callback(lambda _: self._news.set())
        deadline = asyncio.get_running_loop().time() + PATIENCE
        await self._wait(lambda: self._is_accepted or self._closed is not None, "an answer to the handshake", deadline)
        if not self._is_accepted and self._closed is not None:
            raise self._closed
        if self.subprotocol == NATIVE and self.has_credential:
            self.hello = (await self.receive_event("hello"))["data"]

    async def _give(self) -> dict[str, Any]:
        if self._inbound.empty():
            self._is_waiting.set()
        return await self._inbound.get()

    async def _take(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "websocket.accept":
            self._is_accepted, self.subprotocol = True, message.get("subprotocol")
        elif kind == "websocket.send":
            text = message.get("text")
            self._frames.append(_decoded(text if text is not None else message["bytes"]))
        elif kind == "websocket.http.response.start":
            self._closed = Closed(None, status=message["status"])
        elif kind == "websocket.close":
            self._closed = Closed(message.get("code", 1000), message.get("reason", ""))
        self._news.set()

    async def _until(self, matches: Callable[[Any], bool], what: str, seconds: float) -> Any:
        deadline = asyncio.get_running_loop().time() + seconds
        passed: list[Any] = []
        while True:
            try:
                await self._wait(lambda: bool(self._frames) or self._closed is not None, what, deadline)
            except AssertionError as error:
                raise AssertionError(f"{error}; what came is\n{_listed(passed)}" if passed else str(error)) from None
            if not self._frames and self._closed is not None:
                raise self._closed
            frame = self._frames.popleft()
            if matches(frame):
                return frame
            passed.append(frame)

    async def _wait(self, is_there: Callable[[], bool], what: str, deadline: float) -> None:
        """Wait for something, looking into the log now and then: in a TestCase nothing is committed, and no hint is sent."""
        try:
            async with asyncio.timeout_at(deadline):
                while not is_there():
                    self._check_server()
                    self._news.clear()
                    if self._is_accepted:
                        await look()
                    if not is_there():
                        await _heard(self._news)
        except TimeoutError:
            raise AssertionError(f"{what} did not come in time on {self.path}") from None

    def _check_server(self) -> None:
        if self._task is None:
            raise AssertionError("the socket is not open")
        if self._task.done() and not self._frames and self._closed is None:
            self._task.result()
            raise AssertionError("the application left without closing the socket")

    async def _settle(self) -> None:
        while not (self._inbound.empty() and self._is_waiting.is_set()) and not self._is_over:
            await _heard(self._is_waiting)
        await look()

    @property
    def _is_over(self) -> bool:
        return self._closed is not None or self._task is None or self._task.done()


def connect(user: Any = None, **options: Any) -> FakeSocket:
    """A socket of this user, for `async with`; without a user a stranger's. For the options see FakeSocket.

    `path` chooses a dialect's address, `subprotocols` and `query` what a client would offer there, `token` signs in as a
    browser would; `application` is a host's own ASGI application in place of our endpoint. Raises Closed when refused.
    """
    return FakeSocket(user, **options)


async def _heard(news: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LOOK_EVERY):
            await news.wait()


def _listed(frames: Iterable[Any]) -> str:
    return "\n".join(f"  {json.dumps(frame, ensure_ascii=False)}" for frame in frames)


def _decoded(raw: Any) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw


def _type(frame: Any) -> Any:
    return frame.get("type") if isinstance(frame, dict) else None
