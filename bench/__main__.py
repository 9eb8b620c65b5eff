"""Measures Carillon beside what it is built instead of, in one run of four minutes at most: ratios, not records.

Usage: python -m bench [--write] [--quick] [--notify]     --write keeps the tables in bench/results; bench/README.md explains them
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from bench import machine, meanwhile, runs
from tests.support import postgres, processes

RESULTS = runs.ROOT / "bench" / "results"
# Events in flight: each server is measured at what suits it best; the in-memory layer only loses by a second one.
OURS, THEIRS = 4, 1
Row = tuple[str, ...]


def fan_out(
    sqlite: runs.Measured, stock: runs.Measured | None, sockets: int, rounds: int
) -> tuple[list[Row], list[Row]]:
    """Deliveries per server CPU-second, the kinds taking turns; and what opening the sockets cost."""
    with ExitStack() as stack:
        ours = stack.enter_context(sqlite.crowd(sockets))
        kinds = [("ours, `broadcast`", ours, "b", OURS), ("ours, `publish` on SQLite", ours, "p", OURS)]
        if stock:
            theirs = stack.enter_context(stock.crowd(sockets))
            kinds.insert(0, ("stock Channels, in-memory layer", theirs, "b", THEIRS))
        floods: dict[str, list[dict[str, Any]]] = {name: [] for name, *_ in kinds}
        for _ in range(rounds):
            for name, crowd, byte, window in kinds:
                floods[name].append(crowd.do(send=byte, window=window))
        openings = [(name, crowd.opening) for name, crowd, byte, _ in kinds if byte == "b"]
    return [flood_row(name, sockets, found) for name, found in floods.items()], [
        opening_row(name.partition(",")[0], sockets, opening) for name, opening in openings
    ]


def flood_row(name: str, sockets: int, floods: list[dict[str, Any]]) -> Row:
    """The median of some floods."""
    each = [flood["deliveries"] / max(flood["cpu"], 0.01) for flood in floods]
    client = max(flood["own_cpu"] / flood["wall"] for flood in floods)
    wall = statistics.median(flood["deliveries"] / flood["wall"] for flood in floods)
    spread = f"{min(each):,.0f}–{max(each):,.0f}"
    return (name, str(sockets), f"{statistics.median(each):,.0f}", spread, f"{wall:,.0f}", f"{client:.0%}")


def opening_row(name: str, sockets: int, opening: dict[str, Any]) -> Row:
    """What it costs to open a socket and to keep it."""
    return (
        name,
        str(sockets),
        f"{sockets / opening['seconds']:,.0f}",
        f"{sockets / max(opening['cpu'], 0.01):,.0f}",
        f"{opening['kib_each']:.1f}",
    )


def latency(name: str, server: runs.Measured, samples: int) -> Row:
    """From the begin of a transaction to the frame at a socket, and a bare transaction beside it."""
    with server.crowd(1) as crowd:
        found = crowd.do(send="p", samples=samples)
    told, bare = found["delays"], found["bare"]
    return (name, *(f"{1000 * at(part, q):.2f}" for q in (0.5, 0.99) for part in (told, bare)), str(samples))


def at(samples: list[float], share: float) -> float:
    """The sample below which that share of them lies."""
    return sorted(samples)[min(len(samples) - 1, int(len(samples) * share))]


def durable(name: str, database_url: str, seconds: float) -> list[Row]:
    """notify() against bare rows."""
    with tempfile.TemporaryDirectory(prefix="carillon-bench-") as folder:
        environment = processes.clean_environment(
            CARILLON_DATA=folder, DJANGO_SETTINGS_MODULE="carillon.server.settings", DB_POOL_MAX="64"
        )
        if database_url:
            environment["DATABASE_URL"] = database_url
        command = [sys.executable, "-m", "bench.durable", str(seconds)]
        done = subprocess.run(command, cwd=runs.ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout)
    few, many = found["statements"]
    rows: list[Row] = []
    for threads in (1, 64):
        (ours, refused), (bare, _) = found[f"notify_{threads}"], found[f"bare_{threads}"]
        what = "one after the other" if threads == 1 else f"{threads} threads at once"
        rows.append((name, what, f"{ours:,.0f}/s", f"{bare:,.0f}/s", f"{ours / bare:.2f}", str(refused)))
    for size in (1_000, 10_000):
        ours, bare = found[f"crowd_{size}"]
        rows.append((name, f"{size:,} people at once", f"{ours:.2f} s", f"{bare:.2f} s", f"{bare / ours:.2f}", ""))
    return [*rows, (name, f"a batch of 50: {few} statements; of 500: {many}", "", "", "", "")]


def waiting(name: str, database_url: str, rounds: int) -> list[Row]:
    """What requests wait while 10,000 people are notified, and without that."""
    found = meanwhile.measure(database_url, rounds)
    rows = []
    for request, seconds in found["requests"].items():
        both = [seconds["alone"], seconds["meanwhile"]]
        figures = [f"{1000 * at(part, q):.0f}" for q in (0.5, 0.99, 1) for part in both]
        rows.append((name, request, *figures, " and ".join(str(len(part)) for part in both)))
    calls = [f"{statistics.median(call[part] for call in found['calls']):.2f} s" for part in ("call", "all")]
    return [*rows, (name, f"the call took {calls[0]}, everybody was notified after {calls[1]}", *[""] * 7)]


def table(title: str, heads: Row, rows: list[Row]) -> list[str]:
    """A Markdown table under a heading."""
    lines = [f"| {' | '.join(row)} |" for row in (heads, tuple("---" for _ in heads), *rows)]
    return ["", f"## {title}", "", *lines]


def ratios(rows: list[Row]) -> list[Row]:
    """Each line of the fan-out against the stock one of as many sockets."""
    stock = {row[1]: float(row[2].replace(",", "")) for row in rows if row[0].startswith("stock")}
    return [
        (*row[:3], f"{float(row[2].replace(',', '')) / stock[row[1]]:.1f}" if row[1] in stock else "–", *row[3:])
        for row in rows
    ]


def live(rounds: int, samples: int) -> list[str]:
    """What goes to sockets: the tables of fan-out, of opening them and of latency."""
    fans: list[Row] = []
    opened: list[Row] = []
    url = postgres.create_database(postgres.shared_url(), "bench")
    with runs.ours(1000) as sqlite:
        with ExitStack() as stack:
            stock = stack.enter_context(runs.stock()) if importlib.util.find_spec("channels") else None
            for sockets in (100, 1000):
                found, openings = fan_out(sqlite, stock, sockets, rounds)
                fans += found
                opened = openings
        times = [latency("SQLite", sqlite, samples)]
    with runs.ours(1000, url) as server:
        for sockets in (100, 1000):
            with server.crowd(sockets) as crowd:
                floods = [crowd.do(send="p", window=OURS) for _ in range(rounds)]
            fans.append(flood_row("ours, `publish` on PostgreSQL", sockets, floods))
        times.append(latency("PostgreSQL", server, samples))
    fan_heads = ("server", "sockets", "deliveries per CPU-s", "× stock", "spread", "per second", "client's CPU")
    return [
        *table("One event to many sockets", fan_heads, ratios(fans)),
        *table("Opening and keeping a socket", ("server", "sockets", "a second", "per CPU-s", "KiB each"), opened),
        *table("Transaction to frame, ms", ("database", "p50", "bare p50", "p99", "bare p99", "samples"), times),
    ]


def stored(rounds: int, seconds: float) -> list[str]:
    """What notify() costs, and what requests wait while it is called for 10,000 people."""
    databases = {"SQLite": "", "PostgreSQL": postgres.create_database(postgres.shared_url(), "bench_durable")}
    work = [row for name, url in databases.items() for row in durable(name, url, seconds)]
    databases["PostgreSQL"] = postgres.create_database(postgres.shared_url(), "bench_meanwhile")
    waits = [row for name, url in databases.items() for row in waiting(name, url, rounds)]
    figures = [f"{figure}{when}" for figure in ("p50", "p99", "max") for when in ("", " meanwhile")]
    return [
        *table("notify() against bare rows", ("database", "", "notify()", "bare rows", "ratio", "refused busy"), work),
        *table("Requests while 10,000 people are notified, ms", ("database", "request", *figures, "samples"), waits),
    ]


def measure(*, quick: bool, only_stored: bool) -> list[str]:
    """All tables, or those of notify() alone."""
    rounds, seconds, samples = (1, 0.5, 100) if quick else (3, 1.0, 300)
    return [*([] if only_stored else live(rounds, samples)), *stored(rounds, seconds)]


def main() -> int:
    """Print the tables, and with --write keep them."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--write", action="store_true", help="keep the tables as bench/results/<date>.md")
    parser.add_argument("--quick", action="store_true", help="one short round each: does it run?")
    parser.add_argument("--notify", action="store_true", help="only what notify() costs, in one and a half minutes")
    arguments = parser.parse_args()
    heading = machine.facts()
    started, today = time.monotonic(), datetime.now(UTC).date().isoformat()
    tables = measure(quick=arguments.quick, only_stored=arguments.notify)
    said = "".join(f" --{name}" for name in ("quick", "notify") if getattr(arguments, name))
    heading.append(("the run", f"`python -m bench{said}`, {time.monotonic() - started:.0f} s"))
    lines = [f"# Measured on {today}", *table("Machine", ("", ""), heading), *tables]
    print("\n".join(lines))
    if importlib.util.find_spec("channels") is None:
        sys.stderr.write("\nStock Channels was left out: pip install -r bench/requirements.txt\n")
    if arguments.write:
        RESULTS.mkdir(exist_ok=True)
        name = f"{today}-notify.md" if arguments.notify else f"{today}.md"
        (RESULTS / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    sys.exit(main())
