"""A crowd that resumes at once: one read and one encoding for all, and each client for itself all the same."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from carillon.realtime.connection import Connection
from carillon.realtime.event import Position
from carillon.realtime.feed import Subscription
from carillon.realtime.hub import EACH_TICK, Hub
from carillon.realtime.topic import Access
from tests.kernel.fakes import FakeDialect, RecordingOutbound, connection, offsets
from tests.kernel.node import TALK, Node, frames
from tests.kernel.virtual_time import VirtualLoop

START = Position("e.0", 0)


def crowd(node: Node, count: int, *positions: int, **more: Any) -> tuple[list[Connection], list[asyncio.Task[Any]]]:
    """So many clients that come back at the same moment, from these positions in turn."""
    made = [connection(f"p{number}", **more) for number in range(count)]
    begun = [
        node.loop.create_task(
            node.follow(each, position=Position("e.0", (positions or (0,))[number % len(positions or (0,))]))
        )
        for number, each in enumerate(made)
    ]
    node.loop.settle()
    return made, begun


# One read, one encoding.


def test_a_crowd_is_read_for_once_and_encoded_for_once(node: Node) -> None:
    node.append(30)
    node.log.latency = 0.01
    one, other = FakeDialect("one"), FakeDialect("other")
    ones, _ = crowd(node, 40, dialect=one)
    others, _ = crowd(node, 40, dialect=other)
    node.loop.advance(1)
    assert len(node.log.reads) == 1
    assert (one.encoded, other.encoded) == (30, 30)
    assert all(offsets(each, TALK) == list(range(1, 31)) for each in ones + others)
    assert node.hub.replays_waiting == 0


def test_those_who_are_a_little_further_share_it(node: Node) -> None:
    node.append(30)
    node.log.latency = 0.01
    dialect = FakeDialect()
    made, _ = crowd(node, 40, *range(20), dialect=dialect)
    node.loop.advance(1)
    assert len(node.log.reads) == 1
    assert dialect.encoded == 30
    assert [offsets(each, TALK)[0] for each in made] == [*range(1, 21)] * 2
    assert all(offsets(each, TALK)[-1] == 30 for each in made)


def test_those_who_are_behind_the_first_get_all_of_theirs(node: Node) -> None:
    node.append(30)
    node.log.latency = 0.01
    made, _ = crowd(node, 40, *range(29, -1, -1))
    node.loop.advance(1)
    assert [offsets(each, TALK) for each in made] == [list(range(30 - number % 30, 31)) for number in range(len(made))]


def test_who_missed_nothing_shares_it_too(node: Node) -> None:
    node.append(5)
    node.log.latency = 0.01
    made, _ = crowd(node, 20, 5)
    node.loop.advance(1)
    assert len(node.log.reads) == 1
    node.hint(*node.append())
    assert all(offsets(each, TALK) == [6] for each in made)


def test_deep_replays_share_every_page(node: Node) -> None:
    node.append(3 * node.hub.PAGE + 7)
    node.log.latency = 0.01
    made, _ = crowd(node, 10)
    node.loop.advance(5)
    assert [after for _, after in node.log.reads] == [number * node.hub.PAGE for number in range(4)]
    assert all(offsets(each, TALK) == list(range(1, 3 * node.hub.PAGE + 8)) for each in made)


@pytest.mark.parametrize("moment", [0.0, 0.01, 0.03, 0.04, 0.06, 0.07, 0.09, 0.12])
@pytest.mark.parametrize("is_hinted", [True, False])
def test_what_is_committed_meanwhile_comes_once_to_everybody(loop: VirtualLoop, moment: float, is_hinted: bool) -> None:
    node = Node(loop)
    node.append(10)
    node.log.latency = 0.02
    made, _ = crowd(node, 12, 0, 3, 10)
    loop.advance(moment)
    late, _ = crowd(node, 6, 1, 9)
    events = node.append(3)
    if is_hinted:
        node.hint(*events)
    loop.advance(1)
    loop.begin(node.hub.sweep())
    loop.advance(1)
    starts = [0, 3, 10] * 4 + [1, 9] * 3
    assert [offsets(each, TALK) for each in made + late] == [list(range(start + 1, 14)) for start in starts]


def test_what_was_delivered_meanwhile_needs_no_other_read(node: Node) -> None:
    node.append(3)
    alice, bruno = connection("alice"), connection("bruno")
    alice.outbound.pause()  # type: ignore[attr-defined]
    node.loop.begin(node.follow(alice, position=START))
    node.hint(*node.append(4))
    node.loop.do(node.follow(bruno, position=Position("e.0", 1)))
    assert offsets(bruno, TALK) == [2, 3, 4, 5, 6, 7]
    assert len(node.log.reads) == 1


def test_nothing_is_kept_once_nobody_resumes(node: Node) -> None:
    node.append(10)
    alice = connection("alice")
    alice.outbound.pause()  # type: ignore[attr-defined]
    node.loop.begin(node.follow(alice, position=START))
    node.join("bruno", position=START)
    assert node.hub.feeds[TALK].recent is not None
    node.loop.call(node.hub.detach_all, alice)
    assert node.hub.feeds[TALK].recent is None


def test_what_is_kept_is_bounded(node: Node) -> None:
    for _ in range(40):
        node.log.append(TALK, size=100_000)
    paused = connection("paused")
    paused.outbound.pause()  # type: ignore[attr-defined]
    node.loop.begin(node.follow(paused, position=START))
    recent = node.hub.feeds[TALK].recent
    assert recent is not None
    assert len(recent.after(Position("e.0", 35), 40) or ()) == 5
    assert recent.after(Position("e.0", 34), 40) is None
    node.hint(node.log.append(TALK, size=100_000))
    assert len(recent.after(Position("e.0", 36), 40) or ()) == 5
    # Who is further behind has it read.
    others, _ = crowd(node, 5, 0, 38)
    assert [offsets(each, TALK)[0] for each in others] == [1, 39, 1, 39, 1]
    assert all(offsets(each, TALK)[-1] == 41 for each in others)


# Each for itself.


def test_a_withdrawal_in_the_middle_of_a_shared_page_cuts_there(node: Node) -> None:
    node.append(3)
    node.log.latency = 0.01
    alice, bruno = connection("alice"), connection("bruno")

    async def follow(made: Connection) -> None:
        async def access() -> Access:
            # What is withdrawn from now on was not known when the answer was yes.
            if made is alice:
                node.log.append(TALK, revokes=["alice"])
                node.append(3)
            return Access()

        subscription = await node.hub.attach(made, TALK, START, access)
        assert subscription is not None
        await node.hub.replay(subscription)

    tasks = [node.loop.begin(follow(made)) for made in (alice, bruno)]
    node.loop.advance(1)
    assert all(task.done() for task in tasks)
    # Once for both of them, once for the feed.
    assert [after for _, after in node.log.reads] == [0, 3]
    assert (offsets(alice, TALK), offsets(bruno, TALK)) == ([1, 2, 3, 4], [1, 2, 3, 4, 5, 6, 7])
    assert frames(alice)[-1]["code"] == "forbidden"
    assert TALK not in alice.subscriptions
    node.hint(*node.append())
    assert (offsets(alice, TALK)[-1], offsets(bruno, TALK)[-1]) == (4, 8)


def test_everybody_sees_from_where_they_were_let_in(node: Node) -> None:
    node.append(9)
    node.log.latency = 0.01
    alice, bruno = connection("alice"), connection("bruno")
    for made, grant in ((alice, Access()), (bruno, Access(visible_from=6))):
        node.loop.begin(node.follow(made, position=Position("e.0", 2), grant=grant))
    node.loop.advance(1)
    assert (offsets(alice, TALK), offsets(bruno, TALK)) == ([3, 4, 5, 6, 7, 8, 9], [7, 8, 9])


def test_a_void_position_is_told_to_each_of_a_crowd(node: Node) -> None:
    node.append(10)
    node.log.trim(TALK, keep=5)
    node.log.latency = 0.01
    made, _ = crowd(node, 20, 3, 7, 11)
    node.loop.advance(1)
    reasons = [[frame["reason"] for frame in frames(each) if frame["type"] == "resync"] for each in made]
    assert reasons == [[["too_old"], [], ["ahead"]][number % 3] for number in range(20)]
    assert [offsets(each, TALK) for each in made[1::3]] == [[8, 9, 10]] * 7


def test_a_reader_that_leaves_takes_nobody_along(node: Node) -> None:
    node.append(10)
    node.log.latency = 0.05
    made, begun = crowd(node, 30)
    node.loop.advance(0.12)
    assert len(node.log.reads) == 1
    begun[0].cancel()
    node.loop.advance(1)
    assert len(node.log.reads) == 2
    assert all(offsets(each, TALK) == list(range(1, 11)) for each in made[1:])
    assert offsets(made[0], TALK) == []


def test_a_read_that_fails_is_made_again_for_the_others(node: Node) -> None:
    node.append(10)
    node.log.latency, node.log.failures = 0.01, 1
    made, begun = crowd(node, 30)
    node.loop.advance(1)
    assert isinstance(begun[0].exception(), ConnectionError)
    assert len(node.log.reads) == 2
    assert all(offsets(each, TALK) == list(range(1, 11)) for each in made[1:])


def test_a_crowd_lets_others_have_their_turn(node: Node) -> None:
    node.append(20)
    node.log.latency = 0.01
    ticks, served = 0, Counter[int]()

    def tick() -> None:
        nonlocal ticks
        ticks += 1
        if ticks < 100:
            node.loop.call_soon(tick)

    def count(frame: dict[str, Any]) -> None:
        if not served:
            tick()
        served[ticks] += frame["offset"] == 20

    made = [connection(f"p{number}", outbound=RecordingOutbound(count)) for number in range(40)]
    begun = [node.loop.create_task(node.follow(each, position=START)) for each in made]
    node.loop.advance(1)
    assert all(task.done() for task in begun)
    assert sum(served.values()) == len(made)
    # The one that read, and those whose turn it was.
    assert max(served.values()) <= EACH_TICK + 1


# These tests see a fault.


class ForgetsTheCut(Hub):
    """A withdrawal in a page is not looked for."""

    async def _send_paced(self, feed: Any, subscription: Subscription, *events: Any) -> None:
        subscription.trusted = 2**53
        await super()._send_paced(feed, subscription, *events)


def test_a_fault_would_be_seen(loop: VirtualLoop) -> None:
    node = Node(loop)
    node.hub = ForgetsTheCut(node.log, node.broker)
    loop.do(node.broker.start(node.hub.receive))
    with pytest.raises(AssertionError):
        test_a_withdrawal_in_the_middle_of_a_shared_page_cuts_there(node)
