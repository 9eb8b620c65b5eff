"""How one process listens to Redis: all that has come in one go, and never to a connection that died in silence."""

from __future__ import annotations

import asyncio
import secrets

from carillon.realtime.brokers.redis import RedisBroker
from carillon.realtime.brokers.redis.parcels import begin_of, pack, unpack
from tests.contracts.test_brokers import PLAN, TALK, Listener, _until, event
from tests.support import redis


def test_what_is_packed_comes_out_as_it_was_and_shows_who_sent_it() -> None:
    events = [event(1), event(2)]
    data = pack("one", str(TALK), events)
    assert unpack(data, {str(TALK): TALK}) == events
    assert unpack(data, {str(PLAN): PLAN}) == []
    assert data.startswith(begin_of("one")) and not data.startswith(begin_of("two"))


async def test_what_redis_brings_together_is_handed_over_together() -> None:
    prefix, taken = secrets.token_hex(4), list[list[int]]()
    here, there = (RedisBroker(redis.shared_url(), prefix) for _ in range(2))
    await here.start(lambda events: taken.append([each.offset for each in events]))
    await here.subscribe(TALK)
    await here.subscribe(PLAN)
    for offset in range(1, 101):
        there.publish([event(offset, (TALK, PLAN)[offset % 2])])
    # Meanwhile this loop reads nothing.
    there._sender.flush()
    async with asyncio.timeout(10):
        while sum(map(len, taken)) < 100:
            await asyncio.sleep(0.01)
    await here.stop()
    assert [offset for each in taken for offset in each] == list(range(1, 101))
    assert len(taken) <= 5


async def test_a_deadline_in_the_address_is_not_for_silence() -> None:
    broker = RedisBroker(f"{redis.shared_url()}?socket_timeout=0.05", secrets.token_hex(4))
    losses: list[int] = []
    await broker.start(Listener(broker), lambda: losses.append(1))
    await broker.subscribe(TALK)
    # Long enough for several deadlines: each would be a new connection.
    await asyncio.sleep(0.4)
    assert broker.is_connected and losses == [1]
    await broker.stop()


async def test_a_redis_that_goes_silent_is_given_up() -> None:
    server = redis.Server().start()
    broker = RedisBroker(server.url)
    broker.PING_EVERY = 0.1
    try:
        await broker.start(Listener(broker))
        await broker.subscribe(TALK)
        await asyncio.to_thread(server.pause)
        await _until(lambda: not broker.is_connected)
    finally:
        await asyncio.to_thread(server.resume)
        await broker.stop()
        await asyncio.to_thread(server.remove)
