"""Any interleaving of writes, lost hints, reconnections, trims and withdrawals keeps the promises G2, G3, G4 and G11."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from carillon.realtime.event import Position
from carillon.realtime.feed import Subscription
from carillon.realtime.hub import Hub
from carillon.realtime.topic import Access, Topic
from tests.kernel.crowd import PEOPLE, TOPICS, Client, SmallHub, World

EXAMPLES, STEPS = 400, 50
FATES = st.lists(st.sampled_from(["now", "now", "twice", "later", "lost"]), min_size=2, max_size=2)
NUMBERS = st.integers(0, 2)
topics = st.sampled_from(TOPICS)


class Delivery(RuleBasedStateMachine):
    """The kernel with its promises; `hub` may be replaced by one with a fault."""

    hub: type[Hub] = SmallHub
    seen: Counter[str] = Counter()

    @initialize(nodes=st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 1)))
    def open(self, nodes: tuple[int, ...]) -> None:
        self.world = World(self.hub)
        for client, node in zip(self.world.clients, nodes, strict=True):
            client.come_back(node)

    @rule(topic=topics, fates=FATES)
    def publish(self, topic: Topic, fates: list[str]) -> None:
        self.world.commit(topic, fates)

    @rule(topic=topics, fates=st.lists(FATES, min_size=2, max_size=5))
    def publish_a_few(self, topic: Topic, fates: list[list[str]]) -> None:
        for each in fates:
            self.world.commit(topic, each)

    @rule(topic=topics, fates=st.lists(FATES, min_size=6, max_size=12))
    def publish_many(self, topic: Topic, fates: list[list[str]]) -> None:
        for each in fates:
            self.world.commit(topic, each)

    @precondition(lambda self: bool(self.world.under_way))
    @rule(number=st.integers(0, 30), again=st.booleans())
    def hint_arrives(self, number: int, again: bool) -> None:
        under_way = self.world.under_way
        place = number % len(under_way)
        node, event = under_way[place] if again else under_way.pop(place)
        self.world.hint(node, event)

    @rule(number=NUMBERS, node=st.integers(0, 1))
    def come_back(self, number: int, node: int) -> None:
        self.world.clients[number].come_back(node)

    @rule(node=st.integers(0, 1))
    def everybody_comes_back(self, node: int) -> None:
        for client in self.world.clients:
            client.come_back(node)

    @rule(number=NUMBERS, node=st.integers(0, 1))
    def move(self, number: int, node: int) -> None:
        self.world.clients[number].connect(node)
        self.world.clients[number].come_back(node)

    @rule(number=NUMBERS)
    def disconnect(self, number: int) -> None:
        self.world.clients[number].disconnect()

    @rule(number=NUMBERS, topic=topics, from_position=st.booleans())
    def subscribe(self, number: int, topic: Topic, from_position: bool) -> None:
        if (client := self._free(number)) is not None:
            client.subscribe(topic, from_position=from_position)

    @rule(number=NUMBERS, topic=topics)
    def unsubscribe(self, number: int, topic: Topic) -> None:
        if (client := self._free(number)) is not None:
            client.unsubscribe(topic)

    @rule(number=NUMBERS)
    def stop_reading(self, number: int) -> None:
        self.world.clients[number].stop_reading()

    @rule(number=NUMBERS)
    def read_on(self, number: int) -> None:
        self.world.clients[number].read_on()

    @rule(topic=topics, what=st.sampled_from(["trim"] * 6 + ["delete", "epoch"]), keep=st.integers(0, 4))
    def disturb(self, topic: Topic, what: str, keep: int) -> None:
        if what == "trim":
            self.world.log.trim(topic, keep)
        elif what == "delete":
            self.world.delete(topic)
        else:
            self.world.log.epoch += "x"

    @rule(topic=topics, person=st.sampled_from(PEOPLE), fates=FATES)
    def revoke(self, topic: Topic, person: str, fates: list[str]) -> None:
        self.world.revoke(topic, person, fates)

    @rule(topic=topics, person=st.sampled_from(PEOPLE))
    def grant(self, topic: Topic, person: str) -> None:
        self.world.grant(topic, person)

    @rule(person=st.sampled_from(PEOPLE))
    def grant_all(self, person: str) -> None:
        for topic in TOPICS:
            self.world.grant(topic, person)

    @rule(node=st.integers(0, 1))
    def sweep(self, node: int) -> None:
        self.world.loop.begin(self.world.nodes[node][0].sweep())

    @rule(seconds=st.sampled_from([0.001, 0.006, 0.012, 0.2, 11.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.loop.advance(seconds)

    @rule(seconds=st.sampled_from([0.0, 0.002, 0.03]))
    def the_database_takes(self, seconds: float) -> None:
        self.world.log.latency = seconds

    @rule()
    def a_read_fails(self) -> None:
        self.world.log.failures += 1

    @invariant()
    def ends_are_noticed(self) -> None:
        for client in self._clients():
            client.notice_end()

    @invariant()
    def nothing_fails(self) -> None:
        for client in self._clients():
            if client.work is not None and client.work.done() and not client.work.cancelled():
                client.work.result()
        if self._clients():
            assert not self.world.violations, self.world.violations
            assert not self.world.loop.failures, self.world.loop.failures

    def teardown(self) -> None:
        if not self._clients():
            return
        try:
            self.world.calm_down()
            self.ends_are_noticed()
            self.nothing_fails()
            for client in self._clients():
                client.check_is_up_to_date()
            for client in self._clients():
                for topic in client.positions:
                    client.catch_up(topic)
                    client.notice_end()
                client.check_is_up_to_date()
            self.nothing_fails()
        finally:
            self.seen.update(self.world.seen)
            self.world.loop.finish()

    def _clients(self) -> list[Client]:
        return self.world.clients if hasattr(self, "world") else []

    def _free(self, number: int) -> Client | None:
        client = self.world.clients[number]
        return client if client.connection is not None and not client.is_busy else None


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """The database goes away thousands of times here, and each time the log tells."""
    caplog.set_level(logging.CRITICAL)


def _run(machine: type[Delivery], examples: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate] if machine is not Delivery else [Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_every_offset_once_in_order_and_gaps_told() -> None:
    Delivery.seen.clear()
    _run(Delivery, EXAMPLES)
    # A run in which nothing happens would prove nothing.
    least = {"events": 4000, "replays": 500, "epoch": 100, "too_old": 100, "forbidden": 100, "session_revoked": 50}
    assert not {what: Delivery.seen[what] for what, count in least.items() if Delivery.seen[what] < count}


class ReadsBeforeItBuffers(SmallHub):
    """The classic fault: the log is read first, and what is committed before buffering begins is lost."""

    async def _admit(self, feed: Any, subscription: Subscription, *rest: Any) -> bool:
        feed.wait_no_more_for(subscription)
        is_accepted = await super()._admit(feed, subscription, *rest)
        feed.wait_for(subscription)
        subscription.buffer.clear()
        subscription.epoch, feed_last = feed.epoch, feed.last
        subscription.last = subscription.last if rest[0] is not None else feed_last
        return is_accepted

    async def _go_live(self, feed: Any, subscription: Subscription) -> bool:
        feed.go_live(subscription)
        return True


class GoesLiveAhead(SmallHub):
    """The log was ahead of the feed: what was replayed comes again."""

    async def _go_live(self, feed: Any, subscription: Subscription) -> bool:
        while subscription.buffer:
            await self._send_paced(feed, subscription, subscription.buffer.popleft())
        feed.go_live(subscription)
        return True


class TrustsEveryGrant(SmallHub):
    """Access is checked when a subscription begins, and never again."""

    def _cut(self, feed: Any, subscription: Subscription) -> None:
        return


class NeverSweeps(SmallHub):
    """The broker is taken at its word."""

    async def sweep(self) -> None:
        await asyncio.sleep(0)


class HidesTheEpoch(SmallHub):
    """A void position is taken for the end of the log."""

    async def attach(
        self, connection: Any, topic: Topic, position: Position | None, access: Callable[[], Any]
    ) -> Subscription | None:
        async def anyway() -> Access | None:
            grant: Access | None = await access()
            return grant

        return await super().attach(connection, topic, None, anyway)


@pytest.mark.parametrize("fault", [ReadsBeforeItBuffers, GoesLiveAhead, TrustsEveryGrant, NeverSweeps, HidesTheEpoch])
def test_the_model_finds_a_fault(fault: type[Hub]) -> None:
    machine = type(f"Delivery{fault.__name__}", (Delivery,), {"hub": fault})
    with pytest.raises(AssertionError):
        _run(machine, 200)
