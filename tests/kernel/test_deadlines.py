"""Deadlines: never early, a quarter of a second late at most, and each can be called off."""

from __future__ import annotations

import math

import pytest

from carillon.realtime.deadlines import GRAIN, Deadlines, deadlines_of
from tests.kernel.virtual_time import VirtualLoop


@pytest.fixture
def deadlines(loop: VirtualLoop) -> Deadlines:
    return Deadlines(loop)


def test_each_is_called_once_not_early_and_a_grain_late_at_most(loop: VirtualLoop, deadlines: Deadlines) -> None:
    called: dict[float, float] = {}
    waits = [0.0, 0.1, 0.25, 0.3, 1.0, 7.77, 60.0]
    began = loop.time()
    for wait in reversed(waits):
        deadlines.call_later(wait, lambda wait=wait: called.setdefault(wait, loop.time() - began))
    loop.advance(100)
    assert sorted(called) == waits
    assert all(wait <= at <= wait + GRAIN for wait, at in called.items())


def test_what_is_called_off_is_not_called(loop: VirtualLoop, deadlines: Deadlines) -> None:
    called: list[str] = []

    def first() -> None:
        called.append("first")
        # Due at the same moment, and not wanted any more.
        deadlines.cancel(tick, second)

    def second() -> None:
        called.append("second")

    deadlines.call_later(1, first)
    tick = deadlines.call_later(1, second)
    gone = deadlines.call_later(5, second)
    deadlines.cancel(gone, second)
    deadlines.cancel(gone, second)
    loop.advance(10)
    assert called == ["first"]


def test_one_that_fails_holds_up_nobody(
    loop: VirtualLoop, deadlines: Deadlines, caplog: pytest.LogCaptureFixture
) -> None:
    called: list[str] = []
    deadlines.call_later(1, lambda: math.sqrt(-1))
    deadlines.call_later(1, lambda: called.append("next"))
    deadlines.call_later(2, lambda: called.append("later"))
    loop.advance(3)
    assert called == ["next", "later"]
    assert "what was due failed" in caplog.text


def test_one_may_be_set_from_within_another(loop: VirtualLoop, deadlines: Deadlines) -> None:
    at: list[float] = []
    began = loop.time()

    def again() -> None:
        at.append(loop.time() - began)
        if len(at) < 4:
            deadlines.call_later(1, again)

    deadlines.call_later(1, again)
    loop.advance(10)
    assert len(at) == 4
    assert at == sorted(at)


def test_a_loop_has_one(loop: VirtualLoop) -> None:
    assert deadlines_of(loop) is deadlines_of(loop)
