"""Fan-out: one tick's payloads leave together, in order, in slices that let others run, and reach who leaves before them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carillon.realtime import fanout
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


def test_what_comes_between_slices_goes_along_to_who_has_not_been_served(loop: VirtualLoop, fan_out: FanOut) -> None:
    readers = [Reader(loop, cost=SLICE / WRITES) for _ in range(4 * WRITES)]

    def begin() -> None:
        send(fan_out, readers, "a")
        # After the first slice some have had "a" and some have not.
        loop.call_soon(send, fan_out, readers, "b")

    loop.call(begin)
    served = sum(reader.writes == ["a", "b"] for reader in readers)
    assert 0 < served <= 2 * WRITES
    assert [reader.writes for reader in readers[served:]] == [["a+b"]] * (len(readers) - served)


def test_what_comes_slice_after_slice_is_one_round_and_a_bit(loop: VirtualLoop, fan_out: FanOut) -> None:
    readers = [Reader(loop, cost=2 * SLICE / WRITES) for _ in range(4 * WRITES)]

    async def begin() -> None:
        for payload in "abc":
            send(fan_out, readers, payload)
            await asyncio.sleep(0)

    loop.do(begin())
    first, second, others = readers[:WRITES], readers[WRITES : 2 * WRITES], readers[2 * WRITES :]
    assert all(reader.writes == ["a", "b+c"] for reader in first)
    assert all(reader.writes == ["a+b", "c"] for reader in second)
    assert all(reader.writes == ["a+b+c"] for reader in others)


def test_what_is_on_its_way_to_others_is_overtaken_by_nothing(loop: VirtualLoop, fan_out: FanOut) -> None:
    readers = [Reader(loop, cost=SLICE / WRITES) for _ in range(4 * WRITES)]
    others = readers[-1:]

    def begin() -> None:
        send(fan_out, readers, "a")
        send(fan_out, others, "of another topic")
        loop.call_soon(send, fan_out, readers, "b")

    loop.call(begin)
    assert readers[-1].writes == ["a", "of another topic", "b"]


def test_a_topic_that_never_rests_lets_others_have_their_turn(loop: VirtualLoop, fan_out: FanOut) -> None:
    busy, quiet = [Reader(loop, cost=SLICE / WRITES) for _ in range(4 * WRITES)], Reader(loop)
    waited: list[int] = []

    def go_on(tick: int) -> None:
        if quiet.writes:
            waited.append(tick)
        elif tick < 100:
            send(fan_out, busy, "a")
            loop.call_soon(go_on, tick + 1)

    def begin() -> None:
        send(fan_out, busy, "a")
        loop.call_soon(send, fan_out, [quiet], "b")
        loop.call_soon(go_on, 0)

    loop.call(begin)
    assert waited and waited[0] <= 6


def test_what_is_held_leaves_when_it_is_let_go_and_not_before(loop: VirtualLoop, fan_out: FanOut) -> None:
    reader = Reader(loop)
    readers, seen = [reader], list[list[str]]()

    def hold() -> None:
        assert fan_out.hold()
        send(fan_out, readers, "a", "b")
        seen.append(list(reader.writes))
        fan_out.let_go()
        seen.append(list(reader.writes))
        send(fan_out, readers, "c")
        assert not fan_out.hold(), "the loop will serve it"

    loop.call(hold)
    assert seen == [[], ["a+b"]] and reader.writes == ["a+b", "c"]


FEW, CROWD = 4, 17
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.sampled_from([0, 0, 0, 1, 2])),
        st.tuples(st.just("catch up"), st.integers(0, CROWD - 1)),
        st.tuples(st.just("pause"), st.integers(0, CROWD - 1)),
        st.tuples(st.just("wait"), st.integers(1, 3)),
    ),
    max_size=30,
)


@given(STEPS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_everybody_gets_everything_once_and_in_order(loop: VirtualLoop, steps: list[tuple[str, int]]) -> None:
    """However sends, catching up and pauses fall between slices."""
    fan_out = FanOut()
    # Four slices and a bit, so that several payloads are on their way to different parts of it.
    crowd = [Reader(loop, cost=SLICE) for _ in range(CROWD)]
    topics = [crowd, crowd[FEW:], crowd[:1]]
    expected: dict[Reader, list[str]] = {reader: [] for reader in crowd}

    async def go() -> None:
        for number, (what, how) in enumerate(steps):
            if what == "send":
                send(fan_out, topics[how], str(number), is_ephemeral=number % 5 == 0)
                for reader in topics[how]:
                    expected[reader].append(str(number))
            elif what == "catch up":
                fan_out.catch_up(crowd[how])
                assert "+".join(crowd[how].writes) == "+".join(expected[crowd[how]])
            elif what == "pause":
                crowd[how].fast = None if crowd[how].fast else crowd[how].take
            else:
                for _ in range(how):
                    await asyncio.sleep(0)

    with patch.object(fanout, "WRITES", FEW):
        loop.do(go())
    assert {reader: "+".join(reader.writes) for reader in crowd} == {
        reader: "+".join(texts) for reader, texts in expected.items()
    }


def test_no_readers_cost_nothing(loop: VirtualLoop, fan_out: FanOut) -> None:
    loop.call(send, fan_out, [], "a")
    assert not fan_out
