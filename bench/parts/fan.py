"""One event to many sockets, closed loop: the next event is sent when everybody has one of those in flight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from bench import peers
from bench.numbers import per_cpu
from bench.parts.rows import Row, progress, start, take_turns
from bench.runs import Crowd

# What each flood is kept with: deliveries, wall, cpu, … and deliveries per CPU-second as `per_cpu`.
Flood = dict[str, float]


@dataclass(frozen=True)
class Case:
    """A way of sending: `b` broadcasts, `p` publishes durably, `u` tells a person; so many at once, so many times in flight."""

    verb: str = "b"
    window: int = 4
    burst: int = 1

    def __str__(self) -> str:
        verb = {"b": "broadcast", "p": "publish", "u": "unicast"}[self.verb]
        return f"{verb}, {self.window} × {self.burst}" if self.burst > 1 else f"{verb}, {self.window} in flight"


def cases_of(name: str, windows: Iterable[int], burst: int = 1) -> list[Case]:
    """The ways that one server can be measured in: only ours can publish."""
    verbs = "bp" if peers.PEERS[name].is_ours else "b"
    return [Case(verb, window, burst) for verb in verbs for window in windows]


def flood(crowd: Crowd, case: Case, seconds: float, warm: float = 0.3) -> Flood:
    """One round of one server; loses nothing where the server loses nothing."""
    task = {"verb": case.verb, "window": case.window, "burst": case.burst, "seconds": seconds, "warm": warm}
    found = crowd.flood(**task)
    return {**found, "per_cpu": per_cpu(found), "per_second": found["deliveries"] / max(found["wall"], 1e-6)}


def fan(
    rig: peers.Rig,
    names: Sequence[str],
    *,
    sockets: int,
    rounds: int,
    windows: Sequence[int],
    seconds: float = 1.0,
    burst: int = 1,
    part: str = "",
) -> list[Row]:
    """Rows of deliveries, the servers and their ways taking turns for so many rounds."""
    part = part or f"fan-out to {sockets}"
    rows: dict[tuple[str, Case], Row] = {}
    with ExitStack() as stack:
        servers = start(stack, rig, names)
        crowds = {}
        for name, server in servers.items():
            progress(f"{part}: {name} opens {sockets} sockets")
            crowds[name] = stack.enter_context(server.crowd(sockets))

        def measure(name: str, opened: Crowd) -> None:
            for case in cases_of(name, windows, burst):
                row = rows.setdefault((name, case), Row(part, name, str(case)))
                row.rounds.append(flood(opened, case, seconds))

        take_turns(rounds, part, crowds, measure)
    return [row for row in rows.values() if row.server in crowds]


def unicast(rig: peers.Rig, names: Sequence[str], *, rounds: int, seconds: float, users: int = 500) -> list[Row]:
    """Each event for one of 500 people with two sockets each, 64 in flight; ours go to the person's own topic."""
    part = "unicast"
    with ExitStack() as stack:
        crowds = {}
        for name, server in start(stack, rig, names).items():
            own = {"first": None, "answer": '"type":"hello"', "people": users} if peers.PEERS[name].is_ours else {}
            crowds[name] = stack.enter_context(server.crowd(2 * users, topics=users, **own))
        kept = {name: Row(part, name, f"{users} people with 2 sockets, 64 in flight") for name in crowds}

        def measure(name: str, opened: Crowd) -> None:
            verb = "u" if peers.PEERS[name].is_ours else "b"
            kept[name].rounds.append(flood(opened, Case(verb, 64), seconds))

        take_turns(rounds, part, crowds, measure)
    return [kept[name] for name in crowds]
