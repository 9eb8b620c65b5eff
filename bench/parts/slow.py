"""A client that stops reading, beside others that read: what the server keeps for it, and what the others notice."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench import peers
from bench.parts.rows import Row, absent, progress
from bench.runs import Server

# Events of 4 KB: the kernel hides the first 3 MB, one more may wait, and a reader is too slow after 10 s of that.
SIZE, RATE, SECONDS = 4000, 300, 16.0


def stops_reading(rig: peers.Rig, names: Sequence[str], *, readers: int = 10, seconds: float = SECONDS) -> list[Row]:
    """A steady stream to everybody without, and then with, one socket that reads nothing."""
    rows = []
    for name in names:
        if peers.PEERS[name].missing:
            continue
        # What is broadcast may be dropped; what is published may not, so that reader is closed and comes back.
        for verb, title in (
            (("b", "broadcast"), ("p", "publish")) if peers.PEERS[name].is_ours else (("b", "broadcast"),)
        ):
            progress(f"a client that stops reading: {name}, {title}")
            row = Row("slow", name, f"{title}, 1 beside {readers}")
            try:
                with peers.running(name, rig) as server:
                    row.rounds.append(_measure(server, verb, readers, seconds))
                rows.append(row)
            except AssertionError as error:
                if peers.PEERS[name].is_ours:
                    raise
                absent[name] = str(error).splitlines()[0]
    return rows


def _measure(server: Server, verb: str, readers: int, seconds: float) -> dict[str, float]:
    task = {"verb": verb, "size": SIZE, "rate": RATE, "warm": 0.5}
    with server.crowd(readers + 1, stalled=1) as crowd:
        # As long as with the reader that stops: a process that has just begun still grows with what it does.
        with peak_of(server) as usual:
            before = crowd.flood(seconds=seconds, **task)
        crowd.freeze()
        with peak_of(server) as peak:
            during = crowd.flood(seconds=seconds, **task)
        ended = crowd.thaw()
    return {
        "growth_mib": max(0.0, max(peak) - max(usual)) / 1024,
        "offered_mib": RATE * seconds * SIZE / 2**20,
        "p50": during["p50"],
        "p99": during["p99"],
        "p99_before": before["p99"],
        "lost": during["lost"],
        "per_second": during["deliveries"] / during["wall"] / readers,
        "closed": ended["closed"],
        "code": ended["code"],
    }


@contextmanager
def peak_of(server: Server) -> Iterator[list[float]]:
    """Resident memory of the server, in KiB, twenty times a second."""
    seen, over = [server.resident()], threading.Event()

    def watch() -> None:
        while not over.is_set():
            seen.append(server.resident())
            time.sleep(0.05)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
