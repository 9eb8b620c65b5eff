"""Ten thousand positions of every kind, against the real log and a hub (GUARANTEES R19): each has its one documented outcome."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from carillon.realtime import log
from carillon.realtime.event import Head, Position, Slice
from carillon.realtime.hub import Hub
from carillon.realtime.outbox import outbox
from carillon.realtime.topic import Access, Topic
from tests.contracts.facts import Happened
from tests.e2e.faults import plans
from tests.kernel.fakes import ManualBroker, connection
from tests.kernel.virtual_time import VirtualLoop

CASES = 10_000
TOPICS = [Topic("talk", str(number)) for number in range(12)]
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class BlockingLog:
    """The real log, read in a thread that everybody waits for: the loop's time stands still anyway."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1)

    async def heads(self, topics: Sequence[Topic]) -> dict[Topic, Head]:
        return self._pool.submit(log.heads, topics).result()

    async def read(self, topic: Topic, after: int, limit: int) -> Slice:
        return self._pool.submit(log.read, topic, after, limit).result()

    def close(self) -> None:
        """Give the thread's connection back."""
        self._pool.submit(connections.close_all).result()
        self._pool.shutdown()


class Model:
    """What the log must be like, told in the plainest words."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.heads = dict.fromkeys(TOPICS, 0)
        self.floors = dict.fromkeys(TOPICS, 0)
        self.epochs: dict[Topic, str] = {}
        self.past: set[str] = {""}

    def disturb(self) -> None:
        """Events come; the log is trimmed, a topic is deleted, or the database comes from a backup."""
        with outbox() as publish:
            for topic in TOPICS:
                count = self.chance.randint(0, 6)
                for _ in range(count):
                    publish(topic, Happened(n=0, text=""))
                self.heads[topic] += count
        what = self.chance.choice(("trim", "trim", "delete", "restore", ""))
        if what == "trim":
            keep = self.chance.randint(0, 10)
            log.trim(LONG_AGO, keep)
            self.floors = {topic: max(self.floors[topic], self.heads[topic] - keep) for topic in TOPICS}
        elif what == "delete":
            topic = self.chance.choice(TOPICS)
            self.past.add(log.head(topic).epoch)
            log.delete_topic(topic)
            self.heads[topic] = self.floors[topic] = 0
        elif what == "restore":
            self.past |= {log.head(topic).epoch for topic in TOPICS}
            log.bump_epoch()
        self.epochs = {topic: head.epoch for topic, head in log.heads(TOPICS).items()}

    def case(self) -> tuple[Topic, Position]:
        """A topic and a position, most often near a border."""
        topic = self.chance.choice(TOPICS)
        floor, head = self.floors[topic], self.heads[topic]
        offset = self.chance.choice(
            (floor - 1, floor, floor + 1, head - 1, head, head + 1, 2**53 - 1, self.chance.randint(0, head))
        )
        epoch = self.chance.choice(sorted(self.past)) if self.chance.random() < 0.2 else self.epochs[topic]
        return topic, Position(epoch, max(0, offset))

    def outcome(self, topic: Topic, position: Position) -> str | list[int]:
        """Why one cannot resume, or the offsets that one gets."""
        if position.epoch != self.epochs[topic]:
            return "epoch"
        if position.offset > self.heads[topic]:
            return "ahead"
        if position.offset < self.floors[topic]:
            return "too_old"
        return list(range(position.offset + 1, self.heads[topic] + 1))


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    made = VirtualLoop()
    yield made
    made.finish()


@pytest.fixture
def reader() -> Iterator[BlockingLog]:
    made = BlockingLog()
    yield made
    made.close()


async def _follow(hub: Hub, topic: Topic, position: Position) -> list[dict[str, Any]]:
    async def access() -> Access:
        return Access()

    made = connection()
    subscription = await hub.attach(made, topic, position, access)
    if subscription is not None:
        await hub.replay(subscription)
    hub.detach_all(made)
    frames: list[dict[str, Any]] = made.outbound.frames  # type: ignore[attr-defined]
    return frames


@pytest.mark.django_db(transaction=True)
def test_every_position_has_its_one_outcome(loop: VirtualLoop, reader: BlockingLog) -> None:
    seed = plans.seed()
    model, seen = Model(random.Random(f"{seed}/R19")), Counter[str]()
    broker = ManualBroker()
    hub = Hub(reader, broker)  # type: ignore[arg-type]
    loop.do(broker.start(hub.receive))
    for number in range(CASES):
        if number % 100 == 0:
            model.disturb()
        topic, position = model.case()
        expected = model.outcome(topic, position)
        frames = loop.do(_follow(hub, topic, position))
        told = [frame["reason"] for frame in frames if frame["type"] == "resync"]
        got: str | list[int] = told[0] if told else [frame["offset"] for frame in frames]
        assert got == expected, f"{plans.SEED}={seed}, case {number}: {topic} from {position}"
        seen[expected if isinstance(expected, str) else "resumed"] += 1
    assert min(seen[what] for what in ("epoch", "ahead", "too_old", "resumed")) > CASES / 20, seen
