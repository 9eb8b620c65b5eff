"""Wake: the hint that a sweep has work now; losing it costs at most the sweep's own interval."""

from __future__ import annotations

import logging
from collections.abc import Callable

Listener = Callable[[str], None]

_listeners: list[Listener] = []


def wake(name: str) -> None:
    """Ask this process's runner, if it has one, to run the sweep now; safe anywhere, never raises, never waits."""
    for listener in tuple(_listeners):
        try:
            listener(name)
        except Exception:
            logging.getLogger("carillon.jobs").exception("the runner could not be woken for %s", name)


def listen(listener: Listener) -> Callable[[], None]:
    """Call this with the name of each woken sweep; returns the function that ends it."""
    _listeners.append(listener)

    def stop() -> None:
        if listener in _listeners:
            _listeners.remove(listener)

    return stop
