"""The seeded scheduler: the same seed is the same plan of faults and of loads."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tests.e2e.faults.loads import Write

SEED = "CARILLON_TEST_SEED"


def seed() -> int:
    """The seed of this run: CARILLON_TEST_SEED, else always the same."""
    return int(os.environ.get(SEED, "1"))


@dataclass(frozen=True)
class Kind:
    """A kind of fault to plan: how often, for how long each (0: a moment), and how long all is left in peace after it."""

    name: str
    times: int
    seconds: float = 0.0
    peace: float = 0.5


@dataclass(frozen=True)
class Fault:
    """One fault to come: `target` picks among the things of its kind."""

    at: float
    name: str
    seconds: float
    target: int


@dataclass(frozen=True)
class Plan:
    """What is done to the system, and what is asked of it."""

    seed: int
    faults: tuple[Fault, ...]
    writes: tuple[Write, ...]

    def __str__(self) -> str:
        """How to repeat it, and the faults in the order of time."""
        told = "".join(f"\n  {one.at:7.2f} s {one.name} #{one.target} for {one.seconds:g} s" for one in self.faults)
        return f"{SEED}={self.seed}, {len(self.writes)} writes, {len(self.faults)} faults{told}"


def faults(chance: random.Random, kinds: Sequence[Kind], seconds: float) -> tuple[Fault, ...]:
    """Spread the faults over the time, one after the other in any order; a run that is too short for them is made longer."""
    each = [kind for kind in kinds for _ in range(kind.times)]
    chance.shuffle(each)
    needed = sum(kind.seconds + kind.peace for kind in each)
    spare = max(0.0, seconds - needed)
    shares = sorted(chance.uniform(0, spare) for _ in each)
    made, busy = [], 0.0
    for kind, share in zip(each, shares, strict=True):
        made.append(Fault(round(busy + share, 3), kind.name, kind.seconds, chance.randrange(1000)))
        busy += kind.seconds + kind.peace
    return tuple(made)


Inject = Callable[[Fault], Awaitable[None]]


async def carry_out(plan: Plan, inject: Inject) -> None:
    """Inject each fault at its time, or when the one before it is over, if that is later."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for fault in plan.faults:
        await asyncio.sleep(max(0.0, began + fault.at - loop.time()))
        await inject(fault)
