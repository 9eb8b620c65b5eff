"""Brokers that lose, double and delay hints, as a seed has it; named by the setting BROKER of a server under faults."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Sequence

from carillon.conf import settings
from carillon.realtime.brokers.base import Broker, Lost, Receive
from carillon.realtime.brokers.memory import MemoryBroker
from carillon.realtime.brokers.redis import RedisBroker
from carillon.realtime.event import Event
from carillon.realtime.topic import Topic


class Shim:
    """The broker that the server would have, behind a bad line.

    FAULTS_HINTS is `lost,doubled,reordered`, each a share between 0 and 1; FAULTS_SEED repeats a run.
    """

    def __init__(self) -> None:
        self._inner: Broker = RedisBroker(settings.REDIS_URL) if settings.REDIS_URL else MemoryBroker()
        self._lost, self._doubled, self._reordered = (float(part) for part in os.environ["FAULTS_HINTS"].split(","))
        self._chance = random.Random(os.environ.get("FAULTS_SEED", "0"))
        self._lock = threading.Lock()
        self._late: list[Event] = []

    @property
    def is_connected(self) -> bool:
        return self._inner.is_connected

    @property
    def dropped(self) -> int:
        return self._inner.dropped

    async def start(self, receive: Receive, lost: Lost | None = None) -> None:
        await self._inner.start(receive, lost)

    async def stop(self) -> None:
        await self._inner.stop()

    async def subscribe(self, topic: Topic) -> None:
        await self._inner.subscribe(topic)

    async def unsubscribe(self, topic: Topic) -> None:
        await self._inner.unsubscribe(topic)

    def publish(self, events: Sequence[Event]) -> None:
        with self._lock:
            passed = [again for event in events for again in self._fate(event)]
        self._inner.publish(passed)

    def _fate(self, event: Event) -> list[Event]:
        """What goes on now: nothing, the event once or twice, or what was kept back and the event before it."""
        if self._chance.random() < self._lost:
            return []
        if self._chance.random() < self._reordered:
            self._late.append(event)
            return []
        late, self._late = self._late, []
        return [event, *late, *([event] if self._chance.random() < self._doubled else [])]
