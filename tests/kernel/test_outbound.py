"""The outbound queue: bounded, ephemerals dropped first, slow readers cut once and only after patience."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from carillon.realtime.connection import QueuedOutbound
from tests.kernel.virtual_time import VirtualLoop


class Reader:
    """The far end: takes what is sent while `is_reading`, and blocks the sender otherwise, as TCP does."""

    def __init__(self, loop: VirtualLoop, *, bound: int = 1000, patience: float = 10.0) -> None:
        self.loop = loop
        self.got: list[str] = []
        self.closed: tuple[int, str] | None = None
        self.slow = 0
        self._gate = asyncio.Event()
        self._gate.set()
        self.outbound = QueuedOutbound(self._send, bound=bound, patience=patience, on_slow=self._on_slow)
        self.writer = loop.begin(self.outbound.run())

    async def _send(self, message: dict[str, Any]) -> None:
        await self._gate.wait()
        if message["type"] == "websocket.close":
            self.closed = (message["code"], message["reason"])
        else:
            self.got.append(message["text"])

    def _on_slow(self) -> None:
        self.slow += 1
        self.outbound.finish(["last words"], 4009, "slow_consumer")

    def stop(self) -> None:
        self._gate.clear()

    def read(self) -> None:
        self._gate.set()
        self.loop.settle()

    def write(self, *texts: str, is_ephemeral: bool = False) -> None:
        def write_all() -> None:
            for text in texts:
                self.outbound.write(self.outbound.frame(text.encode()), len(text), is_ephemeral=is_ephemeral)

        self.loop.call(write_all)


def test_frames_arrive_in_order(loop: VirtualLoop) -> None:
    reader = Reader(loop)
    reader.write("a", "b")
    reader.write("c")
    assert reader.got == ["a", "b", "c"]


def test_a_write_never_waits(loop: VirtualLoop) -> None:
    reader = Reader(loop)
    reader.stop()
    reader.write(*"abc")
    assert reader.got == []
    reader.read()
    assert reader.got == ["a", "b", "c"]


def test_over_the_bound_ephemerals_go_first_and_none_comes_in(loop: VirtualLoop) -> None:
    reader = Reader(loop, bound=100)
    reader.stop()
    reader.write("durable 0")
    reader.write("typing", "typing", is_ephemeral=True)
    reader.write("x" * 95)
    reader.write("typing", is_ephemeral=True)
    reader.read()
    assert reader.got == ["durable 0", "x" * 95]
    assert reader.slow == 0


def test_ephemerals_alone_never_make_a_reader_slow(loop: VirtualLoop) -> None:
    reader = Reader(loop, bound=100)
    reader.stop()
    for _ in range(1000):
        reader.write("typing", is_ephemeral=True)
    loop.advance(60)
    assert reader.slow == 0


def test_a_reader_over_the_bound_has_patience_seconds(loop: VirtualLoop) -> None:
    reader = Reader(loop, bound=110, patience=10)
    reader.stop()
    reader.write("x" * 60, "y" * 60)
    loop.advance(9.9)
    assert reader.slow == 0
    loop.advance(0.2)
    assert reader.slow == 1
    reader.read()
    # The frame under way, then the last words: what was queued is resumed by position.
    assert reader.got == ["x" * 60, "last words"]
    assert reader.closed == (4009, "slow_consumer")


def test_who_reads_in_time_is_not_slow(loop: VirtualLoop) -> None:
    reader = Reader(loop, bound=110, patience=10)
    reader.stop()
    reader.write("x" * 60, "y" * 60)
    loop.advance(9.9)
    reader.read()
    reader.stop()
    reader.write("z" * 60, "z" * 60)
    loop.advance(9.9)
    assert reader.slow == 0


def test_an_eighth_over_the_bound_is_the_end_at_once(loop: VirtualLoop) -> None:
    reader = Reader(loop, bound=100)
    reader.stop()
    reader.write("x" * 60, "y" * 52)
    assert reader.slow == 0
    reader.write("z")
    assert reader.slow == 1


def test_too_many_frames_count_as_too_much(loop: VirtualLoop) -> None:
    reader = Reader(loop, bound=1_000_000, patience=10)
    reader.stop()
    reader.write(*["x"] * 258)
    loop.advance(10.1)
    assert reader.slow == 1


def test_one_frame_larger_than_the_bound_is_sent_all_the_same(loop: VirtualLoop) -> None:
    # Cut for it, a client would resume, get it again, and be cut again, for ever.
    reader = Reader(loop, bound=100)
    reader.write("x" * 1000)
    assert (reader.got, reader.slow) == (["x" * 1000], 0)


def test_nothing_is_written_after_the_end(loop: VirtualLoop) -> None:
    reader = Reader(loop)
    reader.write("a")
    reader.outbound.finish(["bye"], 1012, "service_restart")
    reader.outbound.finish(["again"], 4000, "other")
    reader.write("b")
    assert reader.got == ["a", "bye"]
    assert reader.closed == (1012, "service_restart")
    assert reader.writer.done()


def test_drained_waits_for_the_reader(loop: VirtualLoop) -> None:
    reader = Reader(loop)
    reader.stop()
    reader.write("a")
    waiting = loop.begin(reader.outbound.drained())
    assert not waiting.done()
    reader.read()
    assert waiting.done()


def test_drained_does_not_outlive_the_connection(loop: VirtualLoop) -> None:
    reader = Reader(loop)
    reader.stop()
    reader.write("a")
    waiting = loop.begin(reader.outbound.drained())
    reader.outbound.finish(None, 4009, "slow_consumer")
    loop.settle()
    assert waiting.done()


def test_it_is_high_before_it_is_over(loop: VirtualLoop) -> None:
    reader = Reader(loop, bound=100)
    reader.stop()
    reader.write("x" * 40)
    heights = [reader.outbound.is_high]
    reader.write("x" * 40)
    heights.append(reader.outbound.is_high)
    reader.read()
    assert [*heights, reader.outbound.is_high] == [False, True, False]


@pytest.mark.parametrize(("code", "sent"), [(1000, 1000), (4002, 4002), (1003, 4003), (1008, 4001), (1011, 4111)])
def test_where_a_server_sends_few_codes_another_one_means_nearly_the_same(
    loop: VirtualLoop, code: int, sent: int
) -> None:
    closed: list[int] = []

    async def as_daphne(message: dict[str, Any]) -> None:
        if message["code"] != 1000 and not 3000 <= message["code"] < 5000:
            raise ValueError("an invalid close code")
        closed.append(message["code"])

    outbound = QueuedOutbound(as_daphne, bound=1000, patience=10.0, on_slow=lambda: None)
    loop.begin(outbound.run())
    loop.call(outbound.finish, None, code, "reason")
    assert closed == [sent]
