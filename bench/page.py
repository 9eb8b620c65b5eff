"""docs/performance.md and its charts, made from the figures of one whole run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import chart, peers, stored
from bench.goals import GOALS, Found
from bench.numbers import short
from bench.parts.rows import Row, as_json, from_json
from bench.reasons import REASONS
from bench.runs import ROOT
from bench.stored import Stored
from bench.tables import best, rows_table, table

PAGE, PICTURES, RESULTS = ROOT / "docs" / "performance.md", ROOT / "docs" / "pictures", ROOT / "bench" / "results"
FLOOD = ("per_cpu", "per_second", "p50", "p99", "lost", "doubled")
PARTS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "many": ("One event to {1:,} sockets", FLOOD, "stock"),
    "few": ("One event to {0:,} sockets", FLOOD, "stock"),
    "most": ("One event to {2:,} sockets", FLOOD, "limit"),
    "bursts": ("Ten events at once, ten times a second, to {1:,} sockets", FLOOD[:1] + FLOOD[2:], "limit"),
    "unicast": ("One event to one person", FLOOD, "stock"),
    "latency": ("Latency at a steady rate, ms", ("p50", "p99", "max", "per_cpu", "lost"), ""),
    "transaction to frame": (
        "From the begin of a transaction to the frame, ms",
        ("p50", "bare_p50", "p99", "bare_p99"),
        "",
    ),
    "connects": ("Opening sockets", ("connects", "connects_per_cpu", "kib"), "stock"),
    "idle": ("Keeping sockets", ("kib", "rss_kib", "idle_cpu", "closed"), "stock"),
    "resume": (
        "Coming back: what was missed, out of the log, beside live traffic",
        ("events_per_second", "events_per_cpu", "lost", "doubled", "quiet_p50", "live_p50", "quiet_p99", "live_p99"),
        "",
    ),
    "slow": (
        "A client that stops reading",
        ("growth_mib", "offered_mib", "per_second", "p99_before", "p99", "lost", "closed", "code"),
        "",
    ),
}


# A fact of the machine: parts that a peer had ended, and that were measured once more by themselves.
AGAIN = "measured again"


@dataclass
class Run:
    """Everything that one run found."""

    date: str
    facts: list[tuple[str, str]]
    fans: tuple[int, int, int]
    rows: list[Row]
    absent: dict[str, str] = field(default_factory=dict)
    stored: Stored = field(default_factory=Stored)
    failed: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """For keeping."""
        return {**vars(self), "rows": as_json(self.rows), "stored": vars(self.stored)}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Run:
        """What was kept."""
        few, many, most = kept["fans"]
        facts = [(name, told) for name, told in kept["facts"]]
        lines = {name: [tuple(line) for line in each] for name, each in kept["stored"].items()}
        return cls(
            kept["date"],
            facts,
            (few, many, most),
            from_json(kept["rows"]),
            kept["absent"],
            Stored(**lines),
            kept["failed"],
        )


def lines_of(run: Run) -> list[str]:
    """The page."""
    return [
        "# Performance",
        "",
        f"Measured on {run.date} by `make bench` on the machine named below, {_together(run)}: compare figures of this page",
        "with each other only.",
        "The product's real endpoint: every socket is signed in with a token of its own, with subscriptions, offsets,",
        "resume and limits on. The peers do nothing of that. How it is measured: [bench/README.md](../bench/README.md).",
        "",
        "![Deliveries per CPU-second](pictures/fan-out.svg)",
        *goals_table(run),
        "",
        "![Cost by subscribers](pictures/by-subscribers.svg)",
        "",
        "![Cost by events at once](pictures/by-events.svg)",
        *part_tables(run),
        *stored.tables(run.stored),
        *table("Machine", ("", ""), run.facts),
        *absent_lines(run),
        "",
    ]


def goals_table(run: Run) -> list[str]:
    """Each goal: reached, or missed and why."""
    found, profile = Found(run.rows, run.stored), f"{run.date}-profile.md"
    lines = []
    for goal in GOALS:
        verdict, value = goal.verdict(found)
        if verdict == "missed":
            why = REASONS.get(goal.key, "")
            link = f"[profile](../bench/results/{profile})" if (RESULTS / profile).exists() else "no profile yet"
            verdict = f"**missed**: {why + ' ' if why else ''}({link})"
        lines.append((goal.group, goal.what, goal.demand, goal.shown(value), verdict))
    return table("Goals", ("", "", "goal", "here", ""), lines)


def part_tables(run: Run) -> list[str]:
    """What was measured, part by part."""
    found: list[str] = []
    for part, (title, figures, against) in PARTS.items():
        rows = [row for row in run.rows if row.part == part]
        if rows:
            found += rows_table(title.format(*run.fans), rows, figures, against)
    for part, head in (("cost by subscribers", "subscribers"), ("cost by events at once", "events at once")):
        rows = [row for row in run.rows if row.part == part]
        lines = [(row.title, row.case, short(row.of("us")), short(row.of("ms"))) for row in rows]
        found += (
            table(part.capitalize(), ("server", head, "µs of CPU a delivery", "ms of CPU an event"), lines)
            if lines
            else []
        )
    return found


def _together(run: Run) -> str:
    is_one = AGAIN not in dict(run.facts)
    return "all in one run" if is_one else f"in one run but for what that table says was {AGAIN}"


def absent_lines(run: Run) -> list[str]:
    """Which peers did not take part."""
    names = [f"- {peers.PEERS[name].title}: {why}" for name, why in run.absent.items()]
    failed = [f"- a part of the run failed: `{told}`" for told in run.failed]
    return ["", "Not measured here:", "", *names, *failed] if names or failed else ["", "All peers took part."]


def pictures(run: Run) -> dict[str, str]:
    """The charts by file name."""
    drawn = {"fan-out.svg": chart.bars(*_bars(run))}
    for name, part, across in (
        ("by-subscribers.svg", "cost by subscribers", "subscribers"),
        ("by-events.svg", "cost by events at once", f"events at once, to {run.fans[1]:,} subscribers"),
    ):
        lines: dict[str, list[tuple[float, float]]] = {}
        for row in run.rows:
            if row.part == part:
                lines.setdefault(_label(row), []).append((row.of("x"), row.of("ms")))
        if lines:
            drawn[name] = chart.curves(
                f"Processor time by {across.partition(',')[0]}",
                across,
                "ms of CPU an event",
                lines,
                "Carillon",
            )
    return drawn


def _bars(run: Run) -> tuple[str, list[tuple[str, float, str, bool]]]:
    rows = [row for row in run.rows if row.part == "many"]
    # With more than one in flight it is Nagle's algorithm that joins nchan's frames, and holds them back.
    chosen = [best(rows, name, case="broadcast, 1 " if name == "nchan" else "broadcast") for name in peers.PEERS]
    chosen.insert(0, best(rows, "ours", case="publish"))
    stock = best(rows, "stock")
    base = stock.of("per_cpu") if stock else 0.0
    bars = []
    for row in sorted((row for row in chosen if row), key=lambda row: -row.of("per_cpu")):
        figure = row.of("per_cpu")
        label = row.title.replace(", uvicorn", "") + (", publish" if row.case.startswith("publish") else "")
        times = f" · {figure / base:,.1f} ×" if base else ""
        bars.append((label, figure, short(figure) + times, row.server.startswith("ours")))
    return (
        f"Deliveries per CPU-second of the server, one event to {run.fans[1]:,} sockets · × stock Channels · logarithmic scale",
        bars,
    )


def _label(row: Row) -> str:
    return "Carillon" if row.server == "ours" else "epoll loop in C"


def write(run: Run, folder: Path = ROOT) -> None:
    """Write the page and its charts."""
    (folder / PICTURES.relative_to(ROOT)).mkdir(parents=True, exist_ok=True)
    (folder / PAGE.relative_to(ROOT)).write_text("\n".join(lines_of(run)), encoding="utf-8")
    for name, text in pictures(run).items():
        (folder / PICTURES.relative_to(ROOT) / name).write_text(text, encoding="utf-8")


def verdicts(run: Run) -> Sequence[str]:
    """One line a goal that is missed or was not measured, for the terminal."""
    found = Found(run.rows, run.stored)
    judged = [(goal, *goal.verdict(found)) for goal in GOALS]
    return [
        f"{said}: {goal.group}, {goal.what}: {goal.shown(value)} ({goal.demand})"
        for goal, said, value in judged
        if said != "reached"
    ]
