"""The goals, row by row: what is compared with what, how much it must be at least or at most, and what it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from bench.numbers import ratio, short
from bench.parts.rows import Row
from bench.stored import Stored
from bench.tables import best

HOT, ORDINARY = "hot action", "ordinary action"
OWN, ONE = "64 sockets, each its own topic", "64 sockets, one topic"
SEND, TOLD = "message.send", "message to 10 others, with everything"
# Of how many bare transactions, three quarters of what the spike made of messages: own conversations, one, with 10 others told.
MESSAGES = (("SQLite", 4, "on one connection", 0.3, 0.53, 0.045), ("PostgreSQL", 5, "on 64", 1.07, 1.04, 0.096))
SLOWLY = "PostgreSQL, 1.5 ms longer"
# What the product lets wait for a slow reader, in MiB (OUTBOUND_BYTES).
BOUND = 1.0


@dataclass(frozen=True)
class Found:
    """All rows of a run, asked for figures; None where something was not measured."""

    rows: Sequence[Row]
    stored: Stored

    def row(self, part: str, server: str, case: str = "", figure: str = "per_cpu") -> Row | None:
        """The row of a server in a part, in the way that suits it best."""
        return best([row for row in self.rows if row.part == part], server, figure, case)

    def of(self, part: str, server: str, figure: str, case: str = "") -> float | None:
        """The median of a figure."""
        row = self.row(part, server, case, figure)
        return row.spread(figure).median if row else None

    def times(
        self, part: str, ours: str, theirs: str, case: str = "", their_case: str = "", figure: str = "per_cpu"
    ) -> float | None:
        """The ratio of a figure, round by round."""
        one, other = self.row(part, ours, case, figure), self.row(part, theirs, their_case, figure)
        return ratio(one.each(figure), other.each(figure)) if one and other else None

    def total(self, server: str, *figures: str) -> float | None:
        """The sum of figures of a server over everything it did."""
        own = [row for row in self.rows if row.server == server]
        return sum(sum(row.each(figure)) for row in own for figure in figures) if own else None

    def above(self, part: str, server: str, figure: str, base: str) -> float | None:
        """How much a figure lies above another of the same row, in the median of the rounds."""
        row = self.row(part, server, figure=figure)
        if row is None:
            return None
        return sorted(a - b for a, b in zip(row.each(figure), row.each(base), strict=True))[len(row.rounds) // 2]

    def over(self, part: str, server: str, figure: str, base: str) -> float | None:
        """A figure as a multiple of another of the same row."""
        row = self.row(part, server, figure=figure)
        return ratio(row.each(figure), row.each(base)) if row else None


@dataclass(frozen=True)
class Goal:
    """One bound: `key` names it for the reasons of what is missed."""

    key: str
    group: str
    what: str
    bound: float
    figure: Callable[[Found], float | None]
    unit: str = "×"
    at_most: bool = False

    def verdict(self, found: Found) -> tuple[str, float | None]:
        """`reached`, `missed` or `not measured`, and the figure."""
        value = self.figure(found)
        if value is None:
            return "not measured", None
        return ("reached" if (value <= self.bound if self.at_most else value >= self.bound) else "missed"), value

    @property
    def demand(self) -> str:
        """The bound in words."""
        return f"{'≤' if self.at_most else '≥'} {_figure(self.bound)}{_with(self.unit)}"

    def shown(self, value: float | None) -> str:
        """A figure with its unit."""
        return "–" if value is None else f"{_figure(value)}{_with(self.unit)}"


def _figure(value: float) -> str:
    return "0" if value == 0 else short(value)


def _with(unit: str) -> str:
    return f" {unit}" if unit else ""


FAN, FEW, MOST = "fan-out to 1,000", "fan-out to 100", "fan-out to 5,000"
DURABLE, BURSTS, UNICAST = (
    "the same with `publish`, commit included",
    "bursts of 10 to 1,000",
    "unicast to 500 people × 2",
)
LATENCY, COMMIT, IDLE = "latency, 100/s to 100", "transaction to browser", "idle, signed in, three topics, 10,000"
HOP, RESUME, SLOW, UNCHANGED = (
    "two processes over Redis",
    "resume, 1,000 clients × 100",
    "slow client",
    "stock consumers",
)
WRITES, DATABASES = "durable sends, acknowledged", ("SQLite", "PostgreSQL")
LIST, MESSAGE = "REST list of 50 notifications", "messages, acknowledged"
B, P = "broadcast", "publish"


def _above_bare(server: str, quantile: str, found: Found) -> float | None:
    return found.above("transaction to frame", server, quantile, f"bare_{quantile}")


def _resumed(server: str, found: Found) -> float | None:
    return found.of("resume", server, "events_per_second")


def _notified(database: str, found: Found) -> float | None:
    return found.stored.crowd(database)


def _ordinary(found: Found) -> float | None:
    each = [found.stored.written(f"{name}, as it is", ORDINARY, 3) for name in DATABASES]
    return min((figure for figure in each if figure is not None), default=None)


def _messages(database: str, column: int, bare: str, own: float, one: float, told: float) -> Iterator[Goal]:
    """The goals of messages on a database."""
    kinds = (
        ("own", "64 in conversations of their own", own, SEND, OWN),
        ("one", "64 in one conversation", one, SEND, ONE),
        ("told", "to 10 others, with everything they are told", told, TOLD, ""),
    )
    for key, title, bound, what, callers in kinds:
        yield Goal(
            f"message-{key}-{database}", MESSAGE, f"{title}, {database}, of bare transactions {bare}", bound,
            partial(_written, f"{database}, as it is", what, column, callers),
        )  # fmt: skip


def _written(case: str, what: str, column: int, callers: str, found: Found) -> float | None:
    return found.stored.written(case, what, column, callers)


def growth(found: Found, part: str, first: int) -> float | None:
    """What a delivery costs at the end of a curve, as a multiple of what it costs at `first`."""
    own = {row.rounds[0]["x"]: row.rounds[0]["us"] for row in found.rows if row.server == "ours" and row.part == part}
    return own[max(own)] / own[first] if first in own else None


GOALS: tuple[Goal, ...] = (
    Goal("fan-stock", FAN, "of stock Channels, in-memory", 45, lambda f: f.times("many", "ours", "stock", B)),
    Goal("fan-hop", FAN, "of the Channels pub/sub hop", 28, lambda f: f.times("many", "ours", "stock-pubsub", B)),
    Goal("fan-limit", FAN, "of the C loop", 0.78, lambda f: f.times("many", "ours", "limit", B)),
    Goal("fan-node", FAN, "of ws on Node", 1.3, lambda f: f.times("many", "ours", "node", B)),
    Goal("publish-sqlite", DURABLE, "SQLite, of the C loop", 0.72, lambda f: f.times("many", "ours", "limit", P)),
    Goal(
        "publish-postgres", DURABLE, "PostgreSQL + Redis, their CPU counted, of the C loop", 0.68,
        lambda f: f.times("many", "ours-postgres", "limit", P),
    ),
    Goal("publish-few", DURABLE, "to 100, SQLite, of the C loop", 0.45, lambda f: f.times("few", "ours", "limit", P)),
    Goal("publish-stock", DURABLE, "of stock Channels, which stores nothing", 35, lambda f: f.times("many", "ours", "stock", P)),
    Goal("few-stock", FEW, "of stock Channels, in-memory", 16, lambda f: f.times("few", "ours", "stock", B)),
    # With several in flight nchan's Nagle joins frames and delays them by 40 ms: one in flight is what it really does.
    Goal("most-nchan", MOST, "of nchan", 1.1, lambda f: f.times("most", "ours", "nchan", B, "broadcast, 1 ")),
    Goal("bursts-limit", BURSTS, "of the C loop's one send a delivery", 5, lambda f: f.times("bursts", "ours", "limit")),
    Goal("bursts-nchan", BURSTS, "of nchan", 8, lambda f: f.times("bursts", "ours", "nchan")),
    Goal("unicast-stock", UNICAST, "of stock Channels", 55, lambda f: f.times("unicast", "ours", "stock")),
    Goal("unicast-hop", UNICAST, "over Redis, of the pub/sub hop", 25, lambda f: f.times("unicast", "ours-hop", "stock-pubsub")),
    Goal("unicast-node", UNICAST, "of ws on Node", 1.1, lambda f: f.times("unicast", "ours", "node")),
    Goal("unicast-limit", UNICAST, "of the C loop", 0.6, lambda f: f.times("unicast", "ours", "limit")),
    Goal("p50-nchan", LATENCY, "p50, of nchan", 1.15, lambda f: f.times("latency", "ours", "nchan", figure="p50"), at_most=True),
    Goal("p99-nchan", LATENCY, "p99, of nchan", 1.15, lambda f: f.times("latency", "ours", "nchan", figure="p99"), at_most=True),
    Goal(
        "hop-p50", LATENCY, "p50 over Redis, of the Channels hop", 1 / 12,
        lambda f: f.times("latency", "ours-hop", "stock-pubsub", figure="p50"), at_most=True,
    ),
    *(
        Goal(
            f"commit-{q}-{server}", COMMIT, f"{title}, {q} above the bare commit's", bound,
            partial(_above_bare, server, q), "ms", at_most=True,
        )
        for server, title in (("ours", "SQLite"), ("ours-postgres", "PostgreSQL + Redis"))
        for q, bound in (("p50", 0.9), ("p99", 3.0))
    ),
    Goal("idle-kib", IDLE, "user memory each", 6.5, lambda f: f.of("idle", "ours", "kib"), "KiB", at_most=True),
    Goal("idle-stock", IDLE, "of stock", 1 / 4.5, lambda f: f.times("idle", "ours", "stock", figure="kib"), at_most=True),
    Goal("connects", IDLE, "opened with JWT, user row and own topic", 2500, lambda f: f.of("connects", "ours", "connects"), "a second"),
    Goal(
        "connects-stock", IDLE, "opened a second, of stock", 4,
        lambda f: f.times("connects", "ours", "stock", figure="connects"),
    ),
    Goal("hop-cpu", HOP, "of one process, per CPU-second", 0.9, lambda f: f.times("many", "ours-hop", "ours", B, B)),
    Goal("hop-loss", HOP, "lost or doubled in everything", 0, lambda f: f.total("ours-hop", "lost", "doubled"), "events", at_most=True),
    *(
        Goal(
            f"resume-{server}", RESUME, title, 150_000,
            partial(_resumed, server), "events/s",
        )
        for server, title in (("ours", "SQLite"), ("ours-postgres", "PostgreSQL + Redis"))
    ),
    Goal(
        "resume-p50", RESUME, "live p50 meanwhile, of before", 2,
        lambda f: f.over("resume", "ours", "live_p50", "quiet_p50"), at_most=True,
    ),
    Goal("resume-p99", RESUME, "live p99 meanwhile", 30, lambda f: f.of("resume", "ours", "live_p99"), "ms", at_most=True),
    Goal("slow-memory", SLOW, "memory grown", 1.25 * BOUND, lambda f: f.of("slow", "ours", "growth_mib"), "MiB", at_most=True),
    Goal("slow-p99", SLOW, "p99 of the others, of before", 1.5, lambda f: f.over("slow", "ours", "p99", "p99_before"), at_most=True),
    Goal(
        "unchanged", UNCHANGED, "on our layer and sockets, of the pub/sub layer, both over Redis, to 1,000", 3.5,
        lambda f: f.times("many", "stock-ours-hop", "stock-pubsub"),
    ),
    Goal(
        "linear-subscribers", "cost grows in a straight line", "a delivery at most subscribers, of one at 100", 1.5,
        lambda f: growth(f, "cost by subscribers", 100), at_most=True,
    ),
    Goal(
        "linear-events", "cost grows in a straight line", "a delivery at most events at once, of one at one", 1.0,
        lambda f: growth(f, "cost by events at once", 1), at_most=True,
    ),
    Goal(
        "hot-sqlite", WRITES, "hot actions, SQLite, of bare transactions on one connection", 0.33,
        lambda f: f.stored.written("SQLite, as it is", HOT, 4),
    ),
    Goal(
        "hot-postgres", WRITES, "hot actions, PostgreSQL, of 64 bare connections", 1.2,
        lambda f: f.stored.written("PostgreSQL, as it is", HOT, 5),
    ),
    Goal(
        "hot-slow", WRITES, "hot actions, a commit 1.5 ms longer, of one connection", 8,
        lambda f: f.stored.written(SLOWLY, HOT, 4),
    ),
    Goal("ordinary", WRITES, "ordinary actions, the slower database", 2000, _ordinary, "a second"),
    *(goal for case in MESSAGES for goal in _messages(*case)),
    *(
        Goal(
            f"notify-{database}", "`notify()` 10,000 people", f"{database}, of `bulk_create` of the bare rows", bound,
            partial(_notified, database),
        )
        for database, bound in (("SQLite", 2.0), ("PostgreSQL", 1.3))
    ),
    Goal("list", LIST, "of DRF's serialisation, the slower database", 25, lambda f: min(f.stored.listed(4), default=None)),
    Goal(
        "list-statements", LIST, "statements of a request, signing in included", 2,
        lambda f: max(f.stored.listed(5), default=None), "", at_most=True,
    ),
)  # fmt: skip
