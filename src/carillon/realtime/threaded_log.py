"""The log as the hub reads it: in threads of ours, and what many sockets look up at once in one statement."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from carillon.realtime import log
from carillon.realtime.batches import Batches
from carillon.realtime.event import Head, Slice
from carillon.realtime.topic import Topic

HEADS_AT_ONCE = 256


class ThreadedLog:
    """Reads of the event log by `call`, which runs them in a thread."""

    def __init__(self, call: Callable[..., Awaitable[Any]]) -> None:
        self._call = call
        self._single = Batches(self._look, size=HEADS_AT_ONCE, at_once=1)

    async def heads(self, topics: Sequence[Topic]) -> dict[Topic, Head]:
        """The state of many topics."""
        if len(topics) == 1:
            return {topics[0]: await self._single.ask(topics[0])}
        found: dict[Topic, Head] = await self._call(log.heads, topics)
        return found

    async def read(self, topic: Topic, after: int, limit: int) -> Slice:
        """The events after an offset."""
        page: Slice = await self._call(log.read, topic, after, limit)
        return page

    async def close(self) -> None:
        """Look at nothing any more."""
        await self._single.close()

    async def _look(self, topics: list[Topic]) -> list[Head]:
        found = await self._call(log.heads, list(set(topics)))
        return [found[topic] for topic in topics]
