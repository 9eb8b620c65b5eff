"""Resuming: what was missed, then what came meanwhile, then live; a void position is told, never papered over."""

from __future__ import annotations

import pytest

from carillon.realtime.event import Head, Position
from carillon.realtime.topic import Access
from tests.kernel.fakes import connection, offsets
from tests.kernel.node import TALK, Node, frames
from tests.kernel.virtual_time import VirtualLoop


def test_a_position_is_resumed_from(node: Node) -> None:
    node.append(5)
    alice = node.join(position=Position("e.0", 2))
    assert offsets(alice, TALK) == [3, 4, 5]
    node.hint(*node.append())
    assert offsets(alice, TALK) == [3, 4, 5, 6]


def test_without_a_position_delivery_begins_now(node: Node) -> None:
    node.append(5)
    alice = node.join()
    node.hint(*node.append())
    assert offsets(alice, TALK) == [6]


def test_a_position_before_the_first_event_resumes(node: Node) -> None:
    alice = node.join(position=Position("e.0", 0))
    node.hint(*node.append())
    assert offsets(alice, TALK) == [1]


@pytest.mark.parametrize("moment", [0.0, 0.01, 0.04, 0.06, 0.09, 0.11, 0.14, 0.16, 0.19, 0.21, 0.3])
@pytest.mark.parametrize("is_hinted", [True, False])
def test_what_is_committed_while_the_log_is_read_comes_once(loop: VirtualLoop, moment: float, is_hinted: bool) -> None:
    node = Node(loop)
    node.append(3)
    node.join("bruno")
    node.log.latency = 0.05
    alice = connection()
    task = loop.begin(node.follow(alice, position=Position("e.0", 1)))
    loop.advance(moment)
    events = node.append(2)
    if is_hinted:
        node.hint(*events)
    loop.advance(1)
    loop.begin(node.hub.sweep())
    loop.advance(1)
    assert task.done()
    assert offsets(alice, TALK) == [2, 3, 4, 5]


def test_a_log_ahead_of_the_feed_is_not_told_twice(node: Node) -> None:
    bruno = node.join("bruno")
    node.append(3)
    alice = node.join(position=Position("e.0", 0))
    node.sweep()
    assert offsets(alice, TALK) == [1, 2, 3]
    assert offsets(bruno, TALK) == [1, 2, 3]


def test_a_long_replay_is_read_in_pages_at_the_readers_pace(node: Node) -> None:
    count = 3 * node.hub.PAGE + 7
    node.append(count)
    alice = connection()
    alice.outbound.pause()  # type: ignore[attr-defined]
    task = node.loop.begin(node.follow(alice, position=Position("e.0", 0)))
    assert not task.done()
    assert len(offsets(alice, TALK)) == 1
    node.hint(*node.append(3))
    node.loop.call(alice.outbound.resume)  # type: ignore[attr-defined]
    assert task.done()
    assert offsets(alice, TALK) == list(range(1, count + 4))


def test_more_than_can_be_kept_meanwhile_is_read_again(node: Node) -> None:
    node.append(2)
    alice = connection()
    alice.outbound.pause()  # type: ignore[attr-defined]
    node.loop.begin(node.follow(alice, position=Position("e.0", 0)))
    node.hint(*node.append(node.hub.HELD + 50))
    node.loop.call(alice.outbound.resume)  # type: ignore[attr-defined]
    assert offsets(alice, TALK) == list(range(1, node.hub.HELD + 53))


def test_a_replay_that_cannot_be_read_closes_and_says_so(node: Node) -> None:
    node.append(2 * node.hub.PAGE)
    alice = connection()
    alice.outbound.pause()  # type: ignore[attr-defined]
    node.loop.begin(node.follow(alice, position=Position("e.0", 0)))
    node.log.failures = 1
    node.loop.call(alice.outbound.resume)  # type: ignore[attr-defined]
    assert alice.outbound.closed == (1013, "unavailable;retry_after=1")  # type: ignore[attr-defined]
    assert alice.subscriptions == {}


@pytest.mark.parametrize(
    ("position", "reason"),
    [
        (Position("e.0", 4), "too_old"),
        (Position("e.0", 0), "too_old"),
        (Position("e.0", 5), ""),
        (Position("e.0", 9), ""),
        (Position("e.0", 10), ""),
        (Position("e.0", 11), "ahead"),
        (Position("e.0", 2**53 - 1), "ahead"),
        (Position("e.1", 7), "epoch"),
        (Position("other.0", 7), "epoch"),
        (Position("", 7), "epoch"),
    ],
)
def test_a_void_position_is_told_with_its_reason(node: Node, position: Position, reason: str) -> None:
    node.append(10)
    node.log.trim(TALK, keep=5)
    alice = node.join(position=position)
    told = [(frame["reason"], frame["position"]) for frame in frames(alice) if frame["type"] == "resync"]
    assert told == ([(reason, {"epoch": "e.0", "offset": 10})] if reason else [])
    assert offsets(alice, TALK) == ([] if reason else list(range(position.offset + 1, 11)))
    assert (TALK in alice.subscriptions) == (not reason)


def test_the_head_says_why_a_position_is_void() -> None:
    head = Head("e", 10, 5)
    assert [head.refuses(Position("e", offset)) for offset in (4, 5, 10, 11)] == ["too_old", "", "", "ahead"]


def test_a_topic_deleted_while_live_is_told(node: Node) -> None:
    alice = node.join()
    node.hint(*node.append(2))
    node.log.delete(TALK)
    node.append()
    node.sweep()
    assert [frame.get("reason") for frame in frames(alice)] == [None, None, "epoch"]
    again = node.join(position=Position("e.1", 0))
    assert offsets(again, TALK) == [1]


def test_events_trimmed_before_they_were_delivered_are_told(node: Node) -> None:
    alice = node.join()
    node.append(10)
    node.log.trim(TALK, keep=2)
    node.sweep()
    assert [frame.get("reason") for frame in frames(alice)] == ["too_old"]


def test_a_log_that_went_back_is_told(node: Node) -> None:
    alice = node.join()
    node.hint(*node.append(5))
    del node.log.events[TALK][2:]
    node.sweep()
    assert frames(alice)[-1]["reason"] == "ahead"


def test_a_trim_behind_everybody_is_nobodys_business(node: Node) -> None:
    alice = node.join()
    node.hint(*node.append(5))
    node.log.trim(TALK, keep=0)
    node.sweep()
    node.hint(*node.append())
    assert offsets(alice, TALK) == [1, 2, 3, 4, 5, 6]


def test_a_position_of_the_new_epoch_is_good_before_the_feed_knows_it(node: Node) -> None:
    bruno = node.join("bruno")
    node.hint(*node.append(4))
    node.log.delete(TALK)
    node.append(2)
    alice = node.join(position=Position("e.1", 1))
    assert offsets(alice, TALK) == [2]
    assert frames(bruno)[-1]["reason"] == "epoch"
    node.hint(*node.append())
    assert offsets(alice, TALK) == [2, 3]


def test_who_was_let_in_late_does_not_see_what_came_before(node: Node) -> None:
    node.append(6)
    alice = connection()
    subscription = node.loop.do(node.follow(alice, position=Position("e.0", 1), grant=Access(visible_from=4)))
    assert subscription is not None
    assert offsets(alice, TALK) == [5, 6]


def test_what_is_hidden_stays_hidden_when_the_feed_lags(node: Node) -> None:
    node.join("bruno")
    node.append(4)
    alice = connection()
    node.loop.do(node.follow(alice, grant=Access(visible_from=3)))
    node.sweep()
    assert offsets(alice, TALK) == [4]
