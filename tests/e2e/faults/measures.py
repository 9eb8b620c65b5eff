"""Scenarios that measure: memory beside slow readers, and what grows over a long time."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any

from tests.e2e.faults import table
from tests.e2e.faults.history import records
from tests.e2e.faults.runs import Outcome, Run, percentile


def odd_readers(run: Run) -> None:
    """Half of the odd clients read nothing for two minutes, the others a little each second."""
    run.size = replace(run.size, odd_pace=table.SLOW)
    blind = run.size.odd // 2

    async def watch(run: Run) -> None:
        for one in run.followers[:blind]:
            one.pace = table.BLIND
        base = run.place.memory()
        highest = base
        while True:
            highest = [max(pair) for pair in zip(highest, run.place.memory(), strict=True)]
            run.figures["RSS of each server over the baseline, highest"] = [
                f"{top - low:.0f} MiB" for top, low in zip(highest, base, strict=True)
            ]
            await asyncio.sleep(1)

    run.beside.append(watch)


def slow_ones_closed(run: Run, outcome: Outcome) -> list[str]:
    """Who reads nothing is closed, and costs the servers little."""
    normal = [
        record.at - record.written
        for one in run.followers[run.size.odd :]
        for record in records(one.sheet.path)
        if record.written
    ]
    outcome.figures["latency of the others, p50 and p99"] = (
        f"{1000 * percentile(normal, 0.5):.0f} and {1000 * percentile(normal, 0.99):.0f} ms"
    )
    # Who does not read sees no close frame either, but the end of the line.
    closed = outcome.verdict.ends[4009] + outcome.verdict.ends[1006]
    outcome.figures["closed for being slow"] = closed
    blind = run.size.odd // 2
    found = [] if closed >= blind else [f"{closed} closed of {blind} that read nothing"]
    over = [float(text.split()[0]) for text in outcome.figures["RSS of each server over the baseline, highest"]]
    return [*found, f"RSS grew by {max(over)} MiB"] if max(over) > 64 else found


def watched(run: Run) -> None:
    """RSS, files and sessions of the servers, over the whole run."""
    samples: list[dict[str, Any]] = []

    async def watch(run: Run) -> None:
        while True:
            sessions = await asyncio.to_thread(run.place.sessions)
            samples.append(
                {"at": time.time(), "rss": run.place.memory(), "files": run.place.files(), "sessions": sessions}
            )
            await asyncio.sleep(2)

    run.beside.append(watch)
    run.figures["samples"] = samples


def flat(run: Run, outcome: Outcome) -> list[str]:
    """After a third of the time, nothing grows any more."""
    samples = outcome.figures.pop("samples")
    late = samples[len(samples) // 3 :]
    slopes = [_slope([(one["at"], one["rss"][number]) for one in late]) for number in range(len(run.place.servers))]
    outcome.figures["RSS slope of each server"] = [f"{3600 * slope:+.1f} MiB/h" for slope in slopes]
    for name in ("files", "sessions"):
        outcome.figures[f"{name}, first and last"] = f"{samples[0][name]} {samples[-1][name]}"
    # Ten minutes cannot show a MiB in an hour: what they show is noise of a few MiB.
    hours = (late[-1]["at"] - late[0]["at"]) / 3600
    return [f"RSS grows: {slope * 3600:.1f} MiB/h" for slope in slopes if slope * 3600 > max(1.0, 3.0 / hours)]


def _slope(points: list[tuple[float, float]]) -> float:
    mean_x, mean_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0
