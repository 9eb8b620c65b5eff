"""Opening sockets and keeping them: connects a second, and user memory of the server by idle socket."""

from __future__ import annotations

import time
from collections.abc import Sequence

from bench import peers
from bench.parts.rows import Row, progress
from bench.runs import Server

WARM = 200


def idle(
    rig: peers.Rig, names: Sequence[str], *, sockets: int, rounds: int = 1, topics: int = 2, part: str = "idle"
) -> list[Row]:
    """Open so many sockets, wait, weigh, close; ours are signed in and follow their own topic and `topics` more."""
    rows = []
    for name in names:
        if peers.PEERS[name].missing:
            continue
        row = Row(part, name, f"{sockets} sockets")
        for _ in range(rounds):
            progress(f"{name} opens {sockets} sockets and keeps them")
            with peers.running(name, rig) as server:
                row.rounds.append(weigh(server, sockets, topics))
        rows.append(row)
    return rows


def weigh(server: Server, sockets: int, topics: int) -> dict[str, float]:
    """What the sockets cost: KiB of user memory and of resident memory each, connects a second and per CPU-second."""
    extra = {}
    if peers.PEERS[server.name].is_ours:
        wanted = [f"bench:{number}" for number in range(topics)]
        extra = {"first": peers.follow(*wanted), "answers": topics}
    # What the first sockets of a process load and allocate for good is no cost of one more.
    with server.crowd(WARM, **extra):
        time.sleep(0.5)
    time.sleep(1.0)
    before, resident = server.memory(), server.resident()
    with server.crowd(sockets, **extra) as crowd:
        crowd.idle(2.0)
        kib = (server.memory() - before) / sockets
        rss = (server.resident() - resident) / sockets
        kept = crowd.idle(2.0)
    opened = crowd.opened
    return {
        "kib": kib,
        "rss_kib": rss,
        "connects": opened["sockets"] / opened["seconds"],
        "connects_per_cpu": opened["sockets"] / max(opened["cpu"], 1e-6),
        "idle_cpu": kept["cpu"] / kept["wall"],
        "closed": kept["closed"],
    }
