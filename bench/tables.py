"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.numbers import Spread, ratio
from bench.parts.rows import Row

Line = Sequence[str]

HEADS = {
    "per_cpu": "deliveries per CPU-s",
    "per_second": "per second",
    "p50": "p50 ms",
    "p99": "p99 ms",
    "lost": "lost",
    "kib": "KiB each (USS)",
    "connects": "connects/s",
    "connects_per_cpu": "connects per CPU-s",
    "idle_cpu": "cores while idle",
    "events_per_second": "events/s",
    "events_per_cpu": "events per CPU-s",
    "growth_mib": "MiB grown",
    "offered_mib": "MiB not read",
    "p99_before": "p99 ms before",
    "bare_p50": "bare commit's p50",
    "bare_p99": "bare commit's p99",
    "quiet_p50": "live p50 ms before",
    "live_p50": "meanwhile",
    "quiet_p99": "live p99 ms before",
    "live_p99": "meanwhile",
    "rss_kib": "KiB each (resident)",
    "max": "max ms",
    "code": "close code",
}


def table(title: str, heads: Line, lines: Iterable[Line], level: int = 2) -> list[str]:
    """A Markdown table under a heading."""
    rows = [f"| {' | '.join(line)} |" for line in (heads, ["---"] * len(heads), *lines)]
    return ["", f"{'#' * level} {title}", "", *rows]


def rows_table(title: str, rows: Sequence[Row], figures: Sequence[str], against: str = "", level: int = 2) -> list[str]:
    """Rows of one part; the first figure with its spread, and where `against` names a server, its multiple of that."""
    heads = ["server", "", *(HEADS.get(name, name) for name in figures)]
    base = best(rows, against, figures[0]) if against else None
    if base:
        heads.insert(3, f"× {against}")
    lines = []
    for row in rows:
        line = [row.title, row.case, *(_cell(row, name, is_first=name == figures[0]) for name in figures)]
        if base:
            line.insert(3, f"{ratio(row.each(figures[0]), base.each(figures[0])):.2f}")
        lines.append(line)
    return table(title, heads, lines, level)


def _cell(row: Row, name: str, *, is_first: bool) -> str:
    each = row.each(name)
    if not each:
        return "–"
    spread = Spread.of(each)
    if name in ("lost", "doubled", "closed"):
        return f"{sum(each):.0f}"
    if name == "code":
        return f"{max(each):.0f}" if max(each) else "–"
    return str(spread) if is_first else str(Spread(spread.median, spread.median, spread.median))


def best(rows: Sequence[Row], server: str, figure: str = "per_cpu", case: str = "") -> Row | None:
    """The row of a server in the way that suits it best; None where it was not measured."""
    own = [row for row in rows if row.server == server and row.case.startswith(case) and row.each(figure)]
    return max(own, key=lambda row: row.spread(figure).median, default=None)
