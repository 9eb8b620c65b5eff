"""One hub over a fake log and a broker moved by hand."""

from __future__ import annotations

from typing import Any

from carillon.realtime.connection import Connection
from carillon.realtime.event import Event, Position
from carillon.realtime.feed import Subscription
from carillon.realtime.hub import Hub
from carillon.realtime.topic import Access, Topic
from tests.kernel.fakes import FakeLog, ManualBroker, connection
from tests.kernel.virtual_time import VirtualLoop

TALK = Topic("conversation", "1")


class Node:
    """One hub over a fake log and broker."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.loop, self.log, self.broker = loop, FakeLog(), ManualBroker()
        self.hub = Hub(self.log, self.broker, linger=10.0)
        loop.do(self.broker.start(self.hub.receive))

    async def follow(
        self, made: Connection, topic: Topic = TALK, position: Position | None = None, grant: Access | None = None
    ) -> Subscription | None:
        async def access() -> Access | None:
            return grant or Access()

        subscription = await self.hub.attach(made, topic, position, access)
        if subscription is not None:
            await self.hub.replay(subscription)
        return subscription

    def join(
        self, person: str = "alice", topic: Topic = TALK, position: Position | None = None, **more: Any
    ) -> Connection:
        made = connection(person, **more)
        self.loop.do(self.follow(made, topic, position))
        return made

    def append(self, count: int = 1, topic: Topic = TALK) -> list[Event]:
        return [self.log.append(topic) for _ in range(count)]

    def hint(self, *events: Event) -> None:
        for event in events:
            self.loop.call(self.broker.publish, [event])

    def sweep(self) -> None:
        self.loop.do(self.hub.sweep())
        self.loop.settle()


def frames(made: Connection) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = made.outbound.frames  # type: ignore[attr-defined]
    return found
