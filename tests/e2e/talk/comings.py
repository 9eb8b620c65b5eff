"""People come and go while others speak: nothing of the time without them reaches anybody, and nobody is left out.

`python -m tests.e2e.talk.comings --interleavings 2000 --database sqlite|postgres [--seed words] [--first 0]` prints figures,
and ends with 1 where a promise was not kept (GUARANTEES G11, R14). An interleaving is the same whichever others are played.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

PEOPLE = 5
SECOND_DEVICES = 2
BROKER = "tests.e2e.talk.line.FickleBroker"
# Interleavings of the same people: what each of them was ever told is read by the judge after every one.
CROWD = 25
# Seconds within which who was removed is cut, and within which the harness gives up; rounds in which that is measured.
CUT_WITHIN, GIVEN_UP, ROUNDS = 5.0, 20.0, 20


@dataclass
class Report:
    """What came of it."""

    interleavings: int = 0
    seconds: float = 0.0
    stays: int = 0
    cuts: int = 0
    events: int = 0
    put_off: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    # Seconds from a removal until a device was cut by nothing but what the server does by itself.
    unaided: dict[str, list[float]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def add(self, other: Report) -> None:
        """Count another one in; its time is not, for several are played at once."""
        for name in ("interleavings", "stays", "cuts", "events", "put_off"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.seen += other.seen
        for how, waits in other.unaided.items():
            self.unaided.setdefault(how, []).extend(waits)
        self.faults += other.faults

    def __str__(self) -> str:
        seen = ", ".join(f"{count} {what}" for what, count in sorted(self.seen.items()))
        waits = "".join(
            f"; {len(waits)} cut with {how}, after {max(waits):.2f} s at most"
            for how, waits in sorted(self.unaided.items())
        )
        return (
            f"{self.interleavings} interleavings in {self.seconds:.0f} s: {self.stays} subscriptions, {self.cuts} cut, "
            f"{self.events} events heard, {self.put_off} times put off; {seen}{waits}; {len(self.faults)} faults"
            f"{''.join(f'{chr(10)}  {fault}' for fault in self.faults[:20])}"
        )


@asynccontextmanager
async def people_online() -> AsyncIterator[tuple[list[Any], int]]:
    """Some people with their devices on a runtime of their own, and the direct conversation of the first two."""
    from django.conf import settings
    from django.test import override_settings

    from carillon.conversations import actions
    from carillon.jobs.sweeps import close_connections
    from carillon.realtime import runtime
    from tests.e2e.limited import WIDE
    from tests.e2e.talk.devices import Device
    from tests.support.people import make_users

    ours = {**getattr(settings, "CARILLON", {}), **WIDE, "RUNNER": "none", "BROKER": BROKER, "REDIS_URL": ""}
    with override_settings(CARILLON=ours):
        await runtime.reset()
        process = runtime.current()
        users = await process.call(make_users, PEOPLE)
        direct = await process.call(actions.open_direct, users[0], users[1], check=False)
        devices = [Device(user) for user in [*users, *users[1 : 1 + SECOND_DEVICES]]]
        try:
            for device in devices:
                await device.connect()
            yield devices, direct.pk
        finally:
            for device in devices:
                await device.disconnect()
            await process.call(close_connections)
            await runtime.reset()


async def play(numbers: Sequence[int], seed: str, *, until_fault: bool = False) -> Report:
    """Play the interleavings of these numbers, and judge each; `until_fault` ends with the first that shows one."""
    from carillon.realtime import runtime
    from tests.e2e.talk.leaks import judged
    from tests.e2e.talk.scene import Scene

    report, began = Report(), time.monotonic()
    async with people_online() as (devices, direct):
        for number in numbers:
            scene = Scene(devices, direct, f"{seed}-{number}", report.seen)
            await scene.play()
            found = await runtime.current().call(judged, scene.conversation, devices, is_room=scene.kind == "room")
            report.faults += [f"{seed}-{number}: {fault}" for fault in [*scene.faults, *found]]
            report.interleavings += 1
            stays = [stay for device in devices for stay in device.stays]
            report.stays += len(stays)
            report.cuts += sum(stay.is_cut for stay in stays)
            report.events += sum(len(stay.offsets) for stay in stays)
            report.put_off = sum(device.put_off.total() for device in devices)
            if until_fault and report.faults:
                break
            await asyncio.gather(*(device.go() for device in devices))
    report.seconds = time.monotonic() - began
    return report


async def cut_unaided(devices: Sequence[Any], *, is_down: bool) -> list[float]:
    """Remove all but the first person from a new conversation, and wait; returns the seconds until each device was cut.

    Nothing is done for it: without hints the runtime looks by itself. Raises TimeoutError where somebody never is.
    """
    from carillon.conversations import actions
    from carillon.realtime import runtime
    from tests.e2e.talk.line import FickleBroker

    process, owner = runtime.current(), devices[0].user
    others = [device for device in devices if device.user is not owner]
    people = {device.user for device in others}
    FickleBroker.is_down, FickleBroker.is_fickle = is_down, False
    try:
        talk = await process.call(actions.open_conversation, owner, "group", people, title="Cut", check=False)
        for device in devices:
            device.watch(talk.pk)
            assert await device.come()
        removed = {}
        for person in people:
            await process.call(actions.remove_member, owner, talk.pk, person)
            removed[person] = time.monotonic()
            await process.call(actions.send_message, owner, talk.pk, f"Without {person.pk}")
        async with asyncio.timeout(GIVEN_UP):
            while not all(device.stays[-1].is_cut for device in others):
                await asyncio.sleep(0.005)
    finally:
        FickleBroker.is_down, FickleBroker.is_fickle = False, True
    return [max(0.0, device.stays[-1].cut_at - removed[device.user]) for device in others]


async def cut_again_and_again(rounds: int) -> Report:
    """Measure how soon those who were removed are cut, with hints and without any.

    Each round begins with the end of the one before, just after the runtime looked, and waits for nearly all of its interval.
    """
    report = Report()
    async with people_online() as (devices, _):
        for how in ("hints", "no hints"):
            for _ in range(rounds):
                waits = await cut_unaided(devices, is_down=how == "no hints")
                report.unaided.setdefault(how, []).extend(waits)
                report.faults += [f"cut after {wait:.2f} s with {how}" for wait in waits if wait > CUT_WITHIN + 1.0]
    return report


# Several processes, each with a database of its own.


def main(arguments: list[str]) -> int:
    """Print the figures; 1 when a promise was not kept, or when it was stopped."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.talk.comings", description=__doc__)
    parser.add_argument("--interleavings", type=int, default=2_000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first of them")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often it is measured how soon one is cut")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", default="2026")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    chosen = parser.parse_args(arguments)
    # A shell that starts us in the background has us ignore Ctrl-C; SIGTERM is taken for one.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    os.environ["CARILLON_TEST_DATABASE"] = chosen.database
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    if chosen.database == "postgres":
        from tests.support import postgres

        # The processes inherit its address.
        postgres.shared_url()
    report, began = Report(), time.monotonic()
    spawn = multiprocessing.get_context("spawn")
    names = spawn.SimpleQueue()
    for number in range(chosen.processes):
        names.put(f"test_comings_{number}")
    with ProcessPoolExecutor(chosen.processes, spawn, _prepare, (names,)) as pool:
        numbers = range(chosen.first, chosen.first + chosen.interleavings)
        crowds = [numbers[start : start + CROWD] for start in range(0, len(numbers), CROWD)]
        work = [pool.submit(_cut, chosen.rounds)] if chosen.rounds else []
        work += [pool.submit(_play, crowd, chosen.seed) for crowd in crowds]
        try:
            for done in as_completed(work):
                report.add(found := done.result())
                told = [f"{report.interleavings} of {len(numbers)}, {len(report.faults)} faults", *found.faults]
                print("\n  ".join(told), file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            # Whoever stops a long run keeps what it showed.
            print("stopped; what was begun is ended", file=sys.stderr, flush=True)
        finally:
            pool.shutdown(cancel_futures=True)
    report.seconds = time.monotonic() - began
    print(f"{chosen.database}: {report}", flush=True)
    return 1 if report.faults or report.interleavings < chosen.interleavings else 0


def _prepare(names: Any) -> None:
    """Make the database of this process."""
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_test_environment

    setup_test_environment()
    # What is refused is refused a thousand times.
    logging.disable(logging.WARNING)
    name = names.get()
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["NAME"] = name
    connection.creation.create_test_db(verbosity=0, autoclobber=True)


def _play(numbers: Sequence[int], seed: str) -> Report:
    return asyncio.run(play(numbers, seed))


def _cut(rounds: int) -> Report:
    return asyncio.run(cut_again_and_again(rounds))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
