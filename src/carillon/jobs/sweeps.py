"""The registry of sweeps: functions that find due work in tables, do a batch of it and say how much they did."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

log = logging.getLogger("carillon.jobs")

# A sweep that still finds work after this many batches lets others have their turn.
MAX_BATCHES = 50
# One that waits for other machines ends its turn after these seconds: whoever stops the process waits for it.
MOST_SECONDS = 5.0
# A sweep that fails again and again is told of at the first failure, then once in this many.
FAILURES_PER_REPORT = 60

Work = Callable[[], int]
_W = TypeVar("_W", bound=Work)


@dataclass(slots=True)
class Sweep:
    """A named sweep: `work` does one batch and returns how many things it did; it runs each `every` seconds.

    One that `waits` for other machines runs beside the others, so that these need not wait too.
    """

    name: str
    every: float
    work: Work
    waits: bool = False
    failures: int = field(default=0, compare=False)
    clock: Callable[[], float] = field(default=time.monotonic, compare=False)

    def run(self) -> int:
        """Run at most MAX_BATCHES batches, until nothing is left; return the things done; never raises, but logs."""
        done, began = 0, self.clock()
        try:
            for _ in range(MAX_BATCHES):
                count = self.work()
                done += count
                if not count or (self.waits and self.clock() - began > MOST_SECONDS):
                    break
        except Exception:
            self._report()
        else:
            self.failures = 0
        finally:
            close_connections()
        return done

    def _report(self) -> None:
        self.failures += 1
        if self.failures % FAILURES_PER_REPORT == 1:
            log.exception("sweep %s failed (%d in a row); it is tried again", self.name, self.failures)


def close_connections() -> None:
    """Give back this thread's connections, unless the caller is inside a transaction of its own."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


_sweeps: dict[str, Sweep] = {}


def sweep(name: str, *, every: float, waits: bool = False) -> Callable[[_W], _W]:
    """Run this function each `every` seconds, in one process; it must be safe when two runners call it at once.

    Say where it `waits` for other machines.
    """
    if every <= 0:
        raise ValueError(f"sweep {name!r}: every must be positive")

    def register(work: _W) -> _W:
        if name in _sweeps:
            raise ValueError(f"sweep {name!r} is defined twice")
        _sweeps[name] = Sweep(name, every, work, waits)
        return work

    return register


def registered_sweeps() -> dict[str, Sweep]:
    """Every sweep, by name."""
    return dict(_sweeps)
