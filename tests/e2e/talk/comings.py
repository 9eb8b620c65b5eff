"""People come and go while others speak: nothing of the time without them reaches anybody, and nobody is left out.

`python -m tests.e2e.talk.comings --interleavings 2000 --database sqlite|postgres [--seed words]` prints figures, and ends
with 1 where a promise was not kept (GUARANTEES G11, R14).
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

PEOPLE = 5
SECOND_DEVICES = 2
BROKER = "tests.e2e.talk.line.FickleBroker"


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
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        seen = ", ".join(f"{count} {what}" for what, count in sorted(self.seen.items()))
        return (
            f"{self.interleavings} interleavings in {self.seconds:.0f} s: {self.stays} subscriptions, {self.cuts} cut, "
            f"{self.events} events heard, {self.put_off} times put off; {seen}; {len(self.faults)} faults"
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


async def play(interleavings: int, seed: str, *, until_fault: bool = False) -> Report:
    """Play so many interleavings, and judge each; `until_fault` ends with the first that shows one."""
    from carillon.realtime import runtime
    from tests.e2e.talk.leaks import judged
    from tests.e2e.talk.scene import Scene

    report, began = Report(), time.monotonic()
    async with people_online() as (devices, direct):
        for number in range(interleavings):
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


def main(arguments: list[str]) -> int:
    """Print the figures; 1 when a promise was not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.talk.comings", description=__doc__)
    parser.add_argument("--interleavings", type=int, default=2_000)
    parser.add_argument("--seed", default="2026")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    chosen = parser.parse_args(arguments)
    os.environ["CARILLON_TEST_DATABASE"] = chosen.database
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_test_environment

    setup_test_environment()
    # What is refused is refused a thousand times.
    logging.disable(logging.WARNING)
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    report = asyncio.run(play(chosen.interleavings, chosen.seed))
    print(f"{chosen.database}: {report}", flush=True)
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
