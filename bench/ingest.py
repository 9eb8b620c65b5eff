"""Acknowledged writes a second: hot actions, ordinary ones and bare transactions, with a commit as it is and a slow one.

`python -m bench.ingest` prints the table, in about a minute.
"""

from __future__ import annotations

from bench.runs import figures_of
from tests.support import postgres

SECONDS, SLOW = 0.8, 0.0015
HEADS = ("database, commit", "what", "callers", "a second", "of bare, one connection", "of bare, 64")
Row = tuple[str, ...]


def measure(seconds: float = SECONDS) -> list[Row]:
    """The rows of the table under HEADS: SQLite, and a PostgreSQL of its own that waits for its disk."""
    cluster = postgres.Cluster(durable=True, max_connections=200)
    try:
        cluster.start()
        databases = {"SQLite": "", "PostgreSQL": cluster.create_database("bench_ingest")}
        return [
            row
            for name, url in databases.items()
            for slow, commit in ((0.0, "as it is"), (SLOW, f"{1000 * SLOW:g} ms longer"))
            for row in _rows(
                f"{name}, {commit}", figures_of("bench.writes", url, str(seconds), str(slow), DB_POOL_MAX="80")
            )
        ]
    finally:
        cluster.remove()


def _rows(name: str, figures: list[tuple[str, str, float]]) -> list[Row]:
    bare = [rate for what, _, rate in figures if what == "bare transaction"]
    return [
        (name, what, callers, f"{rate:,.0f}", *(_times(rate / each) for each in bare))
        for what, callers, rate in figures
    ]


def _times(figure: float) -> str:
    return f"{figure:.2f}" if figure >= 0.1 else f"{figure:.3f}"


if __name__ == "__main__":
    for row in [HEADS, tuple("---" for _ in HEADS), *measure()]:
        print(f"| {' | '.join(row)} |")
