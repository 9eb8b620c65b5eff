"""A whole run: every part in turn, the page, and what is kept of it."""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bench import history, ingest, listing, machine, page, peers, plan, profile, runs, scrolling, stored
from bench.page import Run
from bench.parts.rows import Row, absent, progress
from bench.stored import Stored
from bench.tables import table

Given = argparse.Namespace


def run(given: Given) -> int:
    """What the command line asks for: everything, `--notify` alone, `--profile`, or the page anew from the last run."""
    if given.part == "report":
        return report()
    if given.profile:
        return profile.run(today())
    if given.notify:
        return notify(given)
    done = measure(given)
    print("\n".join(page.lines_of(done)))
    sys.stderr.write("\n".join(["", *page.verdicts(done), ""]))
    if given.write:
        page.RESULTS.mkdir(exist_ok=True)
        text = json.dumps(done.to_json(), indent=1, default=str)
        (page.RESULTS / f"{done.date}.json").write_text(text + "\n", encoding="utf-8")
        page.write(done)
    return 1 if done.failed else 0


def today() -> str:
    """The date that results are named by."""
    return datetime.now(UTC).date().isoformat()


def measure(given: Given) -> Run:
    """Everything, in order; the quick form with few sockets and short rounds. A part that fails is named, and the rest goes on."""
    sizes = plan.QUICK if given.quick else plan.WHOLE
    started, facts = time.monotonic(), machine.facts()
    rig = peers.Rig(people=sizes.people)
    found: list[Row] = []
    kept, failed = Stored(), []

    def attempt(work: Callable[[], list[Any]], into: list[Any]) -> None:
        try:
            into += work()
        except Exception:
            failed.append(traceback.format_exc(limit=-1).strip().splitlines()[-1])
            sys.stderr.write(traceback.format_exc())
        progress(f"{time.monotonic() - started:.0f} s so far")

    try:
        for part in plan.parts(rig, sizes):
            attempt(part, found)
    finally:
        rig.close()
    seconds = 0.2 if given.quick else 0.8
    attempt(lambda: stored.works(seconds), kept.work)
    attempt(lambda: ingest.measure(seconds), kept.writes)
    attempt(history.measure, kept.history)
    attempt(listing.measure, kept.lists)
    attempt(lambda: scrolling.measure(3_000 if given.quick else scrolling.PIXELS), kept.frames)
    if not given.quick:
        attempt(lambda: stored.waits(3), kept.waits)
    told = f"`python -m bench{' --quick' if given.quick else ''}`, {time.monotonic() - started:.0f} s"
    facts.append(("the run", f"{told}, load {machine.load()} at its end"))
    facts.append(
        (
            "load generator",
            "C" if runs.is_native() else "Python, for want of a C compiler: it limits what is per second",
        )
    )
    return Run(today(), facts, sizes.fans, found, dict(absent), kept, failed)


def notify(given: Given) -> int:
    """The tables of what is stored."""
    seconds, rounds = (0.5, 1) if given.quick else (1.0, 3)
    facts, kept = machine.facts(), Stored(stored.works(seconds), stored.waits(rounds))
    lines = [f"# Measured on {today()}", *table("Machine", ("", ""), facts), *stored.tables(kept)]
    print("\n".join(lines))
    if given.write:
        (page.RESULTS / f"{today()}-notify.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


def report() -> int:
    """Write the page again from the newest figures that were kept, as after a profile or a reason was added."""
    newest = max(page.RESULTS.glob("????-??-??.json"), default=None)
    if newest is None:
        sys.stderr.write("No run has been kept yet: python -m bench --write\n")
        return 1
    page.write(Run.from_json(json.loads(newest.read_text(encoding="utf-8"))))
    return 0
