"""Deadlines: what is due some time for very many connections, with one timer for all that falls into the same quarter of a second."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from weakref import WeakKeyDictionary

logger = logging.getLogger(__name__)

# A call comes up to so many seconds late, never early.
GRAIN = 0.25

Due = Callable[[], object]


class Deadlines:
    """Calls of one event loop; each costs a tenth of the memory of a timer of its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._due: dict[int, dict[Due, None]] = {}
        self._timer: asyncio.Handle | None = None
        self._next = 0

    def call_later(self, seconds: float, due: Due) -> int:
        """Call it after so many seconds; returns what `cancel` takes."""
        tick = math.ceil((self._loop.time() + seconds) / GRAIN)
        calls = self._due.setdefault(tick, {})
        calls[due] = None
        if self._timer is None or tick < self._next:
            self._set_timer()
        return tick

    def cancel(self, tick: int, due: Due) -> None:
        """Do not call it after all; again, or after the call, does nothing."""
        calls = self._due.get(tick)
        if calls is not None:
            calls.pop(due, None)
            if not calls:
                del self._due[tick]

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._due:
            self._next = min(self._due)
            self._timer = self._loop.call_at(self._next * GRAIN, self._tick)

    def _tick(self) -> None:
        now = self._loop.time()
        self._timer = None
        for tick in sorted(tick for tick in self._due if tick * GRAIN <= now):
            # One by one: a call may cancel another that is due now.
            while calls := self._due.get(tick):
                due = next(iter(calls))
                self.cancel(tick, due)
                try:
                    due()
                except Exception:
                    logger.exception("what was due failed")
        self._set_timer()


class Alarm:
    """One deadline that takes the place of the one before it."""

    __slots__ = ("_due", "_loop", "_tick")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._tick = 0
        self._due: Due | None = None

    def set(self, seconds: float, due: Due) -> None:
        """Call this after so many seconds, and nothing else any more."""
        self.stop()
        self._tick, self._due = deadlines_of(self._loop).call_later(seconds, due), due

    def stop(self) -> None:
        """Call nothing."""
        if self._due is not None:
            deadlines_of(self._loop).cancel(self._tick, self._due)
            self._due = None


_deadlines: WeakKeyDictionary[asyncio.AbstractEventLoop, Deadlines] = WeakKeyDictionary()


def deadlines_of(loop: asyncio.AbstractEventLoop) -> Deadlines:
    """The deadlines of this loop."""
    found = _deadlines.get(loop)
    if found is None:
        found = _deadlines[loop] = Deadlines(loop)
    return found
