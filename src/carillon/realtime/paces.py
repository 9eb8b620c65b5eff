"""Pace: how much is begun in each tick of the loop; the rest waits, first come first served."""

from __future__ import annotations

import asyncio
from collections import deque


class Pace:
    """Lets `each_tick` callers go on in one tick of the loop, so that whatever else is to be done gets its turn between them."""

    def __init__(self, each_tick: int) -> None:
        self._each_tick = each_tick
        self._left = each_tick
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_due = False

    async def keep(self) -> None:
        """Go on at once, or in a later tick."""
        self._come_back()
        if self._left > 0 and not self._waiting:
            self._left -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        await turn

    def _come_back(self) -> None:
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._tick)

    def _tick(self) -> None:
        self._is_due = False
        self._left = self._each_tick
        while self._waiting and self._left > 0:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                self._left -= 1
        if self._waiting:
            self._come_back()
