"""How late the event loop is: whatever keeps it from a timer keeps it from every client as well."""

from __future__ import annotations

import asyncio
from bisect import bisect_left

TICK = 0.1
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class LoopLag:
    """A histogram of delays in seconds: `counts[n]` ticks were late by at most `BOUNDS[n]`, the last ones by more."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.total = 0.0

    def note(self, late: float) -> None:
        """Count one tick."""
        self.counts[bisect_left(BOUNDS, late)] += 1
        self.total += late

    async def measure(self) -> None:
        """Tick for ever."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + TICK
            await asyncio.sleep(TICK)
            self.note(max(0.0, loop.time() - due))
