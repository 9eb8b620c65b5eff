"""Deadlines: what is due some time for very many connections, with one timer for all that falls into the same quarter of a second."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

logger = logging.getLogger(__name__)

# A call comes up to so many seconds late, never early.
GRAIN = 0.25

Due = Callable[[], object]


class _Calls(dict[Due, None]):
    """What is due at one tick."""

    __slots__ = ("tick",)

    def __init__(self, tick: int) -> None:
        self.tick = tick


class Deadlines:
    """Calls of one event loop; each costs a tenth of the memory of a timer of its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._due: dict[int, _Calls] = {}
        self._timer: asyncio.Handle | None = None
        self._next = 0

    def call_later(self, seconds: float, due: Due) -> int:
        """Call it after so many seconds; returns what `cancel` takes."""
        tick = math.ceil((self._loop.time() + seconds) / GRAIN)
        calls = self._due.get(tick)
        if calls is None:
            calls = self._due[tick] = _Calls(tick)
        calls[due] = None
        if self._timer is None or tick < self._next:
            self._set_timer()
        # One number for all that hold it.
        return calls.tick

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
    """A base of what has one deadline at a time, on the loop in its `_loop`.

    The object itself is what is called: very many have a deadline, and a bound method and a holder for each would cost
    more than the rest of it.
    """

    __slots__ = ("_due", "_tick")

    _loop: asyncio.AbstractEventLoop

    def __init__(self) -> None:
        self._tick = 0
        self._due: Callable[[Any], object] | None = None

    def set_alarm(self, seconds: float, due: Callable[[Any], object]) -> None:
        """Call this, which is a method of its class, after so many seconds, and nothing else any more."""
        self.stop_alarm()
        self._tick, self._due = deadlines_of(self._loop).call_later(seconds, self), due

    def stop_alarm(self) -> None:
        """Call nothing."""
        if self._due is not None:
            deadlines_of(self._loop).cancel(self._tick, self)
            self._due = None

    def __call__(self) -> None:
        """The deadline has come."""
        due, self._due = self._due, None
        if due is not None:
            due(self)


_deadlines: WeakKeyDictionary[asyncio.AbstractEventLoop, Deadlines] = WeakKeyDictionary()


def deadlines_of(loop: asyncio.AbstractEventLoop) -> Deadlines:
    """The deadlines of this loop."""
    found = _deadlines.get(loop)
    if found is None:
        found = _deadlines[loop] = Deadlines(loop)
    return found
