"""A replay leaves in few writes of a bounded size, at the pace of the one who reads them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from carillon.realtime.connection import QueuedOutbound
from carillon.realtime.direct import DirectOutbound
from carillon.realtime.event import Event, Position
from carillon.realtime.hub import Hub
from carillon.realtime.wire.framing import framed
from tests.kernel.fakes import FakeDialect, RecordingOutbound, connection, offsets
from tests.kernel.node import TALK, Node, frames
from tests.kernel.virtual_time import VirtualLoop

START = Position("e.0", 0)


class Writes(RecordingOutbound):
    """Counts what came in each write: frames, and bytes as the hub counts them."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[tuple[int, int]] = []

    def write(self, payload: list[bytes], size: int, *, is_ephemeral: bool = False) -> None:
        self.writes.append((len(payload), size))
        assert size == sum(map(len, payload))
        super().write(payload, size, is_ephemeral=is_ephemeral)


def node_of(loop: VirtualLoop, most_joined: int) -> Node:
    node = Node(loop)
    node.hub = Hub(node.log, node.broker, most_joined=most_joined)
    loop.do(node.broker.start(node.hub.receive))
    return node


# One write.


def test_a_page_leaves_in_one_write(node: Node) -> None:
    node.append(100)
    alice = node.join(position=START, outbound=Writes())
    assert [count for count, _ in alice.outbound.writes] == [100]  # type: ignore[attr-defined]
    assert offsets(alice, TALK) == list(range(1, 101))


def test_a_write_has_a_bound(loop: VirtualLoop) -> None:
    node = node_of(loop, 500)
    node.append(100)
    alice = node.join(position=START, outbound=Writes())
    writes = alice.outbound.writes  # type: ignore[attr-defined]
    assert all(size <= 500 for _, size in writes)
    assert min(count for count, _ in writes[:-1]) > 1
    assert offsets(alice, TALK) == list(range(1, 101))


def test_an_event_over_the_bound_goes_by_itself(loop: VirtualLoop) -> None:
    node = node_of(loop, 10)
    node.append(5)
    alice = node.join(position=START, outbound=Writes())
    assert [count for count, _ in alice.outbound.writes] == [1] * 5  # type: ignore[attr-defined]
    assert offsets(alice, TALK) == [1, 2, 3, 4, 5]


def test_what_came_meanwhile_leaves_in_one_write_too(node: Node) -> None:
    node.append(2)
    alice = connection(outbound=Writes())
    alice.outbound.pause()  # type: ignore[attr-defined]
    node.loop.begin(node.follow(alice, position=START))
    node.hint(*node.append(50))
    node.loop.call(alice.outbound.resume)  # type: ignore[attr-defined]
    # One that was under way to a reader who had stopped, the rest of the page, the buffer.
    assert [count for count, _ in alice.outbound.writes] == [1, 1, 50]  # type: ignore[attr-defined]
    assert offsets(alice, TALK) == list(range(1, 53))


def test_live_events_come_after_the_page(node: Node) -> None:
    node.append(3)
    alice = node.join(position=START)
    node.hint(*node.append(2))
    assert offsets(alice, TALK) == [1, 2, 3, 4, 5]


class Chooses(FakeDialect):
    """Says every second event only, and that in two frames."""

    def encode_event(self, event: Event) -> tuple[bytes, ...] | None:  # type: ignore[override]
        encoded = super().encode_event(event)
        return (encoded, b'{"type":"more"}') if event.offset % 2 == 0 else None


def test_what_a_dialect_does_not_say_is_delivered_all_the_same(node: Node) -> None:
    node.append(5)
    alice = connection(dialect=Chooses())
    subscription = node.loop.do(node.follow(alice, position=START))
    assert [frame["type"] for frame in frames(alice)] == ["fact", "more"] * 2
    assert offsets(alice, TALK) == [2, 4]
    assert subscription is not None
    assert subscription.position == Position("e.0", 5)


# Who reads slowly.


class Socket:
    """A socket of ours whose client stops and reads on."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.is_stopped = False

    @property
    def fast(self) -> Callable[[bytes], object] | None:
        return None if self.is_stopped else self.write

    def write(self, payload: bytes) -> None:
        self.got.append(payload)

    def close(self, code: int, reason: str = "") -> None:
        raise AssertionError("nobody is closed here")


class Slow:
    """A client that stops after so many writes, on a socket of ours or on any ASGI server's."""

    def __init__(self, loop: VirtualLoop, kind: str, bound: int) -> None:
        self.loop, self.given_up = loop, 0
        self.socket, self.texts = Socket(), list[str]()
        self.gate: asyncio.Future[None] = loop.create_future()
        self.outbound: Any
        if kind == "direct":
            self.socket.is_stopped = True
            self.outbound = DirectOutbound(bound=bound, patience=5, on_slow=self.give_up)
            self.outbound.begin(self.socket)
        else:
            self.outbound = QueuedOutbound(self.send, bound=bound, patience=5, on_slow=self.give_up)
            loop.begin(self.outbound.run())

    def give_up(self) -> None:
        self.given_up += 1

    async def send(self, message: dict[str, Any]) -> None:
        await asyncio.shield(self.gate)
        self.texts.append(message["text"])

    def read_on(self) -> None:
        self.socket.is_stopped = False
        self.gate.set_result(None)
        if isinstance(self.outbound, DirectOutbound):
            self.loop.call(self.outbound.go_on)
        self.loop.settle()

    def got(self, encoded: Sequence[bytes]) -> bool:
        """Whether exactly these frames came, in order."""
        if isinstance(self.outbound, DirectOutbound):
            return b"".join(self.socket.got) == b"".join(map(framed, encoded))
        return [text.encode() for text in self.texts] == list(encoded)


@pytest.mark.parametrize("kind", ["direct", "asgi"])
def test_who_stops_in_the_middle_of_a_page_is_waited_for_alone(loop: VirtualLoop, kind: str) -> None:
    bound = 8_000
    node = node_of(loop, bound // 4)
    node.append(3 * node.hub.PAGE)
    slow = Slow(loop, kind, bound)
    alice, dialect = connection("alice", outbound=slow.outbound), FakeDialect()
    task = loop.begin(node.follow(alice, position=START))
    # The others have all of it, live events too.
    bruno = node.join("bruno", position=START, dialect=dialect)
    node.hint(*node.append(5))
    assert offsets(bruno, TALK) == list(range(1, 3 * node.hub.PAGE + 6))
    loop.advance(3600)
    assert not task.done()
    assert bound // 2 < slow.outbound.waiting <= bound
    assert slow.given_up == 0
    slow.read_on()
    assert task.done()
    assert slow.got(bruno.outbound.payloads)  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["direct", "asgi"])
def test_who_leaves_in_the_middle_of_a_page_gets_no_more(loop: VirtualLoop, kind: str) -> None:
    node = node_of(loop, 2_000)
    node.append(node.hub.PAGE)
    slow = Slow(loop, kind, 8_000)
    alice = connection("alice", outbound=slow.outbound)
    task = loop.begin(node.follow(alice, position=START))
    waiting = slow.outbound.waiting
    loop.call(node.hub.detach, alice, TALK)
    slow.read_on()
    assert task.done()
    encoded = [FakeDialect().encode_event(event) for event in node.log.events[TALK]]
    sent = [data for number, data in enumerate(encoded) if sum(map(len, encoded[: number + 1])) <= waiting]
    assert slow.got(sent)
