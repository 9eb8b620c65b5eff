"""An event loop whose time stands still until a test moves it."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

_T = TypeVar("_T")


class _NothingToWaitFor(selectors.BaseSelector):
    """Never blocks and never reports anything: there is no network here."""

    def __init__(self) -> None:
        self._keys: dict[Any, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        key = selectors.SelectorKey(fileobj, 0, events, data)
        self._keys[fileobj] = key
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys.pop(fileobj)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys

    def close(self) -> None:
        self._keys.clear()


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop that runs what is ready when asked to, and whose `call_later` waits for `advance`."""

    def __init__(self) -> None:
        super().__init__(_NothingToWaitFor())
        self._now = 1000.0
        self.failures: list[dict[str, Any]] = []
        # A loop holds its tasks weakly; one that waits for ever would be gone before it is cancelled.
        self._begun: set[asyncio.Task[Any]] = set()
        self.set_exception_handler(lambda _, context: self.failures.append(context))

    def time(self) -> float:
        return self._now

    def settle(self) -> None:
        """Run until nothing is left to do at this moment."""
        while self._has_work():
            self.call_soon(self.stop)
            self.run_forever()

    def advance(self, seconds: float) -> None:
        """Move time on, stopping at each timer on the way."""
        end = self._now + seconds
        self.settle()
        while (due := self._next_timer()) is not None and due <= end:
            self._now = max(self._now, due)
            self.settle()
        self._now = end

    def do(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine that needs no time to pass, to its end; AssertionError where it waits for something."""
        task = self.create_task(work)
        self.settle()
        assert task.done(), "it waits for time to pass, or for ever"
        return task.result()

    def begin(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        """Start a coroutine and run it as far as it goes now."""
        task = self.create_task(work)
        self._begun.add(task)
        self.settle()
        return task

    def call(self, function: Any, *arguments: Any) -> None:
        """Call a function on the loop and run what follows from it."""
        self.call_soon(function, *arguments)
        self.settle()

    def finish(self) -> None:
        """Cancel what still runs and close the loop."""
        for task in asyncio.all_tasks(self):
            task.cancel()
        self.settle()
        self.close()

    def _has_work(self) -> bool:
        due = self._next_timer()
        return bool(self._ready) or (due is not None and due <= self._now)  # type: ignore[attr-defined]

    def _next_timer(self) -> float | None:
        waiting = [timer.when() for timer in self._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
        return min(waiting, default=None)
