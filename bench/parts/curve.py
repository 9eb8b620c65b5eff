"""How cost grows: with the number of subscribers, and with the number of events sent at once; a straight line is wanted."""

from __future__ import annotations

from collections.abc import Sequence

from bench import peers
from bench.parts.fan import Case, flood
from bench.parts.rows import Row, progress

SUBSCRIBERS = (10, 30, 100, 300, 1000, 3000, 10_000)
BURSTS = (1, 2, 5, 10, 20, 50, 100)


def by_subscribers(rig: peers.Rig, names: Sequence[str], counts: Sequence[int], seconds: float) -> list[Row]:
    """One event at a time to more and more sockets: `us` of processor time for each delivery, `ms` for each event."""
    rows = []
    for name in names:
        if peers.PEERS[name].missing:
            continue
        with peers.running(name, rig) as server:
            for count in counts:
                progress(f"curve: {name}, {count} subscribers")
                with server.crowd(count) as crowd:
                    rows.append(_row("cost by subscribers", name, count, flood(crowd, Case("b", 1), seconds), count))
    return rows


def by_events(rig: peers.Rig, names: Sequence[str], bursts: Sequence[int], seconds: float, sockets: int) -> list[Row]:
    """More and more events at once, to as many sockets each time."""
    rows = []
    for name in names:
        if peers.PEERS[name].missing:
            continue
        with peers.running(name, rig) as server, server.crowd(sockets) as crowd:
            for burst in bursts:
                progress(f"curve: {name}, {burst} events at once")
                found = flood(crowd, Case("b", 1, burst), seconds)
                rows.append(_row("cost by events at once", name, burst, found, sockets))
    return rows


def _row(part: str, name: str, x: int, found: dict[str, float], sockets: int) -> Row:
    events = found["deliveries"] / sockets
    figures = {"x": x, "us": 1e6 / found["per_cpu"], "ms": 1000 * found["cpu"] / max(events, 1), "lost": found["lost"]}
    return Row(part, name, str(x), [figures])
