"""The runner of a process of its own (`carillon_worker`): one thread, whichever sweep is due first; those that wait, beside it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from carillon.jobs.sweeps import Sweep, registered_sweeps
from carillon.jobs.wake import listen

STOP_WITHIN = 0.5


class CommandRunner:
    """Runs due sweeps one after the other until stopped; several such processes share the work safely.

    One that waits for other machines has a thread of its own.
    """

    def __init__(
        self, sweeps: Mapping[str, Sweep] | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._sweeps = registered_sweeps() if sweeps is None else dict(sweeps)
        self._clock = clock
        self._due = dict.fromkeys(self._sweeps, clock())
        self._changed = threading.Event()
        self._waiting: dict[str, threading.Thread] = {}
        self._is_stopped = False

    def run_once(self) -> dict[str, int]:
        """Run each sweep once; return the things done, by name."""
        return {name: sweep.run() for name, sweep in self._sweeps.items()}

    def run_due(self) -> float:
        """Run every sweep that is due; return the seconds until the next one is."""
        for name in sorted(self._due, key=self._due.__getitem__):
            if not self._is_stopped and self._due[name] <= self._clock():
                # Set before the run: a wake that comes during it makes the sweep due again.
                self._due[name] = self._clock() + self._sweeps[name].every
                self._run(self._sweeps[name])
        return max(0.0, min(self._due.values(), default=1.0) - self._clock())

    def run(self) -> None:
        """Run until `stop` is called from a signal handler or another thread."""
        stop_listening = listen(self._wake)
        try:
            while not self._is_stopped:
                self._changed.clear()
                self._changed.wait(min(self.run_due(), STOP_WITHIN))
        finally:
            stop_listening()
            for thread in self._waiting.values():
                thread.join()

    def stop(self) -> None:
        """End `run` after the sweep under way, within STOP_WITHIN seconds when idle."""
        # A signal handler may not touch the event: it could interrupt the very thread that holds its lock.
        self._is_stopped = True

    def _run(self, sweep: Sweep) -> None:
        if not sweep.waits:
            sweep.run()
            return
        earlier = self._waiting.get(sweep.name)
        if earlier is None or not earlier.is_alive():
            thread = self._waiting[sweep.name] = threading.Thread(target=sweep.run, name=sweep.name)
            thread.start()

    def _wake(self, name: str) -> None:
        if name in self._due:
            self._due[name] = self._clock()
            self._changed.set()
