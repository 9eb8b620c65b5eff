"""How long an event takes: at a steady rate of events, and from the begin of a transaction to the frame."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from bench import peers
from bench.numbers import per_cpu, quantile
from bench.parts.rows import Row, progress, start, take_turns
from bench.runs import Crowd


def steady(
    rig: peers.Rig,
    names: Sequence[str],
    *,
    rounds: int,
    seconds: float,
    sockets: int = 100,
    rate: float = 100,
    burst: int = 1,
    part: str = "latency",
) -> list[Row]:
    """Open loop: `rate` times a second `burst` events, whether or not the last ones have come."""
    case = f"{rate:g} × {burst} events/s to {sockets}"
    with ExitStack() as stack:
        crowds = {name: stack.enter_context(server.crowd(sockets)) for name, server in start(stack, rig, names).items()}
        kept = {name: Row(part, name, case) for name in crowds}

        def measure(name: str, crowd: Crowd) -> None:
            found = crowd.flood(verb="b", rate=rate, burst=burst, seconds=seconds, warm=0.5)
            kept[name].rounds.append({**found, "per_cpu": per_cpu(found)})

        take_turns(rounds, part, crowds, measure)
    return [kept[name] for name in crowds]


def committed(rig: peers.Rig, names: Sequence[str], *, samples: int, rounds: int = 1) -> list[Row]:
    """From before BEGIN to the frame at a socket, one event at a time; after each a bare row in a transaction of its own."""
    rows = []
    for name in names:
        if peers.PEERS[name].missing:
            continue
        progress(f"transaction to frame: {name}")
        row = Row("transaction to frame", name, f"{samples} samples")
        with peers.running(name, rig) as server, server.crowd(1) as crowd:
            crowd.time(verb="p", samples=20)
            for _ in range(rounds):
                found = crowd.time(verb="p", samples=samples)
                row.rounds.append(
                    {
                        "p50": quantile(found["delays"], 0.5),
                        "p99": quantile(found["delays"], 0.99),
                        "bare_p50": quantile(found["bare"], 0.5),
                        "bare_p99": quantile(found["bare"], 0.99),
                        "lost": found["lost"],
                    }
                )
        rows.append(row)
    return rows
