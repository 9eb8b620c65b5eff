"""What a broker owes the hub: never a wait, never an exception, and everything of what is followed while all is well."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import AsyncIterator, Callable

import pytest

from carillon.realtime.brokers.base import Broker
from carillon.realtime.brokers.memory import MemoryBroker
from carillon.realtime.event import Event
from carillon.realtime.topic import Topic

# One line for each broker; each has to pass everything below.
BROKERS: dict[str, Callable[[], Broker]] = {"memory": MemoryBroker}

TALK, PLAN = Topic("conversation", "1"), Topic("project", "2")
AT = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)


def event(offset: int, topic: Topic = TALK) -> Event:
    return Event(topic=topic, type="test.happened", data=b'{"n":1}', at=AT, epoch="e.0", offset=offset, revokes=("7",))


class Listener:
    """Keeps what it is handed, and waits for it."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.heard: list[Event] = []
        self.threads: set[int] = set()
        self._news = asyncio.Event()

    def __call__(self, events: object) -> None:
        assert isinstance(events, list | tuple)
        self.heard += events
        self.threads.add(threading.get_ident())
        self._news.set()

    async def has(self, count: int) -> list[Event]:
        async with asyncio.timeout(10):
            while len(self.heard) < count:
                self._news.clear()
                await self._news.wait()
        return self.heard


@pytest.fixture(params=sorted(BROKERS))
async def listener(request: pytest.FixtureRequest) -> AsyncIterator[Listener]:
    made = Listener(BROKERS[request.param]())
    await made.broker.start(made)
    yield made
    await made.broker.stop()


async def test_what_is_followed_is_handed_over_whole_and_in_order(listener: Listener) -> None:
    await listener.broker.subscribe(TALK)
    sent = [event(offset) for offset in range(1, 101)]
    for each in sent:
        listener.broker.publish([each])
    assert await listener.has(100) == sent


async def test_what_is_not_followed_is_not(listener: Listener) -> None:
    await listener.broker.subscribe(TALK)
    listener.broker.publish([event(1, PLAN), event(1), event(2, PLAN)])
    await listener.broker.subscribe(PLAN)
    listener.broker.publish([event(3, PLAN)])
    assert [(each.topic, each.offset) for each in await listener.has(2)] == [(TALK, 1), (PLAN, 3)]


async def test_it_ends_with_unsubscribing(listener: Listener) -> None:
    await listener.broker.subscribe(TALK)
    await listener.broker.subscribe(PLAN)
    await listener.broker.unsubscribe(TALK)
    listener.broker.publish([event(1), event(1, PLAN)])
    assert [each.topic for each in await listener.has(1)] == [PLAN]
    await listener.broker.unsubscribe(TALK)


async def test_any_thread_may_publish_and_the_loop_receives(listener: Listener) -> None:
    await listener.broker.subscribe(TALK)

    def publish(first: int) -> None:
        for offset in range(first, first + 100):
            listener.broker.publish([event(offset)])

    await asyncio.gather(*(asyncio.to_thread(publish, 1000 * number) for number in range(4)))
    heard = await listener.has(400)
    assert len({each.offset for each in heard}) == 400
    assert listener.threads == {threading.get_ident()}
    for number in range(4):
        mine = [each.offset for each in heard if each.offset // 1000 == number]
        assert mine == sorted(mine)


async def test_publishing_before_the_start_or_after_the_stop_is_no_error(listener: Listener) -> None:
    await listener.broker.subscribe(TALK)
    await listener.broker.stop()
    listener.broker.publish([event(1)])
    await listener.broker.start(listener)
    await listener.broker.subscribe(TALK)
    listener.broker.publish([event(2)])
    assert [each.offset for each in await listener.has(1)] == [2]


@pytest.mark.parametrize("name", sorted(BROKERS))
def test_a_loop_that_is_gone_is_no_error(name: str) -> None:
    broker = BROKERS[name]()

    async def begin() -> None:
        await broker.start(lambda events: None)
        await broker.subscribe(TALK)

    asyncio.run(begin())
    broker.publish([event(1)])
