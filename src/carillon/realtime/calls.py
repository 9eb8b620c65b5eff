"""Calls of hot actions: items on their way to a writer, and what becomes of them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

from carillon.errors import CarillonError

Run = Callable[..., Awaitable[Any]]


class Alone:
    """The outcome of a call whose batch failed and left nothing behind: it is carried out alone, as if nobody else had asked."""


class OutcomeUnknown(Exception):
    """The database went away while it was told to commit."""


class Call:
    """One item on its way; `key` is what no other of the same batch may have, `weight` what it counts for there."""

    __slots__ = ("_asleep", "details", "is_told", "item", "key", "outcome", "weight")

    def __init__(self, item: Any, *, key: Hashable | None = None, weight: int = 1, details: Any = None) -> None:
        self.item, self.key, self.weight, self.details = item, key, weight, details
        self.outcome: Any = None
        self.is_told = False
        self._asleep = threading.Lock()
        self._asleep.acquire()

    def tell(self, outcome: Any) -> None:
        """Give whoever waits the outcome: a value, a CarillonError to raise, or Alone."""
        self.outcome, self.is_told = outcome, True
        self.wake()

    def wake(self) -> None:
        """Wake the thread that waits; untold, it is to lead."""
        self._asleep.release()

    def sleep(self) -> None:
        """Wait to be woken."""
        self._asleep.acquire()


class LoopCall(Call):
    """A call of which a coroutine awaits the outcome."""

    __slots__ = ("future", "loop", "run")

    def __init__(
        self, item: Any, run: Run, *, key: Hashable | None = None, weight: int = 1, details: Any = None
    ) -> None:
        # Not as a Call does: no thread sleeps until it is told.
        self.item, self.key, self.weight, self.details = item, key, weight, details
        self.is_told = False
        self.run = run
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()


def value_of(outcome: Any) -> Any:
    """The value that an outcome is; raises it where it is a refusal."""
    if isinstance(outcome, CarillonError):
        raise outcome
    return outcome
