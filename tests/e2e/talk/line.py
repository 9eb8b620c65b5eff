"""A socket in this process, without a network; and a broker on which nobody can rely."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from collections.abc import Callable, Sequence
from typing import Any

from carillon.realtime.brokers.memory import MemoryBroker
from carillon.realtime.endpoint import endpoint
from carillon.realtime.event import Event

PATIENCE = 30.0
Frame = dict[str, Any]


class Refused(Exception):
    """A command was answered with an error of this slug."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Line:
    """One open socket of the real endpoint; `hear` gets every frame that is no answer, in order."""

    def __init__(self, user: Any, hear: Callable[[Frame], None]) -> None:
        self._hear = hear
        self._scope = {
            "type": "websocket",
            "path": "/ws/",
            "raw_path": b"/ws/",
            "root_path": "",
            "scheme": "ws",
            "query_string": b"",
            "headers": [],
            "subprotocols": ["carillon.v1"],
            "client": ("127.0.0.1", 1),
            "server": ("testserver", 80),
            "user": user,
        }
        self._inbound: asyncio.Queue[Frame] = asyncio.Queue()
        self._answers: dict[str, tuple[asyncio.Future[Frame], Callable[[Frame], None] | None]] = {}
        self._refs = itertools.count(1)
        self._hello: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Come in; returns when the server has said hello."""
        self._inbound.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(endpoint(self._scope, self._inbound.get, self._take))
        async with asyncio.timeout(PATIENCE):
            await self._hello

    async def command(self, kind: str, data: Frame, then: Callable[[Frame], None] | None = None) -> Frame:
        """Send a command and return the data of its reply; `then` gets it before any frame that follows. Raises Refused."""
        ref = f"c{next(self._refs)}"
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._answers[ref] = (answer, then)
        frame = json.dumps({"type": kind, "ref": ref, "data": data})
        self._inbound.put_nowait({"type": "websocket.receive", "text": frame})
        async with asyncio.timeout(PATIENCE):
            return await answer

    async def close(self) -> None:
        """Leave, and wait until the server has noticed."""
        self._inbound.put_nowait({"type": "websocket.disconnect", "code": 1000})
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=PATIENCE)

    async def _take(self, message: Frame) -> None:
        if message["type"] != "websocket.send":
            return
        frame = json.loads(message.get("text") or message["bytes"])
        answer, then = self._answers.pop(frame.get("ref") or "", (None, None))
        if answer is not None:
            self._settle(answer, then, frame)
        elif frame["type"] == "hello":
            self._hello.set_result(None)
        else:
            self._hear(frame)

    @staticmethod
    def _settle(answer: asyncio.Future[Frame], then: Callable[[Frame], None] | None, frame: Frame) -> None:
        if frame["type"] == "error":
            answer.set_exception(Refused(frame["data"]["code"]))
            return
        if then is not None:
            then(frame["data"])
        if not answer.done():
            answer.set_result(frame["data"])


class FickleBroker(MemoryBroker):
    """Brings hints late, twice, or not at all; where `is_down`, none, and where it is not `is_fickle`, all at once."""

    chance = random.Random(0)
    is_down = False
    is_fickle = True

    def publish(self, events: Sequence[Event]) -> None:
        """Let each event meet its fate."""
        loop = self._loop
        if not self.is_fickle and not self.is_down:
            super().publish(events)
            return
        for event in () if self.is_down or loop is None else events:
            fate = self.chance.random()
            if fate < 0.7:
                super().publish([event])
            if 0.6 < fate < 0.85 and loop is not None and not loop.is_closed():
                loop.call_soon_threadsafe(loop.call_later, fate / 40, super().publish, [event])
