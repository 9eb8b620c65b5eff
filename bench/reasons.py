"""Why a goal is missed, by the key of bench/goals.py; each sentence can be checked against the tables or the profile of the run."""

from __future__ import annotations

_RESUME = (
    "a page is read and encoded once for all and leaves in one write: what is left is each client's own, its frame, its check"
    " of access in a thread, its answer"
)
_SIGN_IN = (
    "twenty sockets open at once, so that two or three meet in one call to a thread: its statements and the way there and back"
    " are half, the loop's work for one socket the other half; two more topics are followed too, and stock checks nothing"
)
_UNICAST = (
    "of some 35 µs an event the two writes into the kernel take a third; the rest is one thread that publishes and"
    " another that sends, and there is nothing to share between readers"
)

_SLOWER = (
    "reached by the run before, when a core made half as many rounds a second again (the table of the machine); not looked"
    " into yet"
)

REASONS: dict[str, str] = {
    "publish-postgres": (
        "each of the four writers waits for its own commit and for Redis, so that fewer events meet in one tick and are joined"
        " (with one in flight it is 0.57 of the C loop); CPU of PostgreSQL and Redis counts"
    ),
    "publish-few": _SLOWER,
    "most-nchan": _SLOWER,
    "commit-p99-ours-postgres": _SLOWER,
    "notify-SQLite": _SLOWER,
    "bursts-limit": (
        "the events of a burst are published one by one by a thread, and meet in one tick of the loop only in part; published"
        " together ten cost an eighth of one (the chart of events at once)"
    ),
    "bursts-nchan": "the same; nchan joins the frames of a burst by Nagle's algorithm, at the price of 40 ms",
    "unicast-hop": "each event is one message of Redis and one wake of a thread; the hop's cost is not shared by many readers here",
    "unicast-node": _UNICAST,
    "unicast-limit": _UNICAST,
    "commit-p50-ours-postgres": (
        "a durable event takes three round trips (begin, the event with its head, commit) where the bare row takes one; only then"
        " comes the hop"
    ),
    "idle-kib": (
        "what Python holds is 4.4 KiB: session, exchange, connection, identity, the feed of one's own topic, three subscriptions; the"
        " rest is uvloop's transport and what the allocator keeps"
    ),
    "idle-stock": "the same, with a person signed in and three topics followed",
    "connects": _SIGN_IN,
    "connects-stock": _SIGN_IN,
    "hop-cpu": (
        "the process that publishes and Redis count too, and through Redis fewer of four events in flight meet in one tick:"
        " with one in flight it is 1.0"
    ),
    "resume-ours": _RESUME,
    "resume-ours-postgres": _RESUME,
    "resume-p50": "live events wait for their turn in the loop while a thousand clients ask at once",
    "resume-p99": (
        "the frames of a thousand clients come in one tick of the loop, and are read before anything else: some 50 µs each; their"
        " answers are spread over the ticks after it"
    ),
    "slow-memory": "1 MiB and a quarter of frames, and what the interpreter needs beside them for a thousand small ones",
    "linear-subscribers": (
        "at 10,000 sockets the kernel's and our own structures no longer fit the processor's caches: the C loop's deliveries too"
        " cost 1.6 times as much there as at 100; up to 3,000 ours cost 1.2 times as much"
    ),
    "ordinary": (
        "PostgreSQL: four round trips for each (begin, the row, its event, commit), and some half of the time is Django's and"
        " PostgreSQL's own for them; what is written often is a hot action"
    ),
    "notify-PostgreSQL": (
        "four rows are written for each person (notification, counters, event, head) where the bare one is one, and a batch takes"
        " a dozen statements; a batch holds as many people as fit into 30 ms, so that on a busy machine there are more of them"
    ),
}  # fmt: skip
