"""Background work on demand: what a runner would do by and by is done now, in the test's own thread and transaction."""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager, nullcontext
from unittest import mock

from carillon.jobs.sweeps import Sweep, registered_sweeps

_MOST_BATCHES = 10_000


def run_sweeps(*names: str, at: dt.datetime | None = None) -> dict[str, int]:
    """Run these sweeps, or all, until each finds nothing more; returns how many things each did.

    `at` is the time that the work sees, for what is due later; an aware datetime. A failing sweep raises here, where a
    runner would log it. Raises ValueError for a name that no sweep has.
    """
    sweeps = registered_sweeps()
    unknown = sorted(set(names) - sweeps.keys())
    if unknown:
        raise ValueError(f"no sweep is called {', '.join(unknown)}; there are {', '.join(sorted(sweeps))}")
    with _clock(at):
        return {name: _finish(sweeps[name]) for name in names or sweeps}


def _finish(sweep: Sweep) -> int:
    done = 0
    for _ in range(_MOST_BATCHES):
        count = sweep.work()
        done += count
        if not count:
            return done
    raise AssertionError(f"sweep {sweep.name} still finds work after {_MOST_BATCHES} batches")


def _clock(at: dt.datetime | None) -> AbstractContextManager[object]:
    return mock.patch("django.utils.timezone.now", lambda: at) if at else nullcontext()
