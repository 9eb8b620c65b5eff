"""The broker of a single process: events go straight to the hub's loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence

from carillon.realtime.brokers.base import Lost, Receive
from carillon.realtime.event import Event
from carillon.realtime.topic import Topic

# Events that are handed over in one tick of the loop; more are some ticks' work.
EACH_TICK = 256


class MemoryBroker:
    """Hands events to the hub of this process, in the order of publication; reaches no other process."""

    is_connected = True
    dropped = 0

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._receive: Receive | None = None
        self._topics: set[Topic] = set()
        self._inbound: deque[Event] = deque()
        # Whether the loop was told: it is woken once for all that waits.
        self._is_due = False

    async def start(self, receive: Receive, lost: Lost | None = None) -> None:
        self._is_due = False
        self._loop, self._receive = asyncio.get_running_loop(), receive

    async def stop(self) -> None:
        self._loop, self._receive = None, None
        self._topics.clear()
        self._inbound.clear()

    async def subscribe(self, topic: Topic) -> None:
        self._topics.add(topic)

    async def unsubscribe(self, topic: Topic) -> None:
        self._topics.discard(topic)

    def publish(self, events: Sequence[Event]) -> None:
        topics, loop = self._topics, self._loop
        wanted = [event for event in events if event.topic in topics]
        if not wanted or loop is None:
            return
        self._inbound.extend(wanted)
        if self._is_due:
            return
        self._is_due = True
        # A loop that closes between the two lines is no loss: the sweep of another process, or the next resume, reads the log.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._drain)

    def _drain(self) -> None:
        # Before it looks: who adds one after the last look tells the loop anew.
        self._is_due = False
        inbound, receive = self._inbound, self._receive
        if receive is None or not inbound:
            return
        events = [inbound.popleft() for _ in range(min(len(inbound), EACH_TICK))]
        if inbound and not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._drain)
        receive(events)
