"""A real WebSocket client of `carillon.v1` for tests, on the `websockets` library."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

Frame = dict[str, Any]
PROTOCOL = "carillon.v1"


class Refused(Exception):
    """The server answered a command with an error frame; `data` is what the frame said."""

    def __init__(self, data: Frame) -> None:
        super().__init__(f"{data.get('code')}: {data.get('error')}")
        self.data = data
        self.code: str = data.get("code", "")


class Closed(Exception):
    """The socket closed while something was awaited; `code` is the close code seen by the client."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class NativeSocket:
    """One open socket: commands with their replies, and everything else in the order it came."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.frames: list[Frame] = []
        self.positions: dict[str, Frame] = {}
        self.hello: Frame = {}
        self.replied_at = 0
        self._taken = 0
        self._refs = itertools.count(1)
        self._replies: dict[str, asyncio.Future[Frame]] = {}
        self._news = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())

    @property
    def events(self) -> list[Frame]:
        """Everything that was announced on a topic so far, durable or not."""
        return [frame for frame in self.frames if "topic" in frame and frame["type"] != "resync"]

    @property
    def close_code(self) -> int | None:
        return self.connection.close_code

    @property
    def is_closed(self) -> bool:
        return self._reader.done()

    @property
    def errors(self) -> list[Frame]:
        """The data of every error frame that was not the answer to a command."""
        return [frame["data"] for frame in self.frames if frame["type"] == "error"]

    async def send(self, frame: Any) -> None:
        """Send one frame as it is: text and bytes unchanged, anything else as JSON."""
        await self.connection.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    async def command(self, kind: str, data: Frame | None = None, *, client_id: str = "", seconds: float = 10) -> Frame:
        """Send a command and return the data of its reply; raises Refused or Closed."""
        ref = f"c{next(self._refs)}"
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._replies[ref] = answer
        frame = {"type": kind, "ref": ref, "data": data or {}}
        await self.send({**frame, "client_id": client_id} if client_id else frame)
        async with asyncio.timeout(seconds):
            return await answer

    async def write(self, kind: str, data: Frame | None = None, *, seconds: float = 10) -> Frame:
        """Send a command with an idempotency key of its own, as clients are asked to do for writes."""
        return await self.command(kind, data, client_id=str(uuid4()), seconds=seconds)

    async def next(self, kind: str | None = None, *, seconds: float = 10) -> Frame:
        """Return the next frame that was not taken yet, skipping those of another type when `kind` is given."""
        return await self.until(lambda frame: kind is None or frame["type"] == kind, seconds=seconds)

    async def until(self, matches: Callable[[Frame], bool], *, seconds: float = 10) -> Frame:
        """Return the next frame that matches, in order; raises Closed when the socket ends first."""
        async with asyncio.timeout(seconds), self._news:
            while True:
                while self._taken < len(self.frames):
                    frame = self.frames[self._taken]
                    self._taken += 1
                    if matches(frame):
                        return frame
                if self._reader.done():
                    raise Closed(self.close_code)
                await self._news.wait()

    def skip_to(self, index: int) -> None:
        """Take no frame before `index` any more; `replied_at` is that of the last answer to a command."""
        self._taken = max(self._taken, index)

    async def closed(self, *, seconds: float = 10) -> int | None:
        """Wait until the server has closed the socket and return the code."""
        async with asyncio.timeout(seconds):
            await asyncio.wait([self._reader])
        return self.close_code

    async def wait_closed(self, seconds: float) -> bool:
        """Wait so long at most for the server to close the socket, and say whether it has."""
        await asyncio.wait([self._reader], timeout=seconds)
        return self.is_closed

    async def ping_until_closed(self, every: float = 0.3, *, seconds: float = 30) -> None:
        """Show the server that we are there, until it closes the socket all the same."""
        async with asyncio.timeout(seconds):
            while not await self.wait_closed(every):
                # Closed since we looked.
                with contextlib.suppress(ConnectionClosed):
                    await self.send({"type": "ping", "ref": "p"})

    async def close(self) -> None:
        """Close from our side and wait for the end."""
        await self.connection.close()
        await asyncio.wait([self._reader])

    async def _read(self) -> None:
        try:
            async for raw in self.connection:
                await self._take(json.loads(raw))
        except ConnectionClosed:
            pass
        finally:
            for answer in self._replies.values():
                if not answer.done():
                    answer.set_exception(Closed(self.close_code))
                    answer.exception()
            async with self._news:
                self._news.notify_all()

    async def _take(self, frame: Frame) -> None:
        answer = self._replies.get(frame.get("ref") or "")
        if answer is not None and not answer.done() and frame["type"] in {"reply", "error"}:
            self.replied_at = len(self.frames)
            self._settle(answer, frame)
            return
        if "offset" in frame:
            self.positions[frame["topic"]] = {"epoch": frame["epoch"], "offset": frame["offset"]}
        if frame["type"] == "hello":
            self.hello = frame["data"]
        self.frames.append(frame)
        async with self._news:
            self._news.notify_all()

    @staticmethod
    def _settle(answer: asyncio.Future[Frame], frame: Frame) -> None:
        if frame["type"] == "reply":
            answer.set_result(frame["data"])
        else:
            answer.set_exception(Refused(frame["data"]))


@contextlib.asynccontextmanager
async def open_socket(
    url: str,
    *,
    bearer: str = "",
    ticket: str = "",
    cookie: str = "",
    origin: str = "",
    subprotocols: list[str] | None = None,
    greeted: bool | None = None,
) -> AsyncIterator[NativeSocket]:
    """Open a socket with one kind of credential (or none) and wait for `hello` when a credential was given.

    `greeted=False` does not wait, for a test that expects to be refused.
    """
    offered = [PROTOCOL] if subprotocols is None else list(subprotocols)
    offered += [f"bearer.{bearer}"] if bearer else []
    offered += [f"ticket.{ticket}"] if ticket else []
    headers = {"Cookie": cookie} if cookie else {}
    async with connect(
        url,
        subprotocols=[Subprotocol(name) for name in offered] or None,
        additional_headers=headers,
        origin=origin or None,  # type: ignore[arg-type]
        ping_interval=None,
        max_size=None,
        compression=None,
    ) as connection:
        opened = NativeSocket(connection)
        try:
            if greeted or (greeted is None and (bearer or ticket or cookie)):
                await opened.next("hello")
            yield opened
        finally:
            await opened.close()
