"""What one whole run measures, on which servers and how long; the quick one only shows that everything runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench import peers, runs
from bench.parts import connections, curve, latency, resume, slow
from bench.parts.fan import fan, unicast
from bench.parts.rows import Row

EVERYBODY = tuple(peers.PEERS)
LIMITS = ("limit", "ours")
LARGE = ("ours", "limit", "nchan", "node", "starlette")
UNICAST = ("ours", "ours-hop", "limit", "nchan", "node", "starlette", "socketio", "stock", "stock-pubsub")
LATENCY = ("ours", "ours-hop", "limit", "nchan", "node", "starlette", "stock", "stock-pubsub")
PRODUCT = ("ours", "ours-postgres")
KEPT = ("ours", "limit", "nchan", "node", "starlette", "stock")
SLOW = ("ours", "ours-asgi", "nchan", "node", "starlette", "stock", "stock-daphne", "stock-pubsub")

Part = Callable[[], list[Row]]


@dataclass(frozen=True)
class Sizes:
    """How much of everything."""

    people: int
    rounds: int
    seconds: float
    fans: tuple[int, int, int]
    samples: int
    idle: int
    slow: Sequence[str]
    slow_seconds: float
    clients: int
    users: int
    curve: Sequence[int]
    bursts: Sequence[int]


WHOLE = Sizes(
    people=peers.PEOPLE, rounds=3, seconds=1.0, fans=(100, 1000, 5000), samples=300, idle=10_000, slow=SLOW,
    slow_seconds=slow.SECONDS, clients=1000, users=500, curve=curve.SUBSCRIBERS, bursts=curve.BURSTS,
)  # fmt: skip
QUICK = Sizes(
    people=1000, rounds=1, seconds=0.3, fans=(20, 50, 200), samples=30, idle=300, slow=("ours",),
    slow_seconds=2.0, clients=50, users=20, curve=(10, 100), bursts=(1, 10),
)  # fmt: skip


def parts(rig: peers.Rig, sizes: Sizes) -> list[Part]:
    """The parts of a run, in order; those that need the C load generator are among them only where it is."""
    rounds, seconds = sizes.rounds, sizes.seconds
    few, many, most = sizes.fans
    longer = 3 * seconds

    def some(names: Sequence[str], least: int = 2) -> Sequence[str]:
        return names if sizes is WHOLE else names[:least]

    # What the load generator in Python cannot do.
    native: list[Part] = [
        lambda: resume.resumed(rig, PRODUCT, clients=sizes.clients),
        lambda: slow.stops_reading(rig, sizes.slow, seconds=sizes.slow_seconds),
    ]
    return [
        lambda: fan(rig, EVERYBODY, sockets=many, rounds=rounds, windows=(1, 4), seconds=seconds, part="many"),
        lambda: fan(rig, some(EVERYBODY), sockets=few, rounds=rounds, windows=(1, 4), seconds=seconds, part="few"),
        lambda: fan(
            rig, some(LARGE), sockets=most, rounds=min(rounds, 2), windows=(1, 2), seconds=1.5 * seconds, part="most"
        ),
        lambda: latency.steady(
            rig, some(LARGE[:4]), rounds=rounds, seconds=longer, sockets=many, rate=10, burst=10, part="bursts"
        ),
        lambda: unicast(rig, some(UNICAST, 3), rounds=rounds, seconds=seconds, users=sizes.users),
        lambda: latency.steady(rig, some(LATENCY), rounds=rounds, seconds=longer, sockets=100, part="latency"),
        lambda: latency.committed(rig, PRODUCT, samples=sizes.samples, rounds=rounds),
        lambda: connections.idle(
            rig, some(KEPT), sockets=min(1000, sizes.idle), rounds=min(rounds, 2), part="connects"
        ),
        lambda: connections.idle(rig, some(KEPT), sockets=sizes.idle, part="idle"),
        *(native if runs.is_native() else []),
        lambda: curve.by_subscribers(rig, LIMITS, sizes.curve, seconds),
        lambda: curve.by_events(rig, LIMITS, sizes.bursts, seconds, many),
    ]
