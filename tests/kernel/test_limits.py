"""Token buckets: the documented rate, exactly, whatever the clock does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carillon.errors import TooMany
from carillon.realtime.limits import Bucket
from tests.support.clock import Clock


def test_the_burst_then_the_rate() -> None:
    clock = Clock()
    bucket = Bucket(10, 20, clock())
    assert [bucket.take(clock()) for _ in range(20)] == [0.0] * 20
    assert bucket.take(clock()) == pytest.approx(0.1)
    clock.advance(0.11)
    assert bucket.take(clock()) == 0.0
    assert bucket.take(clock()) > 0


def test_a_refusal_takes_nothing() -> None:
    clock = Clock()
    bucket = Bucket(1, 1, clock())
    assert bucket.take(clock()) == 0.0
    for _ in range(100):
        assert bucket.take(clock()) == pytest.approx(1.0)
    clock.advance(1.0)
    assert bucket.take(clock()) == 0.0


def test_it_never_holds_more_than_the_burst() -> None:
    clock = Clock()
    bucket = Bucket(10, 20, clock())
    clock.advance(86_400)
    assert sum(bucket.take(clock()) == 0.0 for _ in range(100)) == 20


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    clock = Clock()
    bucket = Bucket(10, 5, clock())
    assert sum(bucket.take(clock()) == 0.0 for _ in range(9)) == 5
    clock.set(clock() - 3600)
    assert bucket.take(clock()) > 0


def test_demand_says_when_to_come_again() -> None:
    bucket = Bucket(2, 1, 0.0)
    bucket.demand(0.0, "Slowly.")
    with pytest.raises(TooMany) as caught:
        bucket.demand(0.0, "Slowly.")
    assert (caught.value.slug, caught.value.retry_after) == ("rate_limited", 0.5)
    with pytest.raises(TooMany) as caught:
        bucket.demand(0.4999999, "Slowly.")
    assert caught.value.retry_after and caught.value.retry_after > 0


@given(st.lists(st.floats(0, 3), min_size=1, max_size=200))
def test_never_more_than_burst_and_rate_together(pauses: list[float]) -> None:
    clock, taken = Clock(0.0), 0
    bucket = Bucket(10, 20, clock())
    for pause in pauses:
        clock.advance(pause)
        taken += bucket.take(clock()) == 0.0
        assert taken <= 20 + 10 * clock() + 1e-6
