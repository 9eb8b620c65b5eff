"""A person's device: follows conversations live, comes back from old positions, and keeps all that it was ever shown."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rest_framework.test import APIClient

from carillon.realtime import runtime
from tests.e2e.talk.line import Frame, Line, Refused

_MOST_TRIES = 50


@dataclass
class Stay:
    """One subscription: asked for after `given`, begun after `start`, and what came of it."""

    given: int
    start: int
    offsets: list[int] = field(default_factory=list)
    is_cut: bool = False
    is_over: bool = False
    # When it was cut, by the clock that is never set.
    cut_at: float = 0.0

    @property
    def last(self) -> int:
        """How far it came."""
        return self.offsets[-1] if self.offsets else self.start


class Device:
    """One device of a person, over any number of connections; what it keeps is of one conversation at a time."""

    def __init__(self, user: Any) -> None:
        self.user, self.person = user, str(user.pk)
        self.client = APIClient()
        self.client.force_authenticate(user)
        # How often the server could not answer.
        self.put_off: Counter[str] = Counter()
        self._line: Line | None = None
        self._turn = asyncio.Lock()
        self.watch(0)

    def watch(self, conversation: int) -> None:
        """Begin to keep what is shown of this conversation, and forget all others."""
        self.conversation, self.topic = conversation, f"conversation:{conversation}"
        self.position: Frame | None = None
        self.stays: list[Stay] = []
        self.known: dict[int, str] = {}
        self.read: set[int] = set()
        self.entries: list[Frame] = []

    @property
    def stay(self) -> Stay | None:
        """The subscription that goes on now."""
        return self.stays[-1] if self.stays and not self.stays[-1].is_over else None

    # Sockets.

    async def connect(self) -> None:
        """Open a socket in place of the one that was there."""
        async with self._turn:
            await self._disconnect()
            self._line = Line(self.user, self._hear)
            await self._line.open()

    async def disconnect(self) -> None:
        """Go."""
        async with self._turn:
            await self._disconnect()

    async def _disconnect(self) -> None:
        if self._line is not None:
            self._end()
            # What is still on its way belongs to nobody.
            self._line._hear = lambda _: None
            await self._line.close()
            self._line = None

    async def come(self) -> bool:
        """Follow the conversation from the position that is known, else from a snapshot; says whether one may."""
        async with self._turn:
            if self._line is None:
                self._line = Line(self.user, self._hear)
                await self._line.open()
            if self.position is None and not await self.look():
                return False
            given = self.position
            assert given is not None

            def begin(told: Frame) -> None:
                self._end()
                self.stays.append(Stay(given["offset"], told["position"]["offset"]))

            return await self._subscribe(self._line, {"topic": self.topic, "position": given}, begin)

    async def _subscribe(self, line: Line, data: Frame, begin: Callable[[Frame], None]) -> bool:
        """Ask until there is an answer, as clients do."""
        for _ in range(_MOST_TRIES):
            try:
                await line.command("subscribe", data, begin)
            except Refused as refused:
                # Whatever was followed before ended with the question.
                self._end()
                if refused.code == "not_found":
                    return False
                self.put_off[refused.code] += 1
                await asyncio.sleep(0.1)
            else:
                return True
        raise AssertionError(f"{self.person} cannot follow {self.topic}: {self.put_off}")

    async def go(self) -> None:
        """Follow it no more."""
        async with self._turn:
            if self._line is not None:
                await self._line.command("unsubscribe", {"topic": self.topic}, lambda _: self._end())

    def _end(self) -> None:
        if self.stay is not None:
            self.stay.is_over = True

    def _hear(self, frame: Frame) -> None:
        if frame["type"] == "conversation.touched":
            entry = frame["data"]["entry"]
            if entry["conversation"]["id"] == self.conversation:
                self.entries.append(entry)
        elif frame.get("topic") == self.topic and "offset" in frame:
            self._follow(frame)
        elif frame["type"] == "error" and frame["data"].get("topic") == self.topic and self.stay is not None:
            self.stay.cut_at = time.monotonic()
            self.stay.is_cut = self.stay.is_over = True

    def _follow(self, frame: Frame) -> None:
        # What comes with no subscription is kept too: the judge is to see it.
        stay = self.stay or self.stays[-1]
        stay.offsets.append(frame["offset"])
        self.position = {"epoch": frame["epoch"], "offset": frame["offset"]}
        if frame["type"] == "message.sent":
            self.known[frame["data"]["message"]["seq"]] = frame["data"]["message"]["content"]

    # REST.

    async def look(self) -> bool:
        """Fetch the messages; without a position their snapshot gives one. Says whether one may."""
        found = await self._get(f"/api/v1/conversations/{self.conversation}/messages/?limit=100")
        if found is None:
            return False
        self.read.update(message["seq"] for message in found["results"])
        self.known.update({message["seq"]: message["content"] for message in found["results"]})
        self.position = self.position or found["position"]
        return True

    async def list(self) -> Frame | None:
        """Fetch the line of the list, if there is one."""
        found = await self._get("/api/v1/conversations/?limit=100")
        mine = [
            entry for entry in (found or {"results": []})["results"] if entry["conversation"]["id"] == self.conversation
        ]
        self.entries += mine
        return mine[0] if mine else None

    async def _get(self, path: str) -> Frame | None:
        answer = await runtime.current().call(self.client.get, path)
        assert answer.status_code in (200, 404), (path, answer.status_code, answer.content)
        found: Frame = answer.json()
        return found if answer.status_code == 200 else None
