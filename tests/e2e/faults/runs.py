"""One run: clients follow, writers write, faults come as planned, and then the judge speaks."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.e2e.faults import plans, proxy
from tests.e2e.faults.checker import Log, Reader, Verdict, check_writes, log_of
from tests.e2e.faults.follower import Follower
from tests.e2e.faults.history import Ack, acks, records
from tests.e2e.faults.loads import Load, writes
from tests.e2e.faults.pace import At, Pace
from tests.e2e.faults.places import Injected, Place
from tests.e2e.faults.plans import Kind, Plan
from tests.e2e.faults.writers import Attempt, Writers, until

BEGIN = 60.0
LAG_EVERY = 0.05


@dataclass(frozen=True)
class Size:
    """How large a run is; everything else follows from it and from the seed."""

    clients: int
    halls: int
    load: Load
    faults: tuple[Kind, ...] = ()
    # Halls that each client follows beside its own topic.
    follows: int = 1
    pace: Pace = field(default_factory=Pace)
    # Of the clients, how many behave otherwise.
    odd: int = 0
    odd_pace: Pace = field(default_factory=Pace)
    # The share of connections that a proxy maltreats; below 0: there is no proxy.
    bad_lines: float = -1.0
    # Such a line ends after so many bytes at most, where it ends.
    line_bytes: int = 50_000
    # Seconds at the end of the load in which nothing is hurt any more.
    calm: float = 0.0
    # Seconds for which one write is repeated, and in which everything must have come once the load is over.
    patience: float = 30.0
    catch_up: float = 30.0


@dataclass
class Outcome:
    """What came of a run."""

    name: str
    folder: Path
    plan: Plan
    verdict: Verdict
    size: Size
    seconds: float
    acks: list[Ack]
    given_up: int
    caught_up_after: float
    downs: list[float]
    injected: list[Injected]
    attempts: list[Attempt]
    how: dict[str, int]
    figures: dict[str, Any] = field(default_factory=dict)

    def percentile(self, share: float) -> float:
        """Latency from the write to the client, in seconds."""
        return percentile(self.verdict.latencies, share)

    def latencies_between(self, began: float, ended: float) -> list[float]:
        """Of the events that were written in this time (seconds since 1970)."""
        found = []
        for path in sorted(self.folder.glob("client*.jsonl")):
            found += [one.at - one.written for one in records(path) if one.written and began <= one.written < ended]
        return found

    def is_hurt_at(self, at: float) -> bool:
        """Whether a fault was going on, or had just ended, at this moment (seconds since 1970)."""
        return any(one.began <= at <= one.ended + 1.0 for one in self.injected)

    def explain(self) -> str:
        """Everything needed to understand and to repeat a run that failed."""
        told = f"{self.name}: {self.verdict}\n{self.plan}"
        return f"{told}\nwriters: {self.how}, {self.given_up} given up\nfigures: {self.figures}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies; 0 of none."""
    if len(values) < 2:
        return max(values, default=0.0)
    return statistics.quantiles(values, n=1000, method="inclusive")[min(998, round(share * 1000) - 1)]


