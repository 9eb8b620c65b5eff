"""The scenarios of GUARANTEES section 5, by number: what is done beside the plan, and what must hold beside no loss."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from tests.e2e.faults import measures
from tests.e2e.faults.follower import Follower
from tests.e2e.faults.history import records
from tests.e2e.faults.runs import Outcome, Run, percentile
from tests.e2e.faults.writers import until

# The longest interval between two sweeps, and a second: an event whose hints were all lost comes within it.
FOR_P99 = 500
STALE = 5.0 + 1.0
# Seconds after which nobody waits any more for those who were cut off.
NOT_BACK = 60.0


@dataclass(frozen=True)
class Scenario:
    """One number of the list: where it runs, what is prepared, and what its figures must be besides."""

    name: str
    title: str
    place: str
    prepare: Callable[[Run], None] = lambda run: None
    judge: Callable[[Run, Outcome], list[str]] = lambda run, outcome: []
    # Where the long form wants another deployment.
    long_place: str = ""


def missed(run: Run, outcome: Outcome) -> list[str]:
    """Everything that does not hold, in words; empty where all is well."""
    found = [] if outcome.verdict.is_clean else [str(outcome.verdict)]
    if outcome.given_up:
        found.append(f"{outcome.given_up} writes were never acknowledged")
    # A run in which nothing happens proves nothing.
    if outcome.verdict.deliveries < len(outcome.plan.writes):
        found.append(f"only {outcome.verdict.deliveries} deliveries")
    planned, done = Counter(fault.name for fault in outcome.plan.faults), Counter(one.name for one in outcome.injected)
    if planned - done:
        found.append(f"faults that were not injected: {planned - done}")
    return found + SCENARIOS[outcome.name].judge(run, outcome)


def _steady(run: Run, outcome: Outcome) -> list[str]:
    if outcome.size.clients < 200:
        return []
    p50, p99 = outcome.percentile(0.5), outcome.percentile(0.99)
    return [f"latency p50 {p50:.3f} s, p99 {p99:.3f} s"] if p99 > 0.25 or p50 > 0.03 else []


def _on_sqlite(run: Run, outcome: Outcome) -> list[str]:
    told = [line for line in run.place.complaints() if "locked" in line]
    found = [f"locked: {told[:2]}"] if told else []
    ((integrity,),) = run.place.query("PRAGMA integrity_check")
    return found if integrity == "ok" else [*found, f"integrity_check: {integrity}"]


def _fresh_by_the_sweep(run: Run, outcome: Outcome) -> list[str]:
    oldest = max(outcome.verdict.latencies)
    return [f"an event came after {oldest:.2f} s"] if oldest > STALE else []


def _back_soon(run: Run, outcome: Outcome) -> list[str]:
    p99 = percentile(outcome.downs, 0.99)
    outcome.figures["back live after, p99"] = f"{p99:.2f} s"
    return [f"back after {p99:.1f} s (p99)"] if p99 > 15 else []


def _without_redis(run: Run, outcome: Outcome) -> list[str]:
    """Nothing fails and nothing blocks; what is written meanwhile comes by the sweep, and later at once again."""
    found = []
    slow = [one for one in outcome.attempts if one.took > 2.0]
    if slow:
        found.append(f"{len(slow)} requests or commands took more than 2 s, such as {slow[0]}")
    failed = {how: count for how, count in outcome.how.items() if not how.endswith(" done")}
    if failed:
        found.append(f"writes failed: {failed}")
    rests = [one for one in outcome.attempts if one.way == "rest"]
    took = percentile([one.took for one in rests], 0.99)
    outcome.figures["REST p99"] = f"{1000 * took:.0f} ms"
    # Where these two are alike it is not Redis that is slow.
    for when, is_hurt in (("away", True), ("there", False)):
        p99 = percentile([one.took for one in rests if outcome.is_hurt_at(one.at) == is_hurt], 0.99)
        outcome.figures[f"REST p99 with Redis {when}"] = f"{1000 * p99:.0f} ms"
    # Of fewer it would be the worst one, and that has its bound above.
    if len(rests) >= FOR_P99 and took > 1.0:
        found.append(f"REST p99 {took:.2f} s")
    return found + _fresh_by_the_sweep(run, outcome) + _at_once_again(outcome)


def _at_once_again(outcome: Outcome) -> list[str]:
    """Long enough after the last fault, events are as fast as ever."""
    back = max(one.ended for one in outcome.injected) + 3.5
    after = outcome.latencies_between(back, time.time())
    if len(after) < 10:
        return [f"only {len(after)} deliveries after Redis was back for a while"]
    median = percentile(after, 0.5)
    outcome.figures["latency with Redis back, p50"] = f"{1000 * median:.0f} ms"
    return [f"latency with Redis back: {median:.2f} s"] if median > 0.5 else []


def _database_back(run: Run, outcome: Outcome) -> list[str]:
    """The first write is acknowledged soon after the database is there again."""
    waits = []
    for fault in outcome.injected:
        later = [ack.at - fault.ended for ack in outcome.acks if ack.at > fault.ended]
        waits.append(min(later, default=0.0))
    outcome.figures["writing again after the database is back, worst"] = f"{max(waits):.2f} s"
    return [f"writing again only after {max(waits):.1f} s"] if max(waits) > 10 else []


def _clock_was_wrong(run: Run, outcome: Outcome) -> list[str]:
    """Events bear the time of a server whose clock was a day ahead, and others of one that was a day behind."""
    wrong = [latency for latency in outcome.verdict.latencies if abs(latency) > 1_800]
    outcome.figures["deliveries that bear a wrong time"] = len(wrong)
    # Latencies by such a clock say nothing.
    outcome.verdict.latencies = [latency for latency in outcome.verdict.latencies if abs(latency) <= 1_800]
    return [] if min(wrong, default=0) < 0 < max(wrong, default=0) else ["no clock was wrong by a day both ways"]


def _over_bad_lines(run: Run, outcome: Outcome) -> list[str]:
    done = sum((line.done for line in run.proxies), Counter[str]())
    outcome.figures["lines ended"] = dict(done)
    absent = {"cut", "reset", "silence"} - done.keys()
    return [f"lines never ended by {absent}"] if absent else []


def _all_dropped(run: Run) -> None:
    """Everybody is cut off twice, and cannot come back for a while; events go on."""

    async def drop(run: Run) -> None:
        seconds = run.size.load.seconds
        backs, sessions = [], 0
        for away in (0.5, seconds / 10):
            await asyncio.sleep(seconds / 5)
            for line in run.proxies:
                line.is_open = False
                line.drop_all("reset")
            await asyncio.sleep(away)
            for line in run.proxies:
                line.is_open = True
            waiting = asyncio.create_task(
                until(lambda: all(one.is_live for one in run.followers), "all to be live", NOT_BACK)
            )
            while not waiting.done():
                sessions = max(sessions, await asyncio.to_thread(run.place.sessions))
                await asyncio.sleep(0.2)
            # Who is still away does not keep the judge from looking at what came of it.
            backs.append(NOT_BACK if waiting.exception() else waiting.result())
        run.figures["all live again after"] = [f"{back:.2f} s" for back in backs]
        run.figures["database sessions, highest"] = sessions

    run.meanwhile.append(drop)


def _all_back(run: Run, outcome: Outcome) -> list[str]:
    found = [f"live again after {told}" for told in outcome.figures["all live again after"] if float(told[:-2]) > 30]
    pool = 10 * len(run.place.servers)
    # The writer beside the servers has one of its own.
    if outcome.figures["database sessions, highest"] > pool + 2:
        found.append(f"{outcome.figures['database sessions, highest']} sessions of {pool}")
    failed = sum(count for how, count in outcome.how.items() if how.startswith("rest ") and how != "rest done")
    return [*found, f"{failed} REST requests failed"] if failed > 0.01 * len(outcome.attempts) else found


def _doors(run: Run) -> None:
    """People are sent out of halls and let in again, all the time."""
    turns: dict[tuple[str, str], list[tuple[float, bool]]] = {}

    async def turn(client: httpx.AsyncClient, hall: str, person: str) -> None:
        past = turns.setdefault((hall, person), [])
        is_out = bool(past) and not past[-1][1]
        server, began = run.chance.choice(run.place.servers), time.time()
        answer = await client.post(
            f"{server.url}/faults/door/{hall}/{person}/{'in' if is_out else 'out'}/",
            headers={"Authorization": f"Bearer {run.place.people[0].token}"},
        )
        answer.raise_for_status()
        past.append((began, is_out))

    async def doorkeeper(run: Run) -> None:
        ends = time.monotonic() + run.size.load.seconds
        people = sorted({one.key for one in run.members})
        async with httpx.AsyncClient(timeout=30) as client:
            while time.monotonic() < ends:
                await turn(client, run.chance.choice(run.halls), run.chance.choice(people))
                await asyncio.sleep(run.chance.uniform(0, 0.1))
            # In the end everybody is in, so that the judge knows what each of them is owed.
            for hall, person in [who for who, past in turns.items() if not past[-1][1]]:
                await turn(client, hall, person)

    run.meanwhile.append(doorkeeper)
    run.figures["doors"] = turns


def _cut_in_time(run: Run, outcome: Outcome) -> list[str]:
    """Who followed a hall when it was withdrawn is told within a sweep."""
    turns = outcome.figures.pop("doors")
    outs = {who: [at for at, is_in in past if not is_in] for who, past in turns.items()}
    waits = [wait for one in run.followers for wait in _waits(one, outs)]
    outcome.figures["withdrawals"] = sum(map(len, outs.values()))
    outcome.figures["told of a withdrawal while connected"] = (
        f"{len(waits)}, after {max(waits, default=0):.2f} s at most"
    )
    if len(waits) < 3:
        return [f"only {len(waits)} were told of a withdrawal"]
    return [f"told of a withdrawal after {max(waits):.1f} s"] if max(waits) > STALE else []


def _waits(one: Follower, outs: dict[tuple[str, str], list[float]]) -> list[float]:
    """Seconds from each withdrawal until this client was told, where it followed the hall all the while."""
    waits, since = [], dict[str, float]()
    for record in records(one.sheet.path):
        if record.kind == "open":
            since.clear()
        elif record.kind == "follow":
            since[record.topic] = record.at
        elif record.kind == "withdrawn":
            began = since.pop(record.topic, record.at)
            past = outs.get((record.topic.removeprefix("hall:"), one.person.key), ())
            waits += [record.at - at for at in [at for at in past if began < at <= record.at][-1:]]
    return waits


def _drained(run: Run, outcome: Outcome) -> list[str]:
    failed = {how: count for how, count in outcome.how.items() if how.startswith("rest 5")}
    found = [f"REST answered {failed}"] if failed else []
    outcome.figures["closed 1012"] = outcome.verdict.ends[1012]
    return found if outcome.verdict.ends[1012] else [*found, "nobody was sent away with 1012"]


SCENARIOS = {
    one.name: one
    for one in (
        Scenario("R1", "steady state on PostgreSQL and Redis", "servers", judge=_steady, long_place="four servers"),
        Scenario("R2", "steady state of the default mode: SQLite, no Redis", "sqlite", judge=_on_sqlite, long_place="one on sqlite"),
        Scenario("R5", "hints lost, doubled and reordered", "bad hints", judge=_fresh_by_the_sweep),
        Scenario("R6", "kill -9 of web processes", "servers", judge=_back_soon),
        Scenario("R7", "Redis killed, flushed, stopped and away", "servers", judge=_without_redis),
        Scenario("R8", "PostgreSQL killed, stopped, full, its sessions ended", "servers", judge=_database_back),
        Scenario("R9", "SQLite: kills and a full disk", "sqlite", judge=_on_sqlite),
        Scenario("R10", "bad lines", "servers", judge=_over_bad_lines),
        Scenario("R11", "clients that read slowly, or not at all", "servers", measures.odd_readers, measures.slow_ones_closed),
        Scenario("R12", "a server whose clock jumps", "sqlite", judge=_clock_was_wrong),
        Scenario("R13", "everybody reconnects at once", "servers", _all_dropped, _all_back),
        Scenario("R14", "access withdrawn while events come", "servers", _doors, _cut_in_time),
        Scenario("R21", "soak", "servers", measures.watched, measures.flat),
        Scenario("R22", "rolling restart", "servers", judge=_drained, long_place="four servers"),
    )
}  # fmt: skip
