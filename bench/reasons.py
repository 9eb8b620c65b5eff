"""Why a goal is missed, by the key of bench/goals.py; each sentence can be checked against the tables or the profile of the run."""

from __future__ import annotations

_RESUME = (
    "a page is read and encoded once for all and leaves in one write, and checks of access are asked in batches: what is left is"
    " each client's own, its frame and its answer"
)
_SIGN_IN = (
    "verified and admitted in batches of 32 and more, a socket takes some 90 µs of threads and 540 µs of the loop; a third of that"
    " is making it and writing to it four times, the rest the loop's own Python: handshake, session, own topic, two subscriptions"
    " with an answer each; the clients open theirs on the same two cores, and stock checks nothing and follows nothing"
)
_UNICAST = (
    "of some 23 µs an event the publishing thread takes a third, and the function of the loop that makes the two writes into the"
    " kernel another; the C loop has neither a thread that publishes nor an event to encode"
)
_BATCH = (
    "of a batch of 64 each message changes five tables with seven indexes: itself, its conversation, its sender's mark, the head and"
    " the event"
)
_ON_SQLITE = (
    f"{_BATCH}; more than a third of the time is SQLite's and the kernel's, for some hundred pages that go to the log of writes (in"
    " one conversation a quarter, for thirty), the rest is Python's, for the batch and for the event loop; a replica that stores"
    " message, head and event only, and knows no marks, blocks, names nor versions, makes 0.3 to 0.4 here, and 0.6 in one"
    " conversation"
)
_ON_POSTGRES = (
    f"{_BATCH}; of some 200 µs half is PostgreSQL's own, of which a fifth its checks of foreign keys at commit; the thread that"
    " writes waits meanwhile, and two writers side by side were slower (decision 0033)"
)
_TOLD = (
    "for each of the ten an event for the line of their list, and a notification that is made or renewed under the lock of its"
    " inbox, with counters and an event of its own: six rows for each of them where the bare one is one"
)

REASONS: dict[str, str] = {
    "publish-postgres": (
        "each of the four writers waits for its own commit and for Redis, so that fewer events meet in one tick and are joined; CPU"
        " of PostgreSQL and Redis counts"
    ),
    "most-nchan": (
        "nine tenths of the loop's time pass in one function, around the writes into the kernel, in which both are alike; with"
        " thousands of sockets what Python keeps of each no longer stays in the caches: 14 µs a delivery at 3,000 and 10,000, 6 to 7"
        " up to 1,000 (cost by subscribers)"
    ),
    "p99-nchan": (
        "2.4 to 4.2 ms in its rounds, where nchan had 2.0 to 2.5; a bare loop over the sockets in Python (Starlette's), without"
        " anything of what we do, has 2.0 to 3.3"
    ),
    "unchanged": (
        "seven tenths of the loop's time pass below Channels' `await_many_dispatch`: tasks that wait for two queues, JSON for each"
        " consumer, its handler, and a quarter in the write itself; a tenth is the collector's, for what they leave behind"
    ),
    "bursts-limit": (
        "the ten events of a burst already leave in one write to each socket; such a write of 2 KB, to a client that sleeps and is"
        " woken for it, costs two to three sends of the C loop"
    ),
    "bursts-nchan": "the same; nchan joins the frames of a burst by Nagle's algorithm, at the price of 40 ms",
    "unicast-hop": (
        "each event is one message of Redis, packed, published, parsed and unpacked by itself, and two processes and Redis count;"
        " what comes together is read and handed over together"
    ),
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
        " with one in flight the two are alike"
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
        "a delivery of the C loop, which keeps next to nothing of a socket, costs 1.8 times as much there too; and with some seven"
        " events a second what signed-in sockets cost anyway (pings, sweeps, checks) counts with them"
    ),
    "ordinary": (
        "PostgreSQL: four round trips for each (begin, the row, its event, commit); Django's own row without an event, by itself,"
        " makes 2.1 k a second with these eight threads; what is written often is a hot action"
    ),
    "notify-PostgreSQL": (
        "four rows a person where the bare one is one; two thirds of the processor time is PostgreSQL's own, for two upserts under"
        " lock and the indexes of four tables; a batch is as large as fits into 30 ms, and a small one pays eight round trips for"
        " few people"
    ),
    "message-own-SQLite": _ON_SQLITE,
    "message-one-SQLite": _ON_SQLITE,
    "message-told-SQLite": _TOLD,
    "message-own-PostgreSQL": _ON_POSTGRES,
    "message-one-PostgreSQL": _ON_POSTGRES,
    "message-told-PostgreSQL": _TOLD,
}  # fmt: skip
