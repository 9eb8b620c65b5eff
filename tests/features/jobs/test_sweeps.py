"""Sweeps: the registry, batches, failures, and the runner of a process of its own."""

from __future__ import annotations

import logging
import threading

import pytest
from django.core.management import call_command

from carillon.jobs import registered_sweeps, sweep, wake
from carillon.jobs.runners.command import CommandRunner
from carillon.jobs.sweeps import FAILURES_PER_REPORT, MAX_BATCHES, Sweep


class Work:
    """Counts its calls; answers what it was given, then 0."""

    def __init__(self, *answers: int, always: int = 0) -> None:
        self.answers = list(answers)
        self.always = always
        self.calls = 0

    def __call__(self) -> int:
        self.calls += 1
        return self.answers.pop(0) if self.answers else self.always


def broken() -> int:
    raise RuntimeError("broken")


def test_a_sweep_goes_on_while_there_is_work() -> None:
    work = Work(500, 500, 20)
    assert Sweep("a", 1, work).run() == 1020
    assert work.calls == 4


def test_a_sweep_that_never_ends_lets_others_have_their_turn() -> None:
    work = Work(always=1)
    assert Sweep("a", 1, work).run() == MAX_BATCHES


def test_a_failure_is_told_once_and_not_raised(caplog: pytest.LogCaptureFixture) -> None:
    failing = Sweep("a", 1, broken)
    with caplog.at_level(logging.ERROR, "carillon.jobs"):
        for _ in range(FAILURES_PER_REPORT):
            assert failing.run() == 0
    assert len(caplog.records) == 1
    assert "sweep a failed" in caplog.text


def test_a_name_is_taken_once_and_an_interval_is_positive() -> None:
    with pytest.raises(ValueError, match="every must be positive"):
        sweep("jobs.test", every=0)
    taken = next(iter(registered_sweeps()), None)
    if taken is None:
        sweep("jobs.test", every=60)(Work())
        taken = "jobs.test"
    with pytest.raises(ValueError, match="defined twice"):
        sweep(taken, every=1)(Work())


def test_waking_without_a_runner_does_nothing() -> None:
    wake("nobody")


def test_the_command_runner_runs_what_is_due_when_it_is_due() -> None:
    now = [0.0]
    often, seldom = Work(), Work()
    runner = CommandRunner(
        {"often": Sweep("often", 1, often), "seldom": Sweep("seldom", 10, seldom)}, clock=lambda: now[0]
    )
    assert runner.run_due() == 1
    assert (often.calls, seldom.calls) == (1, 1)
    now[0] = 0.5
    assert runner.run_due() == 0.5
    assert (often.calls, seldom.calls) == (1, 1)
    now[0] = 10.0
    assert runner.run_due() == 1
    assert (often.calls, seldom.calls) == (2, 2)


def test_a_wake_makes_the_command_runner_run_it_now() -> None:
    runs: list[str] = []
    runner = CommandRunner({"slow": Sweep("slow", 3600, lambda: 0)})

    def work() -> int:
        runs.append("slow")
        if len(runs) == 1:
            wake("slow")
        else:
            runner.stop()
        return 0

    runner = CommandRunner({"slow": Sweep("slow", 3600, work)})
    runner.run()
    assert runs == ["slow", "slow"]


def test_what_waits_for_other_machines_holds_up_nothing_in_a_worker_and_is_never_begun_twice() -> None:
    slow, runs, may_end = threading.Event(), [], threading.Event()

    def wait() -> int:
        runs.append("slow")
        slow.set()
        may_end.wait(10)
        return 0

    def work() -> int:
        slow.wait(10)
        wake("waits")
        runs.append("quick")
        if runs.count("quick") == 3:
            may_end.set()
            runner.stop()
        return 0

    runner = CommandRunner({"waits": Sweep("waits", 0.001, wait, waits=True), "quick": Sweep("quick", 0.001, work)})
    runner.run()
    assert runs == ["slow", "quick", "quick", "quick"] and not [t for t in threading.enumerate() if t.name == "waits"]


def test_what_waits_ends_its_turn_after_a_while() -> None:
    batches: list[int] = []

    def work() -> int:
        batches.append(1)
        return 1

    def clock() -> float:
        return 2.0 * len(batches)

    assert Sweep("waits", 1, work, waits=True, clock=clock).run() == len(batches) == 3
    assert Sweep("works", 1, work, clock=clock).run() == MAX_BATCHES


@pytest.mark.django_db(transaction=True)
def test_the_worker_runs_each_sweep_once(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("carillon_worker", "--once")
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == list(registered_sweeps())
