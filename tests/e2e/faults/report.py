"""The report of a long run: one row a scenario, and beneath it what was done and what was measured."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.e2e.faults.plans import SEED
from tests.e2e.faults.runs import Outcome

_HEAD = """# Faults: what was done to it, and what came of it

Written by `make faults`; [how to run it and how to read this](../howto/faults.md). What each scenario asks for stands in
`tests/e2e/faults/table.py`. Lost, doubled and disordered are counted by a judge that reads the clients' files and the rows
of the database, and nothing else.

"""
_COLUMNS = (
    "", "scenario", "clients", "events/s", "seconds", "deliveries", "lost", "doubled", "disorder", "p50", "p99", "holds"
)  # fmt: skip


@dataclass
class Result:
    """One scenario of a run: its outcome, or of one that is a test of its own, how that ended."""

    name: str
    title: str
    missed: list[str]
    seconds: float
    outcome: Outcome | None = None
    notes: dict[str, object] = field(default_factory=dict)


def page(results: Sequence[Result], seed: int, scale: float, duration: float) -> str:
    """The report as Markdown."""
    when = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    minutes = sum(result.seconds for result in results) / 60
    less = f"sizes times {scale:g}, time and faults times {duration:g}, " if (scale, duration) != (1, 1) else ""
    about = (
        f"{when}, {os.cpu_count()} cores (servers, databases, clients and writers share them), Python "
        f"{platform.python_version()}, `{SEED}={seed}`, {less}{minutes:.0f} minutes.\n\n"
    )
    table = [_row(_COLUMNS), _row("-" * 3 for _ in _COLUMNS), *(_row(_cells(result)) for result in results)]
    return _HEAD + about + "\n".join(table) + "\n" + "".join(_details(result) for result in results)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cells(result: Result) -> list[str]:
    holds = "**no**" if result.missed else "yes"
    outcome = result.outcome
    if outcome is None:
        return [result.name, result.title, *([""] * 4), *([""] * 5), holds]
    faults = outcome.verdict.faults
    return [
        result.name,
        result.title,
        f"{outcome.size.clients:,}",
        f"{outcome.size.load.rate:g}",
        f"{outcome.size.load.seconds:g}",
        f"{outcome.verdict.deliveries:,}",
        str(faults["lost"] + faults["unsaved"]),
        str(faults["repeated"] + faults["written twice"]),
        str(faults["hole"] + faults["wrong epoch"]),
        f"{1000 * outcome.percentile(0.5):.0f} ms",
        f"{1000 * outcome.percentile(0.99):.0f} ms",
        holds,
    ]


def _details(result: Result) -> str:
    lines = [f"\n## {result.name}: {result.title}\n"]
    lines += [f"- **does not hold**: {what}" for what in result.missed]
    lines += [f"- {name}: {value}" for name, value in result.notes.items()]
    if result.outcome is not None:
        lines += _figures(result.outcome)
    return "\n".join([*lines, f"- duration: {result.seconds:.0f} s", ""])


def _figures(outcome: Outcome) -> list[str]:
    injected = Counter(one.name.replace("_", " ") for one in outcome.injected)
    faults = ", ".join(f"{name} ×{count}" for name, count in sorted(injected.items())) or "none of the plan"
    attempts = sum(ack.attempts for ack in outcome.acks)
    failed = {how: count for how, count in sorted(outcome.how.items()) if not how.endswith(" done")}
    lines = [
        f"- load: {len(outcome.plan.writes):,} writes by REST, sockets and Python to {outcome.size.halls} topics, each client "
        f"following {outcome.size.follows} and its own; {outcome.size.load.size} characters each",
        f"- faults injected: {faults}",
        f"- acknowledged: {len(outcome.acks):,} writes in {attempts:,} attempts; given up: {outcome.given_up}",
        "- attempts that failed and were repeated: "
        + (", ".join(f"{how} ×{count}" for how, count in failed.items()) or "none"),
        f"- connections: {outcome.verdict.connections:,}; ended by "
        + (
            ", ".join(f"{code or 'no code'} ×{count}" for code, count in sorted(outcome.verdict.ends.items()))
            or "nobody"
        ),
        f"- the oldest event was {max(outcome.verdict.latencies, default=0):.2f} s old when it came; "
        f"everybody had everything {outcome.caught_up_after:.2f} s after the load",
    ]
    return lines + [f"- {name}: {value}" for name, value in outcome.figures.items()]