class Run:
    """The run of one scenario on a place."""

    def __init__(self, name: str, place: Place, size: Size, folder: Path, seed: int) -> None:
        self.name, self.place, self.size, self.seed = name, place, size, seed
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        chance = random.Random(f"{seed}/{name}")
        # Halls of its own, so that runs on one place do not hear each other.
        self.halls = [f"{name}.{number}" for number in range(size.halls)]
        self.members = [place.people[number % len(place.people)] for number in range(size.clients)]
        planned = writes(chance, size.load, f"{name}-{seed}", self.halls, sorted({one.key for one in self.members}))
        self.plan = Plan(seed, plans.faults(chance, size.faults, size.load.seconds - size.calm), tuple(planned))
        self.chance = chance
        self.followers: list[Follower] = []
        self.proxies: list[proxy.Proxy] = []
        self.figures: dict[str, Any] = {}
        # What a scenario does while the load goes on: what is waited for, and what goes on until everything has come.
        self.meanwhile: list[Callable[[Run], Coroutine[Any, Any, None]]] = []
        self.beside: list[Callable[[Run], Coroutine[Any, Any, None]]] = []

    async def go(self) -> Outcome:
        """Carry it out and judge."""
        began = time.monotonic()
        before = len(self.place.injected)
        async with AsyncExitStack() as ends:
            urls = await self._lines(ends)
            running = self._begin(urls)
            ends.push_async_callback(self._end, running)
            await until(lambda: all(one.has_begun or one.is_over for one in self.followers), "all to follow", BEGIN)
            writers = Writers(
                self.place, self.folder, self.plan.writes, patience=self.size.patience, seed=f"{self.seed}/{self.name}"
            )
            beside = [work(self) for work in (*self.beside, Run._measure_lag)]
            ends.push_async_callback(_cancel, [asyncio.create_task(work) for work in beside])
            async with asyncio.TaskGroup() as group:
                for work in (writers.run(), plans.carry_out(self.plan, self.place.inject)):
                    group.create_task(work)
                for do in self.meanwhile:
                    group.create_task(do(self))
            caught_up = await self._catch_up()
        verdict = await asyncio.to_thread(self._judge, writers)
        return Outcome(
            name=self.name,
            folder=self.folder,
            plan=self.plan,
            verdict=verdict,
            size=self.size,
            seconds=time.monotonic() - began,
            acks=acks(writers.files),
            given_up=writers.given_up,
            caught_up_after=caught_up,
            downs=[down for one in self.followers for down in one.downs],
            injected=self.place.injected[before:],
            attempts=writers.attempts,
            how=dict(writers.how),
            figures=self.figures,
        )

    async def _measure_lag(self) -> None:
        """How late the loop of clients and writers is: nothing that they measure is better than that."""
        loop, lags = asyncio.get_running_loop(), []
        try:
            while True:
                due = loop.time() + LAG_EVERY
                await asyncio.sleep(LAG_EVERY)
                lags.append(loop.time() - due)
        finally:
            self.figures["the clients' own loop was late by, p99"] = f"{1000 * percentile(lags, 0.99):.0f} ms"

    async def _lines(self, ends: AsyncExitStack) -> list[str]:
        """The addresses that clients use: the servers', or those of proxies before them."""
        if self.size.bad_lines < 0:
            return [server.url for server in self.place.servers]
        for number, server in enumerate(self.place.servers):
            chance = random.Random(f"{self.seed}/{self.name}/{number}")
            manner = proxy.mixed(chance, self.size.bad_lines, life=self.size.line_bytes)
            made = await proxy.Proxy(server.port, manner, seed=self.seed).start()
            ends.push_async_callback(made.stop)
            self.proxies.append(made)
        return [f"http://127.0.0.1:{made.port}" for made in self.proxies]

    def _begin(self, urls: list[str]) -> list[asyncio.Task[None]]:
        for number, person in enumerate(self.members):
            count = min(self.size.follows, len(self.halls))
            topics = [f"hall:{self.halls[(number + step) % len(self.halls)]}" for step in range(count)]
            pace = self.size.odd_pace if number < self.size.odd else self.size.pace
            seed = f"{self.seed}/{self.name}/{number}"
            self.followers.append(Follower(f"client{number}", person, urls, topics, self.folder, pace=pace, seed=seed))
        return [asyncio.create_task(one.run()) for one in self.followers]

    async def _catch_up(self) -> float:
        """Seconds until everybody has everything; who is late is judged as he is."""
        began = time.monotonic()
        for one in self.followers:
            # In the end everybody reads what there is.
            one.pace = self.size.pace
        heads: dict[str, At] = {}
        for row in await asyncio.to_thread(self.place.rows):
            heads[row.topic] = At(row.epoch, row.offset)
        waiting = [one for one in self.followers if not one.is_over]
        while time.monotonic() - began < self.size.catch_up:
            waiting = [one for one in waiting if not one.has(heads)]
            if not waiting:
                break
            await asyncio.sleep(0.05)
        return time.monotonic() - began

    async def _end(self, running: list[asyncio.Task[None]]) -> None:
        for one in self.followers:
            one.stop()
        await asyncio.wait(running, timeout=10)
        for task in running:
            task.cancel()
        for result in await asyncio.gather(*running, return_exceptions=True):
            if isinstance(result, Exception):
                raise result

    def _judge(self, writers: Writers) -> Verdict:
        log: Log = log_of(self.place.rows())
        verdict = Verdict()
        check_writes(log, acks(writers.files), verdict)
        for one in self.followers:
            verdict.add(Reader(one.name, log, principals=[one.person.key]).read(records(one.sheet.path)))
        return verdict


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            raise result


def scaled(size: Size, scale: float, duration: float) -> Size:
    """The same with fewer clients and less load (times `scale`), in less time and with fewer faults (times `duration`).

    At full scale nothing is made shorter than a minute: what has to be met in it would not be met.
    """
    if scale == duration == 1:
        return size
    least = min(size.load.seconds, 60.0 if scale == 1 else 10.0)
    seconds = max(least, size.load.seconds * duration)
    duration = seconds / size.load.seconds
    load = replace(size.load, rate=max(10.0, size.load.rate * scale), seconds=seconds)
    # What takes seconds stays as it is; only what takes minutes is made shorter.
    kinds = tuple(
        replace(
            kind,
            times=max(1, round(kind.times * duration)),
            seconds=max(min(kind.seconds, 5.0), kind.seconds * duration),
            peace=max(min(kind.peace, 3.0), kind.peace * duration),
        )
        for kind in size.faults
    )
    clients = max(4, round(size.clients * scale))
    return replace(
        size, load=load, faults=kinds, clients=clients, odd=min(clients // 2, round(size.odd * scale)),
        halls=max(1, round(size.halls * scale)),
    )  # fmt: skip
