"""What a broker owes the hub: never a wait, never an exception, and everything of what is followed while all is well."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
import sys
import threading
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from carillon.realtime.brokers.base import Broker, Lost, Receive
from carillon.realtime.brokers.memory import EACH_TICK, MemoryBroker
from carillon.realtime.brokers.redis import RedisBroker
from carillon.realtime.event import Event
from carillon.realtime.topic import Topic
from tests.support import processes, redis


class AcrossRedis:
    """Two processes as one broker: what one publishes is heard by the other."""

    def __init__(self, url: str) -> None:
        prefix = secrets.token_hex(4)
        self.here, self.there = (RedisBroker(url, prefix) for _ in range(2))

    async def start(self, receive: Receive, lost: Lost | None = None) -> None:
        await asyncio.to_thread(self.there._sender.flush)
        await self.here.start(receive, lost)

    async def stop(self) -> None:
        await self.here.stop()

    async def subscribe(self, topic: Topic) -> None:
        # Publishing waits for nobody; what was published before is to have passed by.
        await asyncio.to_thread(self.there._sender.flush)
        await self.here.subscribe(topic)

    async def unsubscribe(self, topic: Topic) -> None:
        await self.here.unsubscribe(topic)

    def publish(self, events: Sequence[Event]) -> None:
        self.there.publish(events)


# One line for each broker; each has to pass everything below. Those of Redis have names of their own: what an earlier test
# published late is nobody's here.
BROKERS: dict[str, Callable[[], Broker]] = {
    "memory": MemoryBroker,
    "redis": lambda: RedisBroker(redis.shared_url(), secrets.token_hex(4)),
    "redis, another process": lambda: AcrossRedis(redis.shared_url()),
    "redis cluster, another process": lambda: AcrossRedis(redis.cluster_url()),
}

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


async def test_the_loop_of_a_process_is_woken_once_for_all_that_waits() -> None:
    broker, taken = MemoryBroker(), list[list[int]]()
    await broker.start(lambda events: taken.append([each.offset for each in events]))
    await broker.subscribe(TALK)
    for first in (1, 4):
        # In this very tick, so the loop cannot take them one by one.
        for offset in range(first, first + 3):
            broker.publish([event(offset)])
        await asyncio.sleep(0)
    await broker.stop()
    assert taken == [[1, 2, 3], [4, 5, 6]]


async def test_a_crowd_of_events_leaves_the_loop_to_others_in_between() -> None:
    broker, taken = MemoryBroker(), list[int]()
    await broker.start(lambda events: taken.extend(each.offset for each in events))
    await broker.subscribe(TALK)
    broker.publish([event(offset) for offset in range(1, 2 * EACH_TICK + 2)])
    seen = []
    async with asyncio.timeout(10):
        while len(taken) <= 2 * EACH_TICK:
            await asyncio.sleep(0)
            seen.append(len(taken))
    await broker.stop()
    assert taken == sorted(taken)
    assert {EACH_TICK, 2 * EACH_TICK, 2 * EACH_TICK + 1} <= set(seen)


async def test_a_broker_that_starts_anew_on_another_loop_wakes_that_one() -> None:
    broker, taken = MemoryBroker(), list[int]()

    async def begin() -> None:
        await broker.start(lambda events: None)
        await broker.subscribe(TALK)

    await asyncio.to_thread(asyncio.run, begin())
    # Nobody takes this one: its loop is gone.
    broker.publish([event(1)])
    await broker.start(lambda events: taken.extend(each.offset for each in events))
    broker.publish([event(2)])
    async with asyncio.timeout(10):
        while 2 not in taken:
            await asyncio.sleep(0)
    await broker.stop()


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


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def _wait_until_taken(broker: RedisBroker) -> None:
    """A sender asks again a second after it met a Redis that was away."""

    def is_taken() -> bool:
        dropped = broker.dropped
        broker.publish([event(1, Topic("nobody", "0"))])
        broker._sender.flush()
        return broker.dropped == dropped

    processes.wait_for(is_taken, "Redis to take hints again")


async def test_redis_may_go_and_come_back_and_nobody_waits_for_it() -> None:
    server = redis.Server().start()
    here, there = RedisBroker(server.url), RedisBroker(server.url)
    listener, losses = Listener(here), []
    try:
        await here.start(listener, lambda: losses.append(len(listener.heard)))
        await here.subscribe(TALK)
        there.publish([event(1)])
        await listener.has(1)
        assert losses == [0], "at the start of a connection anything may have been missed"

        await asyncio.to_thread(server.kill)
        await _until(lambda: not here.is_connected)
        there.publish([event(2)])
        await asyncio.to_thread(there._sender.flush)
        assert there.dropped == 1
        here.publish([event(3)])
        await listener.has(2)
        await here.subscribe(PLAN)

        await asyncio.to_thread(server.start)
        await _until(lambda: len(losses) == 2)
        await asyncio.to_thread(_wait_until_taken, there)
        there.publish([event(4, PLAN), event(4)])
        assert [(each.topic, each.offset) for each in (await listener.has(4))[2:]] == [(PLAN, 4), (TALK, 4)]
    finally:
        await here.stop()
        await there.stop()
        await asyncio.to_thread(server.remove)


async def test_who_subscribes_while_redis_stands_still_waits_for_it_once() -> None:
    server = redis.Server().start()
    broker = RedisBroker(server.url)
    # It would be noticed, but not within this test.
    broker.PING_EVERY = 3_600.0
    listener = Listener(broker)
    try:
        await broker.start(listener)
        await broker.subscribe(TALK)
        await asyncio.to_thread(server.pause)
        # Forty deadlines would be forty seconds.
        async with asyncio.timeout(20):
            for number in range(40):
                await broker.subscribe(Topic("project", str(number)))
        await asyncio.to_thread(server.resume)
        await broker.subscribe(PLAN)
        there = RedisBroker(server.url)
        await _until(lambda: not broker._is_mute)
        await broker.subscribe(Topic("project", "0"))
        there.publish([event(1, Topic("project", "0"))])
        assert [each.offset for each in await listener.has(1)] == [1]
    finally:
        await broker.stop()
        await asyncio.to_thread(server.remove)


async def test_a_redis_that_never_was_there_delays_a_subscription_and_fails_nothing() -> None:
    broker = RedisBroker(f"redis://127.0.0.1:{processes.free_port()}/0")
    listener = Listener(broker)
    await broker.start(listener)
    await broker.subscribe(TALK)
    broker.publish([event(1)])
    assert await listener.has(1) == [event(1)]
    await broker.stop()
    assert broker.dropped == 1


async def test_databases_of_one_redis_do_not_hear_each_other() -> None:
    url, prefix = redis.shared_url(), secrets.token_hex(4)
    here, there = RedisBroker(url, prefix), RedisBroker(url.rsplit("/", 1)[0] + "/1", prefix)
    listener = Listener(here)
    await here.start(listener)
    await here.subscribe(TALK)
    there.publish([event(1)])
    await asyncio.to_thread(there._sender.flush)
    here.publish([event(2)])
    assert await listener.has(1) == [event(2)]
    await here.stop()


_AND_ENDS = """
import datetime as dt, sys
from carillon.realtime.brokers.redis import RedisBroker
from carillon.realtime.event import Event
from carillon.realtime.topic import Topic
at = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)
RedisBroker(sys.argv[1]).publish([Event(topic=Topic("conversation", "1"), type="test.happened", data=b"{}", at=at, offset=9)])
"""


async def test_a_process_that_publishes_and_ends_is_heard() -> None:
    broker = RedisBroker(redis.shared_url())
    listener = Listener(broker)
    await broker.start(listener)
    await broker.subscribe(TALK)
    done = await asyncio.create_subprocess_exec(sys.executable, "-c", _AND_ENDS, redis.shared_url())
    assert await done.wait() == 0
    assert [each.offset for each in await listener.has(1)] == [9]
    await broker.stop()
