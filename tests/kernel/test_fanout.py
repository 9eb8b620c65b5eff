"""Fan-out: one tick's payloads leave together, in order, in slices that let others run, and reach who leaves before them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from carillon.realtime.fanout import JOINED, SLICE, WRITES, FanOut
from tests.kernel.virtual_time import VirtualLoop


class Reader:
    """A connection's end that notes each write; `cost` is how long a write holds the loop, in seconds."""

    framing = "test"
    waiting = 0
    is_high = False

    def __init__(self, loop: VirtualLoop, *, is_fast: bool = True, cost: float = 0.0) -> None:
        self.loop, self.cost = loop, cost
        self.writes: list[str] = []
        self.slow: list[tuple[str, int, bool]] = []
        self.fast: Callable[[str], None] | None = self.take if is_fast else None

    def take(self, payload: str) -> None:
        self.loop._now += self.cost
        self.writes.append(payload)

    def frame(self, data: bytes) -> str:
        return data.decode()

    def join(self, payloads: Sequence[str]) -> str:
        return "+".join(payloads)

    def write(self, payload: str, size: int, *, is_ephemeral: bool = False) -> None:
        self.slow.append((payload, size, is_ephemeral))
        self.take(payload)

    def finish(self, last: str | None, code: int, reason: str) -> None:
        raise AssertionError("nobody is closed here")

    async def drained(self) -> None: ...


@pytest.fixture
def fan_out() -> FanOut:
    return FanOut()


def send(fan_out: FanOut, readers: list[Reader], *payloads: str, is_ephemeral: bool = False) -> None:
    for payload in payloads:
        fan_out.send(readers, payload, len(payload), is_ephemeral=is_ephemeral)


def test_what_comes_in_one_tick_leaves_in_one_write(loop: VirtualLoop, fan_out: FanOut) -> None:
    readers = [Reader(loop), Reader(loop)]
    loop.call(send, fan_out, readers, "a", "b", "c")
    loop.call(send, fan_out, readers, "d")
    assert [reader.writes for reader in readers] == [["a+b+c", "d"]] * 2
    assert not fan_out


def test_a_reader_that_is_paused_gets_the_same_with_its_size(loop: VirtualLoop, fan_out: FanOut) -> None:
    reader = Reader(loop, is_fast=False)
    loop.call(send, fan_out, [reader], "aa", "bbb")
    assert reader.slow == [("aa+bbb", 5, False)]


def test_what_may_be_dropped_is_not_joined_to_what_may_not(loop: VirtualLoop, fan_out: FanOut) -> None:
    reader = Reader(loop, is_fast=False)
    readers = [reader]

    def send_both() -> None:
        send(fan_out, readers, "a")
        send(fan_out, readers, "typing", is_ephemeral=True)
        send(fan_out, readers, "b", "c")

    loop.call(send_both)
    assert reader.slow == [("a", 1, False), ("typing", 6, True), ("b+c", 2, False)]


def test_a_write_has_a_bound(loop: VirtualLoop, fan_out: FanOut) -> None:
    reader = Reader(loop)
    half = "x" * (JOINED // 2)
    loop.call(send, fan_out, [reader], half, half, half)
    assert [len(write) for write in reader.writes] == [JOINED + 1, JOINED // 2]


def test_who_catches_up_gets_everything_once_and_in_order(loop: VirtualLoop, fan_out: FanOut) -> None:
    early, other = Reader(loop), Reader(loop)
    readers = [other, early]

    def send_and_say() -> None:
        send(fan_out, readers, "a", "b")
        fan_out.catch_up(early)
        early.take("reply")
        send(fan_out, readers, "c")

    loop.call(send_and_say)
    assert early.writes == ["a+b", "reply", "c"]
    assert other.writes == ["a+b", "c"]


def test_who_is_not_among_the_readers_catches_up_with_nothing(loop: VirtualLoop, fan_out: FanOut) -> None:
    stranger = Reader(loop)

    def send_and_catch_up() -> None:
        send(fan_out, [Reader(loop)], "a")
        fan_out.catch_up(stranger)

    loop.call(send_and_catch_up)
    assert stranger.writes == []


def test_a_broken_transport_strands_nobody(loop: VirtualLoop, fan_out: FanOut) -> None:
    def fail(_: str) -> None:
        raise RuntimeError("the handler is closed")

    broken, last = Reader(loop), Reader(loop)
    broken.fast = fail
    loop.call(send, fan_out, [broken, last], "a")
    assert last.writes == ["a"]


def test_a_large_crowd_is_served_in_slices(loop: VirtualLoop, fan_out: FanOut) -> None:
    """No slice is much longer than it may be, others run in between, and order and completeness do not suffer."""
    readers = [Reader(loop, cost=SLICE / WRITES) for _ in range(10 * WRITES)]
    began, between = loop.time(), []

    def look() -> None:
        between.append(loop.time())
        if fan_out:
            loop.call_soon(look)

    def begin() -> None:
        send(fan_out, readers, "a")
        loop.call_soon(look)

    loop.call(begin)
    held = [after - before for before, after in zip([began, *between], between, strict=False)]
    assert len(between) >= 5
    assert max(held) <= 2 * SLICE + SLICE / WRITES
    assert all(reader.writes == ["a"] for reader in readers)


def test_events_that_come_between_slices_follow_for_everybody(loop: VirtualLoop, fan_out: FanOut) -> None:
    readers = [Reader(loop, cost=SLICE / WRITES) for _ in range(4 * WRITES)]

    def begin() -> None:
        send(fan_out, readers, "a")
        # After the first slice some have had "a" and some have not.
        loop.call_soon(send, fan_out, readers, "b")
        loop.call_soon(fan_out.catch_up, readers[0])
        loop.call_soon(fan_out.catch_up, readers[-1])

    loop.call(begin)
    assert [reader.writes for reader in readers] == [["a", "b"]] * len(readers)


def test_no_readers_cost_nothing(loop: VirtualLoop, fan_out: FanOut) -> None:
    loop.call(send, fan_out, [], "a")
    assert not fan_out
