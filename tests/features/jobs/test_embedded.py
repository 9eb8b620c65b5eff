"""The embedded runner: one leased process ticks, another takes over, wakes are prompt, no thread is left."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from django.db.models import F

from carillon.jobs import wake
from carillon.jobs.leases import claim
from carillon.jobs.models import Lease
from carillon.jobs.runners.embedded import LEASE, THREADS, EmbeddedRunner
from carillon.jobs.sweeps import Sweep

pytestmark = pytest.mark.django_db(transaction=True)

DEADLINE = 10


class Bell:
    """Work that can be waited for: `rung(n)` waits until it ran n times."""

    def __init__(self, act: Callable[[int], int] = lambda run: 0) -> None:
        self.runs = 0
        self.threads: set[str] = set()
        self._act = act
        self._changed = threading.Condition()

    def __call__(self) -> int:
        with self._changed:
            self.runs += 1
            self.threads.add(threading.current_thread().name)
            self._changed.notify_all()
        return self._act(self.runs)

    def rung(self, times: int) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.runs >= times, DEADLINE)


@pytest.fixture
def start() -> Iterator[Callable[..., EmbeddedRunner]]:
    running: list[EmbeddedRunner] = []

    def begin(**sweeps: tuple[float, Bell]) -> EmbeddedRunner:
        runner = EmbeddedRunner({name: Sweep(name, every, work) for name, (every, work) in sweeps.items()})
        running.append(runner)
        runner.start()
        return runner

    yield begin
    for runner in running:
        runner.stop()


def test_what_waits_for_other_machines_takes_no_thread_from_the_others() -> None:
    may_end = threading.Event()
    waiting = [Bell(lambda run: int(may_end.wait(DEADLINE)) * 0) for _ in range(THREADS + 1)]
    quick = Bell()
    sweeps = {f"waits{n}": Sweep(f"waits{n}", 3600, bell, waits=True) for n, bell in enumerate(waiting)}
    runner = EmbeddedRunner({**sweeps, "quick": Sweep("quick", 0.05, quick)})
    runner.start()
    try:
        assert all(bell.rung(1) for bell in waiting) and quick.rung(3)
    finally:
        may_end.set()
        runner.stop()


def test_it_ticks_and_leaves_no_thread(start: Callable[..., EmbeddedRunner]) -> None:
    before = set(threading.enumerate())
    bell = Bell()
    runner = start(bell=(0.05, bell))
    assert bell.rung(3)
    assert runner.is_leading
    runner.stop()
    assert set(threading.enumerate()) <= before
    assert not Lease.objects.exists()
    assert threading.current_thread().name not in bell.threads


def test_a_wake_runs_it_at_once(start: Callable[..., EmbeddedRunner]) -> None:
    bell = Bell()
    start(bell=(3600, bell))
    assert bell.rung(1)
    wake("bell")
    assert bell.rung(2)


def test_a_wake_during_the_run_is_not_lost(start: Callable[..., EmbeddedRunner]) -> None:
    def again(run: int) -> int:
        if run == 1:
            wake("bell")
        return 0

    bell = Bell(again)
    start(bell=(3600, bell))
    assert bell.rung(2)


def test_a_failing_sweep_is_tried_again_and_spares_the_others(start: Callable[..., EmbeddedRunner]) -> None:
    def fail(run: int) -> int:
        raise RuntimeError(f"failure {run}")

    broken, bell = Bell(fail), Bell()
    start(broken=(0.05, broken), bell=(0.05, bell))
    assert broken.rung(3)
    assert bell.rung(3)


def test_one_of_two_runs_and_the_other_takes_over_when_it_stops(start: Callable[..., EmbeddedRunner]) -> None:
    first_bell, second_bell = Bell(), Bell()
    first = start(bell=(0.05, first_bell))
    assert first_bell.rung(1)
    second = start(bell=(0.05, second_bell))
    assert first_bell.rung(first_bell.runs + 3)
    assert second_bell.runs == 0 and not second.is_leading
    first.stop()
    assert second_bell.rung(2)
    assert second.is_leading


def test_without_the_lease_only_what_is_woken_here_runs_and_a_killed_holder_is_replaced(
    start: Callable[..., EmbeddedRunner],
) -> None:
    assert claim(LEASE, "a process that was killed", 3600)
    bell, clock = Bell(), Bell()
    runner = start(bell=(3600, bell), clock=(3600, clock))
    assert not runner.is_leading
    # Whoever knows of work does it; what nobody knows of is left to who leads.
    wake("bell")
    assert bell.rung(1)
    assert not runner.is_leading and clock.runs == 0
    Lease.objects.update(expires_at=F("expires_at") - 3600)
    assert clock.rung(1)
    assert runner.is_leading
