"""One part by itself, for whoever works on what it measures."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from bench import peers
from bench.parts import connections, latency, resume, slow
from bench.parts.fan import fan, unicast
from bench.parts.rows import Row
from bench.tables import rows_table

Given = argparse.Namespace
FLOOD = ("per_cpu", "per_second", "p50", "p99", "lost")


def _fan(rig: peers.Rig, names: Sequence[str], given: Given) -> list[Row]:
    windows = [int(window) for window in given.windows.split(",")]
    return fan(rig, names, sockets=given.sockets, rounds=given.rounds, windows=windows, seconds=given.seconds)


def _bursts(rig: peers.Rig, names: Sequence[str], given: Given) -> list[Row]:
    return fan(
        rig,
        names,
        sockets=given.sockets,
        rounds=given.rounds,
        windows=[1],
        seconds=given.seconds,
        burst=10,
        part="bursts",
    )


def _idle(rig: peers.Rig, names: Sequence[str], given: Given) -> list[Row]:
    return connections.idle(rig, names, sockets=given.sockets, rounds=given.rounds)


def _unicast(rig: peers.Rig, names: Sequence[str], given: Given) -> list[Row]:
    return unicast(rig, names, rounds=given.rounds, seconds=given.seconds)


def _latency(rig: peers.Rig, names: Sequence[str], given: Given) -> list[Row]:
    return latency.steady(rig, names, rounds=given.rounds, seconds=max(given.seconds, 2), sockets=given.sockets)


def _commit(rig: peers.Rig, names: Sequence[str], given: Given) -> list[Row]:
    return latency.committed(rig, _ours(names), samples=300, rounds=given.rounds)


def _slow(rig: peers.Rig, names: Sequence[str], given: Given) -> list[Row]:
    return slow.stops_reading(rig, names)


def _resume(rig: peers.Rig, names: Sequence[str], given: Given) -> list[Row]:
    return resume.resumed(rig, _ours(names), clients=given.sockets, rounds=given.rounds)


def _ours(names: Sequence[str]) -> list[str]:
    return [name for name in names if peers.PEERS[name].is_ours]


Part = Callable[[peers.Rig, Sequence[str], Given], list[Row]]
PARTS: dict[str, tuple[Part, tuple[str, ...], str]] = {
    "fan": (_fan, FLOOD, "limit"),
    "bursts": (_bursts, FLOOD, "limit"),
    "unicast": (_unicast, FLOOD, "limit"),
    "latency": (_latency, ("p50", "p99", "max", "per_cpu", "lost"), "limit"),
    "commit": (_commit, ("p50", "bare_p50", "p99", "bare_p99", "lost"), ""),
    "idle": (_idle, ("kib", "rss_kib", "connects", "connects_per_cpu", "idle_cpu", "closed"), ""),
    "slow": (_slow, ("growth_mib", "offered_mib", "per_second", "p99_before", "p99", "lost", "closed", "code"), ""),
    "resume": (
        _resume,
        ("events_per_second", "events_per_cpu", "lost", "doubled", "quiet_p50", "live_p50", "quiet_p99", "live_p99"),
        "",
    ),
}


def run(given: Given) -> int:
    """Measure one part and print its table."""
    part, figures, against = PARTS[given.part]
    names = given.servers.split(",") if given.servers else list(peers.PEERS)
    unknown = [name for name in names if name not in peers.PEERS]
    if unknown:
        raise SystemExit(f"unknown servers {', '.join(unknown)}; there are {', '.join(peers.PEERS)}")
    rig = peers.Rig(people=max(1000, min(given.sockets, peers.PEOPLE)))
    try:
        rows = part(rig, names, given)
    finally:
        rig.close()
    print("\n".join(rows_table(given.part, rows, figures, against if against in names else "")))
    for name in names:
        if peers.PEERS[name].missing:
            print(f"\n{name} was not measured: {peers.PEERS[name].missing} is not installed here.")
    return 0
