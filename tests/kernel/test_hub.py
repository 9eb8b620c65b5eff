"""The hub: order, repeats, gaps, early hints, generations and linger, and one encoding for all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from carillon.errors import NotFound
from carillon.realtime.connection import QueuedOutbound
from carillon.realtime.event import Event, Head, Position
from carillon.realtime.hub import Hub
from carillon.realtime.topic import Access, Topic
from tests.kernel.fakes import AT, FakeDialect, connection, offsets
from tests.kernel.node import TALK, Node, frames

# Order, repeats, gaps.


def test_events_arrive_as_they_are_published(node: Node) -> None:
    alice = node.join()
    node.hint(*node.append(3))
    assert offsets(alice, TALK) == [1, 2, 3]


def test_a_repeated_hint_is_dropped(node: Node) -> None:
    alice = node.join()
    first, second = node.append(2)
    node.hint(first, first, second, first, second)
    assert offsets(alice, TALK) == [1, 2]


def test_two_hints_in_the_wrong_order_need_no_read(node: Node) -> None:
    alice = node.join()
    first, second = node.append(2)
    node.hint(second)
    assert offsets(alice, TALK) == []
    node.loop.advance(0.009)
    node.hint(first)
    assert offsets(alice, TALK) == [1, 2]
    node.loop.advance(1)
    assert node.log.reads == []


def test_a_hole_is_read_from_the_log_after_ten_milliseconds(node: Node) -> None:
    alice = node.join()
    _, second = node.append(2)
    node.hint(second)
    node.loop.advance(0.0099)
    assert node.log.reads == []
    node.loop.advance(0.0002)
    assert offsets(alice, TALK) == [1, 2]
    assert node.log.reads == [(TALK, 0)]


def test_a_hole_is_read_once_however_many_hints_come(node: Node) -> None:
    alice = node.join()
    node.log.latency = 0.05
    events = node.append(20)
    node.hint(*events[5:10])
    node.loop.advance(0.02)
    node.hint(*events[10:])
    node.loop.advance(1)
    assert offsets(alice, TALK) == list(range(1, 21))
    assert len(node.log.reads) == 1


def test_a_hint_that_comes_while_a_gap_is_read_is_not_left_behind(node: Node) -> None:
    alice = node.join()
    node.log.latency = 0.05
    _, second = node.append(2)
    node.hint(second)
    node.loop.advance(0.07)
    # The read has seen the log; what is committed from here on is not in it.
    node.append()
    node.hint(*node.append())
    node.loop.advance(0.5)
    assert offsets(alice, TALK) == [1, 2, 3, 4]


def test_a_hint_of_something_the_log_does_not_hold_is_given_up(node: Node) -> None:
    alice = node.join()
    ghost = Event(topic=TALK, type="fact", data=b"{}", at=AT, epoch="e.0", offset=7)
    node.hint(ghost)
    node.loop.advance(60)
    assert len(node.log.reads) == 2
    node.hint(*node.append(2))
    assert offsets(alice, TALK) == [1, 2]


def test_the_sweep_finds_the_last_event_whose_hint_was_lost(node: Node) -> None:
    alice = node.join()
    node.append(3)
    assert offsets(alice, TALK) == []
    node.sweep()
    assert offsets(alice, TALK) == [1, 2, 3]


def test_a_long_gap_is_read_in_pages(node: Node) -> None:
    alice = node.join()
    node.append(Hub.PAGE * 2 + 1)
    node.sweep()
    assert offsets(alice, TALK) == list(range(1, Hub.PAGE * 2 + 2))
    assert [after for _, after in node.log.reads] == [0, Hub.PAGE, 2 * Hub.PAGE]


def test_a_read_that_fails_is_made_again_by_the_sweep(node: Node) -> None:
    alice = node.join()
    node.log.failures = 1
    node.append(2)
    node.sweep()
    assert offsets(alice, TALK) == []
    node.sweep()
    assert offsets(alice, TALK) == [1, 2]


def test_the_sweep_runs_by_itself_within_its_bounds(node: Node) -> None:
    alice = node.join()
    node.loop.begin(node.hub.sweep_for_ever())
    node.append(2)
    node.loop.advance(5.01)
    assert offsets(alice, TALK) == [1, 2]


def test_what_is_followed_since_the_interval_began_is_swept_at_its_end(node: Node) -> None:
    node.loop.begin(node.hub.sweep_for_ever())
    node.loop.advance(1)
    alice = node.join()
    node.append(1)
    node.loop.advance(4.01)
    assert offsets(alice, TALK) == [1]


# Opening and closing a topic.


def test_a_hint_that_comes_while_the_head_is_read_is_kept(node: Node) -> None:
    node.log.latency = 0.05
    alice = connection()
    node.append(3)
    task = node.loop.begin(node.follow(alice))
    node.loop.advance(0.06)
    # The head was seen at 3; this one comes before the answer is here.
    node.hint(*node.append())
    node.loop.advance(1)
    subscription = task.result()
    assert subscription is not None
    # It came before the subscription's beginning, which is told as such.
    assert subscription.position == node.hub.feeds[TALK].position == Position("e.0", 4)
    node.hint(*node.append())
    assert offsets(alice, TALK) == [5]


def test_the_broker_is_subscribed_to_before_the_head_is_read(node: Node) -> None:
    node.broker.latency = 0.05
    alice = connection()
    node.loop.begin(node.follow(alice))
    node.loop.advance(0.04)
    node.append(2)
    node.loop.advance(0.02)
    node.hint(*node.append())
    node.loop.advance(1)
    assert offsets(alice, TALK) == [3]


def test_a_topic_lingers_after_its_last_subscriber(node: Node) -> None:
    alice = node.join()
    node.loop.call(node.hub.detach, alice, TALK)
    node.loop.advance(9.9)
    assert TALK in node.broker.topics
    node.join("bruno")
    node.loop.advance(60)
    assert TALK in node.broker.topics
    assert node.broker.journal == [("subscribe", TALK)]


def test_a_topic_that_nobody_follows_is_given_up(node: Node) -> None:
    alice = node.join()
    node.loop.call(node.hub.detach_all, alice)
    node.loop.advance(10.1)
    assert TALK not in node.hub.feeds
    assert TALK not in node.broker.topics


def test_a_new_generation_waits_until_the_old_one_is_gone(node: Node) -> None:
    alice = node.join()
    generation = node.hub.feeds[TALK].generation
    node.broker.latency = 0.5
    node.loop.call(node.hub.detach_all, alice)
    node.loop.advance(10.1)
    bruno = connection("bruno")
    node.loop.begin(node.follow(bruno))
    node.loop.advance(2)
    assert node.broker.journal == [("subscribe", TALK), ("unsubscribe", TALK), ("subscribe", TALK)]
    assert node.hub.feeds[TALK].generation > generation
    node.hint(*node.append())
    assert offsets(bruno, TALK) == [1]


def test_a_topic_that_cannot_be_opened_is_tried_again(node: Node) -> None:
    async def away(topics: Sequence[Topic]) -> dict[Topic, Head]:
        raise ConnectionError("the database is away")

    heads, node.log.heads = node.log.heads, away  # type: ignore[method-assign]
    alice = connection()
    with pytest.raises(ConnectionError):
        node.loop.do(node.follow(alice))
    assert alice.subscriptions == {}
    node.log.heads = heads  # type: ignore[method-assign]
    node.loop.do(node.follow(alice))
    node.hint(*node.append())
    assert offsets(alice, TALK) == [1]


def test_access_refused_leaves_nothing_behind(node: Node) -> None:
    async def closed() -> Access | None:
        return None

    alice = connection()
    with pytest.raises(NotFound):
        node.loop.do(node.hub.attach(alice, TALK, None, closed))
    node.hint(*node.append())
    assert frames(alice) == []
    assert alice.subscriptions == {}


# Fan-out.


def test_an_event_is_encoded_once_for_each_dialect(node: Node) -> None:
    one, other = FakeDialect("one"), FakeDialect("other")
    readers = [node.join(f"p{n}", dialect=one) for n in range(50)] + [
        node.join(f"q{n}", dialect=other) for n in range(50)
    ]
    node.hint(*node.append(3))
    assert (one.encoded, other.encoded) == (3, 3)
    assert len({id(made.outbound.payloads[0]) for made in readers[:50]}) == 1  # type: ignore[attr-defined]
    assert all(offsets(made, TALK) == [1, 2, 3] for made in readers)


class Twice(FakeDialect):
    """Says every event in two frames; in none where it has no offset."""

    def encode_event(self, event: Event) -> tuple[bytes, ...]:
        frame = super().encode_event(event)
        return (frame, frame.replace(b"fact", b"more")) if event.offset else ()


def test_several_frames_of_one_event_are_encoded_once_too(node: Node) -> None:
    dialect = Twice()
    alice, bruno = node.join("alice", dialect=dialect), node.join("bruno", dialect=dialect)
    node.hint(*node.append(2), Event(topic=TALK, type="typing", data=b"{}", at=AT))
    node.loop.do(node.follow(late := connection("late", dialect=dialect), position=Position("e.0", 0)))
    assert dialect.encoded == 3 + 2, "three for those who were there, and the two that the late one asked for"
    said = [("fact", 1), ("more", 1), ("fact", 2), ("more", 2)]
    for made in (alice, bruno, late):
        assert [(frame["type"], frame["offset"]) for frame in frames(made)] == said


def test_translators_of_one_dialect_each_say_it_their_way(node: Node) -> None:
    plain, twice = FakeDialect("same"), Twice("same")
    alice, bruno = node.join("alice", dialect=plain), node.join("bruno", dialect=twice)
    node.hint(*node.append())
    assert (len(frames(alice)), len(frames(bruno))) == (1, 2)


def test_who_is_left_out_does_not_get_it(node: Node) -> None:
    alice, bruno = node.join("alice"), node.join("bruno")
    typing = Event(topic=TALK, type="fact", data=b"{}", at=AT, except_person="alice")
    node.hint(typing)
    assert (len(frames(alice)), len(frames(bruno))) == (0, 1)


def test_an_ephemeral_event_moves_no_position(node: Node) -> None:
    alice = node.join()
    node.hint(Event(topic=TALK, type="typing", data=b"{}", at=AT), *node.append(2))
    assert [frame["type"] for frame in frames(alice)] == ["typing", "fact", "fact"]
    assert node.hub.feeds[TALK].position == Position("e.0", 2)


def test_a_slow_reader_holds_nobody_up(node: Node) -> None:
    loop, sent = node.loop, []

    async def never(_: dict[str, Any]) -> None:
        await loop.create_future()

    async def at_once(message: dict[str, Any]) -> None:
        sent.append(json.loads(message["text"])["offset"])

    ends = []
    for number, send in enumerate([never, at_once]):
        queue = QueuedOutbound(send, bound=10_000, patience=10, on_slow=lambda: ends.append("slow"))
        loop.begin(queue.run())
        node.join(f"p{number}", outbound=queue)
    for event in node.append(500):
        node.hint(event)
    assert sent == list(range(1, 501))
    assert ends == ["slow"]


def test_a_reader_cut_for_slowness_resumes_where_it_was(node: Node) -> None:
    alice = node.join()
    events = node.append(3)
    node.hint(*events[:1])
    alice.give_up()
    node.loop.call(node.hub.detach_all, alice)
    assert alice.outbound.closed == (4009, "slow_consumer")  # type: ignore[attr-defined]
    node.hint(*events[1:])
    again = node.join(position=Position("e.0", 1))
    assert offsets(again, TALK) == [2, 3]


def test_closing_the_hub_ends_what_it_was_doing(node: Node) -> None:
    node.join()
    node.log.latency = 5.0
    node.append(2)
    node.hint(node.log.events[TALK][1])
    node.loop.advance(0.1)
    node.loop.do(node.hub.close())
    assert node.hub.feeds == {}
