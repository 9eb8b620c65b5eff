"""Backlog: what one client has not read yet, bounded; who stays over the bound counts as slow."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any


class Backlog:
    """A queue of payloads with their sizes.

    Over `bound` bytes (or 256 payloads) ephemeral ones are dropped; over it for `patience` seconds, or over 9/8 of it,
    `on_slow` is called, once, and nothing more is taken.
    """

    MAX_PAYLOADS = 256

    __slots__ = ("_bound", "_ephemerals", "_is_slow", "_on_slow", "_patience", "_queue", "_size", "_timer")

    def __init__(self, bound: int, patience: float, on_slow: Callable[[], None]) -> None:
        self._bound, self._patience, self._on_slow = bound, patience, on_slow
        self._queue: deque[tuple[Any, int, bool]] = deque()
        self._size = self._ephemerals = 0
        self._timer: asyncio.TimerHandle | None = None
        self._is_slow = False

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def size(self) -> int:
        """How many bytes wait."""
        return self._size

    @property
    def is_high(self) -> bool:
        """Whether those who can wait should."""
        return self._size > self._bound // 2 or len(self._queue) > self.MAX_PAYLOADS // 2

    @property
    def is_slow(self) -> bool:
        """Whether the client was given up."""
        return self._is_slow

    def put(self, payload: Any, size: int, *, is_ephemeral: bool) -> None:
        """Keep it until the client reads, or drop it as the class says."""
        if self._is_slow or (is_ephemeral and self._is_over):
            return
        self._queue.append((payload, size, is_ephemeral))
        self._size += size
        self._ephemerals += is_ephemeral
        if self._is_over:
            self._relieve()

    def take(self) -> tuple[Any, int]:
        """The oldest payload and its size, which counts until `sent`."""
        payload, size, is_ephemeral = self._queue.popleft()
        self._ephemerals -= is_ephemeral
        return payload, size

    def sent(self, size: int) -> None:
        """So much has gone to the client."""
        self._size -= size
        if not self._is_over:
            self.stop_waiting()

    def drop(self) -> None:
        """Forget what waits."""
        self._queue.clear()
        self._ephemerals = 0

    def stop_waiting(self) -> None:
        """Give nobody up any more for what waits now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def _is_over(self) -> bool:
        return self._size > self._bound or len(self._queue) > self.MAX_PAYLOADS

    def _relieve(self) -> None:
        if self._ephemerals:
            self._size -= sum(size for _, size, is_ephemeral in self._queue if is_ephemeral)
            self._queue = deque(item for item in self._queue if not item[2])
            self._ephemerals = 0
        if self._size > self._bound * 9 // 8 and len(self._queue) > 1:
            self._give_up()
        elif self._timer is None and self._is_over:
            self._timer = asyncio.get_running_loop().call_later(self._patience, self._give_up)

    def _give_up(self) -> None:
        self.stop_waiting()
        if not self._is_slow:
            self._is_slow = True
            self._on_slow()
