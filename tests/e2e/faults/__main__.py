"""Runs the scenarios in their long form, one after the other, and reports: `python -m tests.e2e.faults --long [R6 R7 …]`.

It stops by itself; Ctrl-C and SIGTERM end every process that it started.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from tests.e2e.faults import plans, table
from tests.e2e.faults.places import ROOT, Place
from tests.e2e.faults.report import Result, page
from tests.e2e.faults.runs import Run, Size, scaled
from tests.e2e.faults.scenarios import SCENARIOS, missed

# Scenarios that need no servers of ours are tests like any other: which ones, and what makes them long; shorter, they are
# no smaller than in the suite.
TESTS: dict[str, tuple[str, list[str], dict[str, int]]] = {
    "R3": ("commit-order adversary", ["tests/contracts/test_commit_order.py"], {"CARILLON_TEST_COMMITS": 50_000}),
    "R4": (
        "races of subscribing and resuming",
        ["tests/e2e/faults/test_races.py", "tests/kernel/test_delivery_model.py"],
        {},
    ),
    "R19": ("retention and epochs: 10,000 positions", ["tests/e2e/faults/test_retention.py"], {}),
}
LEAST = 1_600
PAGE = ROOT / "docs" / "reference" / "faults.md"


def main() -> int:
    """Run what was asked for; 1 where something does not hold."""
    options = _options()
    # A shell that starts us in the background has us ignore Ctrl-C; SIGTERM is taken for one.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    results: list[Result] = []
    folder = Path(tempfile.mkdtemp(prefix="carillon-faults-"))
    try:
        for name in options.names:
            print(f"{time.strftime('%H:%M:%S')} {name} …", flush=True)
            results.append(_test(name, options) if name in TESTS else _scenario(name, options, folder / name))
            _tell(results[-1])
            _write(results, options)
    except KeyboardInterrupt:
        print("stopped; everything that was started is ended", flush=True)
        return 130
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.report:
        print(f"report: {options.report}")
    return 1 if any(result.missed for result in results) else 0


def _write(results: list[Result], options: argparse.Namespace) -> None:
    """After each scenario: whoever stops a long run keeps what it showed."""
    if options.report:
        text = page(results, options.seed, options.scale, options.duration)
        Path(options.report).write_text(text, encoding="utf-8")


def _options() -> argparse.Namespace:
    known = sorted({*SCENARIOS, *TESTS}, key=lambda name: int(name[1:]))
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="R…", help=f"which scenarios: {', '.join(known)}; none: all")
    parser.add_argument("--long", action="store_true", help="the sizes of the long form; else the short ones")
    parser.add_argument("--scale", type=float, default=1.0, help="sizes times this, such as 0.2")
    parser.add_argument(
        "--duration", type=float, help="its time and its number of faults times this (default: the scale)"
    )
    parser.add_argument("--seed", type=int, default=plans.seed(), help=f"repeats a run (default: {plans.SEED}, or 1)")
    parser.add_argument("--soak-minutes", type=float, default=10.0, help="how long R21 takes (default: 10)")
    parser.add_argument("--report", nargs="?", const=str(PAGE), help="write a report (default place: docs/reference)")
    options = parser.parse_args()
    unknown = set(options.names) - set(known)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    if not options.long and (odd := set(options.names) - table.SHORT.keys() - TESTS.keys()):
        parser.error(f"{', '.join(sorted(odd))}: in the long form only (--long)")
    options.duration = options.duration or options.scale
    options.names = options.names or [name for name in known if options.long or name in table.SHORT or name in TESTS]
    return options


def _size(name: str, options: argparse.Namespace) -> Size:
    size = (table.LONG if options.long else table.SHORT)[name]
    if name == "R21":
        size = replace(size, load=replace(size.load, seconds=60 * options.soak_minutes / options.duration))
    return scaled(size, options.scale, options.duration)


def _scenario(name: str, options: argparse.Namespace, folder: Path) -> Result:
    scenario, began = SCENARIOS[name], time.monotonic()
    setups = table.setups(str(folder / "place"), is_long=options.long)
    where = scenario.long_place if options.long and scenario.long_place else scenario.place
    place = Place(folder / "place", setups[where])
    try:
        place.start()
        run = Run(name, place, _size(name, options), folder / "run", options.seed)
        scenario.prepare(run)
        outcome = asyncio.run(run.go())
        wrong = missed(run, outcome)
    except Exception as error:
        wrong, outcome = _causes(error), None
    finally:
        place.remove()
        shutil.rmtree(folder, ignore_errors=True)
    return Result(name, scenario.title, wrong, time.monotonic() - began, outcome, {"deployment": where})


def _causes(error: BaseException) -> list[str]:
    """What went wrong, in words; of a group, everything that is in it."""
    if isinstance(error, BaseExceptionGroup):
        return [cause for each in error.exceptions for cause in _causes(each)]
    return [f"{type(error).__name__}: {error}"]


def _test(name: str, options: argparse.Namespace) -> Result:
    title, paths, sizes = TESTS[name]
    began = time.monotonic()
    environment = {key: str(max(LEAST, round(size * options.duration))) for key, size in sizes.items() if options.long}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", *paths]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    wrong = [done.stdout[-2000:]] if done.returncode else []
    notes: dict[str, object] = {"tests": ", ".join(f"`{path}`" for path in paths), **environment}
    return Result(name, title, wrong, time.monotonic() - began, notes=notes)


def _tell(result: Result) -> None:
    told = f"{result.outcome.explain()}\n" if result.outcome is not None and result.missed else ""
    print("".join(f"  does not hold: {what}\n" for what in result.missed) + told, end="")
    print(f"  {'holds' if not result.missed else 'DOES NOT HOLD'} after {result.seconds:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
