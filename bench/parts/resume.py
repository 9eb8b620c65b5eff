"""Many clients come back at once, each to what it missed: events a second out of the log, and what live traffic notices."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from bench import peers
from bench.parts.rows import Row, progress
from bench.runs import Crowd, Server

MISSED = 100
HELLO = {"first": None, "answer": '"type":"hello"', "answers": 1}


def resumed(rig: peers.Rig, names: Sequence[str], *, clients: int, rounds: int = 1) -> list[Row]:
    """Signed-in sockets subscribe from a position before the last hundred events; beside them runs live traffic."""
    rows = []
    for name in names:
        if peers.PEERS[name].missing:
            continue
        progress(f"resume: {name}, {clients} clients")
        row = Row("resume", name, f"{clients} clients × {MISSED} events")
        for _ in range(rounds):
            with peers.running(name, rig) as server:
                row.rounds.append(_measure(server, clients))
        rows.append(row)
    return rows


def _measure(server: Server, clients: int) -> dict[str, float]:
    # Topic 0 is what was missed, topic 1 is live.
    with server.crowd(100, first=peers.follow("bench:1")) as live, server.crowd(clients, **HELLO) as crowd:
        position = missed(crowd)
        quiet = live_traffic(live, 2.0)
        found: dict[str, dict[str, Any]] = {}
        beside = threading.Thread(target=lambda: found.update(busy=live_traffic(live, 3.0)))
        beside.start()
        back = crowd.say(frame=peers.follow("bench:0", position=position), expect=MISSED)
        beside.join()
    cpu = max(back["cpu"], 1e-6)
    return {
        "events_per_second": back["deliveries"] / max(back["wall"], 1e-6),
        # The processor time of the live traffic beside it is in it too.
        "events_per_cpu": back["deliveries"] / cpu,
        "lost": back["lost"],
        "doubled": back["doubled"],
        "seconds": back["wall"],
        "live_p50": found["busy"]["p50"],
        "live_p99": found["busy"]["p99"],
        "quiet_p50": quiet["p50"],
        "quiet_p99": quiet["p99"],
    }


def missed(crowd: Crowd) -> dict[str, Any]:
    """Publish what nobody follows; returns the position before it."""
    position = crowd.ask(verb="h")
    crowd.ask(verb="p", burst=MISSED // 2)
    crowd.ask(verb="p", burst=MISSED - MISSED // 2)
    # What is asked on one line is done in order: now all of it is committed.
    crowd.ask(verb="h")
    return position


def live_traffic(crowd: Crowd, seconds: float) -> dict[str, Any]:
    """A hundred events a second to a topic of its own."""
    return crowd.flood(verb="b", rate=100, seconds=seconds, warm=0.2, topic=1)
