"""What notify() costs, and what requests wait while it is called for 10,000 people: the tables of what is stored."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

from bench import history, ingest, listing, meanwhile, runs, scrolling
from bench.numbers import quantile
from bench.tables import table
from tests.support import postgres

Line = tuple[str, ...]


def durable(name: str, database_url: str, seconds: float) -> list[Line]:
    """notify() against bare rows."""
    found = runs.figures_of("bench.durable", database_url, str(seconds), DB_POOL_MAX="64")
    few, many = found["statements"]
    rows: list[Line] = []
    for threads in (1, 64):
        (ours, refused), (bare, _) = found[f"notify_{threads}"], found[f"bare_{threads}"]
        what = "one after the other" if threads == 1 else f"{threads} threads at once"
        rows.append((name, what, f"{ours:,.0f}/s", f"{bare:,.0f}/s", f"{ours / bare:.2f}", str(refused)))
    for size in (1_000, 10_000):
        ours, bare = found[f"crowd_{size}"]
        rows.append((name, f"{size:,} people at once", f"{ours:.2f} s", f"{bare:.2f} s", f"{bare / ours:.2f}", ""))
    return [*rows, (name, f"a batch of 50: {few} statements; of 500: {many}", "", "", "", "")]


def waiting(name: str, database_url: str, rounds: int) -> list[Line]:
    """What requests wait while 10,000 people are notified, and without that."""
    found = meanwhile.measure(database_url, rounds)
    rows = []
    for request, seconds in found["requests"].items():
        both = [seconds["alone"], seconds["meanwhile"]]
        figures = [f"{1000 * quantile(part, q):.0f}" for q in (0.5, 0.99, 1) for part in both]
        rows.append((name, request, *figures, " and ".join(str(len(part)) for part in both)))
    calls = [f"{statistics.median(call[part] for call in found['calls']):.2f} s" for part in ("call", "all")]
    return [*rows, (name, f"the call took {calls[0]}, everybody was notified after {calls[1]}", *[""] * 7)]


@dataclass
class Stored:
    """The lines of the tables of what is stored."""

    work: list[Line] = field(default_factory=list)
    waits: list[Line] = field(default_factory=list)
    writes: list[Line] = field(default_factory=list)
    history: list[Line] = field(default_factory=list)
    lists: list[Line] = field(default_factory=list)
    frames: list[Line] = field(default_factory=list)

    def crowd(self, database: str) -> float | None:
        """notify() of 10,000 people as a multiple of the bare rows."""
        return next(
            (float(line[4]) for line in self.work if line[0] == database and line[1].startswith("10,000")), None
        )

    def listed(self, column: int) -> list[float]:
        """A figure of the REST list, on each database."""
        return [float(line[column]) for line in self.lists]

    def written(self, case: str, what: str, column: int, callers: str = "") -> float | None:
        """The best figure of a column of what was acknowledged, of the lines whose words begin so.

        With callers: of theirs, and of just these words.
        """
        lines = [line for line in self.writes if line[0] == case and line[1].startswith(what)]
        if callers:
            lines = [line for line in lines if line[1:3] == (what, callers)]
        return max((float(line[column].replace(",", "")) for line in lines), default=None)


def works(seconds: float) -> list[Line]:
    """The lines of notify() against bare rows, on both databases."""
    databases = {"SQLite": "", "PostgreSQL": postgres.create_database(postgres.shared_url(), "bench_durable")}
    return [row for name, url in databases.items() for row in durable(name, url, seconds)]


def waits(rounds: int) -> list[Line]:
    """The lines of requests while 10,000 people are notified, on both databases."""
    databases = {"SQLite": "", "PostgreSQL": postgres.create_database(postgres.shared_url(), "bench_meanwhile")}
    return [row for name, url in databases.items() for row in waiting(name, url, rounds)]


def tables(found: Stored) -> list[str]:
    """All of them that have lines."""
    figures = [f"{figure}{when}" for figure in ("p50", "p99", "max") for when in ("", " meanwhile")]
    heads = ("database", "", "notify()", "bare rows", "ratio", "refused busy")
    requests = ("database", "request", *figures, "samples")
    return [
        *(table("Acknowledged writes a second", ingest.HEADS, found.writes) if found.writes else []),
        *(table("Reading conversations", history.HEADS, found.history) if found.history else []),
        *(table("Scrolling in a browser", scrolling.HEADS, found.frames) if found.frames else []),
        *(table("Notifications over REST", listing.HEADS, found.lists) if found.lists else []),
        *(table("notify() against bare rows", heads, found.work) if found.work else []),
        *(table("Requests while 10,000 people are notified, ms", requests, found.waits) if found.waits else []),
    ]
