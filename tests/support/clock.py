"""A clock that stands still until a test moves it."""

from __future__ import annotations


class Clock:
    """Seconds as a callable, in place of `time.monotonic` or `time.time` wherever code takes a clock."""

    def __init__(self, start: float = 1_000_000.0) -> None:
        self.now = start

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> float:
        """Move forward and return the new time; ValueError for a step back, which has `set` for it."""
        if seconds < 0:
            raise ValueError("a monotonic clock does not go back; use set() for a wall clock that jumps")
        self.now += seconds
        return self.now

    def set(self, now: float) -> None:
        """Jump to a time, also to an earlier one, as wall clocks do."""
        self.now = now
