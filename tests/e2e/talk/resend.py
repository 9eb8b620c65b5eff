"""Messages sent again and again: each one to five times, by REST and over several sockets at once, while the server is killed.

`python -m tests.e2e.talk.resend --messages 5000 --database sqlite|postgres [--kills 4] [--seed words]` prints figures, and
ends with 1 where a promise was not kept (GUARANTEES G6, R15).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.limited import WIDE, environment
from tests.e2e.talk import judge, plan
from tests.e2e.talk.lanes import Copy, Device, Lane, Post
from tests.e2e.talk.plan import LANES, Saying, Talker
from tests.e2e.talk.readers import Reader
from tests.e2e.talk.rows import Rows
from tests.e2e.talk.sheet import Sheet
from tests.support import postgres
from tests.support.server import Server

PEOPLE = 6
LISTENERS = 2
AT_ONCE = 24
READS_EVERY = 20

_MAKE = """
import json
from django.contrib.auth import get_user_model
from carillon.conversations import actions
from carillon.people import tokens
model = get_user_model()
names = [f"talker{{n:02}}" for n in range({count})]
model.objects.bulk_create([model(username=name, password="!") for name in names])
people = list(model.objects.filter(username__in=names).order_by("username"))
def session(person):
    pair = tokens.open_session(person)
    return {{"access": pair.access, "refresh": pair.refresh}}
hot = actions.open_conversation(people[0], "group", people[1:], title="Hot", check=False).pk
told = []
for n, person in enumerate(people):
    own = actions.open_conversation(person, "group", [people[n - 1]], title="Own", check=False).pk
    told.append({{"id": person.pk, "own": own, "sessions": [session(person) for _ in range({sessions})]}})
print("TOLD", json.dumps({{"hot": hot, "people": told}}))
"""


@dataclass
class Report:
    """What came of it."""

    messages: int
    copies: int
    stored: int = 0
    ordered: int = 0
    put_off: int = 0
    kills: int = 0
    refreshed: int = 0
    connections: int = 0
    receipts: int = 0
    seconds: float = 0.0
    how: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        ended = ", ".join(f"{count} {how}" for how, count in sorted(self.how.items()))
        return (
            f"{self.messages} messages sent {self.copies} times in {self.seconds:.0f} s over {self.connections} connections, "
            f"{self.kills} kills and {self.refreshed} refreshed sign-ins: {self.stored} stored; answers: {ended}; "
            f"{self.ordered} had to keep their order ({self.put_off} put off); {self.receipts} receipts heard; "
            f"{len(self.faults)} faults{''.join(f'{chr(10)}  {fault}' for fault in self.faults[:20])}"
        )


class Storm:
    """People, their devices, and a server that is killed under them."""

    def __init__(self, server: Server, client: httpx.AsyncClient, count: int, seed: str) -> None:
        self.server, self.client, self.chance, self.sheet = server, client, random.Random(seed), Sheet()
        told = _people(server)
        self.hot: int = told["hot"]
        everybody = [Talker(each["id"], each["sessions"], each["own"]) for each in told["people"]]
        self.listeners, self.talkers = everybody[:LISTENERS], everybody[LISTENERS:]
        self.sayings = plan.made(self.talkers, self.hot, count, seed)
        self.devices: list[Device] = []
        self.lanes = [[self._lane(talker, number) for number in range(LANES)] for talker in self.talkers]
        self.posts = [Post(self._device(talker, LANES), client, self.sheet, self._follow) for talker in self.talkers]
        self.readers = [
            Reader(self._device(person, 0), self.hot, reads_every=READS_EVERY if number == 0 else 0)
            for number, person in enumerate(self.listeners)
        ]
        self._limit = asyncio.Semaphore(AT_ONCE)
        self._posting: set[asyncio.Task[None]] = set()
        self.kills = 0

    def _device(self, talker: Talker, number: int) -> Device:
        self.devices.append(Device(self.server, self.client, talker.sessions[number]))
        return self.devices[-1]

    def _lane(self, talker: Talker, number: int) -> Lane:
        return Lane(self._device(talker, number), self.sheet, self.chance, self._follow)

    # Sending.

    async def run(self, kills: int, seconds: float) -> None:
        """Say everything, as often as the plan says, and return when each copy is answered and the listeners have heard all."""
        lanes = [lane for mine in self.lanes for lane in mine]
        listening = [asyncio.create_task(reader.run()) for reader in self.readers]
        talking: list[asyncio.Task[None]] = []
        try:
            async with asyncio.timeout(seconds):
                await asyncio.gather(*(reader.is_live.wait() for reader in self.readers))
                killing = asyncio.create_task(self._kill(kills))
                talking += [asyncio.create_task(lane.run()) for lane in lanes] + [killing]
                await self._say_all()
                await killing
                await self._wait_for_answers()
                for lane in lanes:
                    lane.close()
                await asyncio.gather(*talking)
                await self._wait_for_readers()
        finally:
            for task in [*listening, *talking, *self._posting]:
                task.cancel()
            await asyncio.gather(*listening, *talking, *self._posting, return_exceptions=True)

    async def _say_all(self) -> None:
        for number, saying in enumerate(self.sayings):
            lanes = self.lanes[saying.person]
            if saying.way == "lane":
                lanes[saying.lane].say(Copy(saying))
                if saying.copies > 1 and self.chance.random() < 0.5:
                    lanes[saying.lane].say(Copy(saying))
            else:
                for copy in range(saying.copies):
                    self._send_anyhow(Copy(saying), copy)
            if number % 20 == 0:
                # As fast as it is answered, with a good number under way.
                while len(self._posting) > 4 * AT_ONCE or number - len(self.sheet.answers) > 400:
                    await asyncio.sleep(0.01)

    def _send_anyhow(self, copy: Copy, number: int) -> None:
        if number % 2 == 0:
            task = asyncio.create_task(self._post(copy))
            self._posting.add(task)
            task.add_done_callback(self._posting.discard)
        else:
            self.chance.choice(self.lanes[copy.saying.person]).say_soon(copy)

    async def _post(self, copy: Copy) -> None:
        async with self._limit:
            await self.posts[copy.saying.person].say(copy)

    def _follow(self, saying: Saying) -> None:
        """A message is stored: send the rest of its copies, and something else under its key."""
        if saying.way == "lane":
            for number in range(saying.copies - 1):
                self._send_anyhow(Copy(saying), self.chance.randrange(2) + number)
        if saying.is_tried_differently:
            self._send_anyhow(Copy(saying, is_other=True), self.chance.randrange(2))

    # Disturbing, and waiting for the end.

    async def _kill(self, kills: int) -> None:
        for number in range(kills):
            await self._until(lambda n=number: len(self.sheet.answers) >= len(self.sayings) * (n + 1) // (kills + 1))
            await asyncio.to_thread(self.server.kill)
            await asyncio.to_thread(self.server.restart)
            self.kills += 1

    async def _wait_for_answers(self) -> None:
        await self._until(lambda: len(self.sheet.answers) == len(self.sayings) and not self._posting)

    async def _wait_for_readers(self) -> None:
        last = sum(1 for saying in self.sayings if saying.conversation == self.hot)
        await self._until(lambda: all(len(reader.sent) >= last for reader in self.readers))
        # What was read on a connection that was killed may be lost: the last word is said by REST.
        device = self.readers[0].device
        answer = await self.client.post(
            f"{self.server.url}/api/v1/conversations/{self.hot}/read/",
            json={},
            headers={"Authorization": f"Bearer {device.access}"},
        )
        up_to = answer.json()["mine"]["read_up_to"]
        await self._until(lambda: all(each.has_read(self.listeners[0].id, up_to) for each in self.readers))

    async def _until(self, condition: Any) -> None:
        while not condition():
            await asyncio.sleep(0.02)


def _people(server: Server) -> dict[str, Any]:
    code = _MAKE.format(count=PEOPLE + LISTENERS, sessions=LANES + 1)
    told: dict[str, Any] = json.loads(server.carillon("shell", "-v0", "-c", code).split("TOLD ")[1])
    return told


async def storm(server: Server, rows: Rows, *, messages: int, kills: int, seed: str, seconds: float) -> Report:
    """Have so many messages said under so many kills, and judge what is left; ends the server."""
    began = time.monotonic()
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(timeout=15, limits=limits) as client:
        run = await asyncio.to_thread(Storm, server, client, messages, seed)
        trouble: list[str] = []
        try:
            await run.run(kills, seconds)
        except TimeoutError:
            trouble.append(f"after {seconds:g} s {len(run.sheet.answers)} of {messages} messages were acknowledged")
    await asyncio.to_thread(server.kill)
    found = judge.Judge(rows, run.sayings, run.sheet)
    return Report(
        messages=messages,
        copies=sum(saying.copies for saying in run.sayings),
        stored=found.stored,
        ordered=judge.ordered(run.sayings),
        put_off=len(run.sheet.put_off),
        kills=run.kills,
        refreshed=sum(device.refreshed for device in run.devices),
        connections=sum(lane.connections for mine in run.lanes for lane in mine),
        receipts=len(run.readers[1].receipts),
        seconds=time.monotonic() - began,
        how=dict(run.sheet.how),
        faults=[*trouble, *found.faults, *_heard(run, found)],
    )


def _heard(run: Storm, found: judge.Judge) -> Iterable[str]:
    messages = [row for row in found.messages if row["conversation_id"] == run.hot]
    person = run.listeners[0].id
    for reader in run.readers:
        yield from judge.listened(reader.offsets, reader.sent, messages)
        yield from judge.grown(reader.receipts, found.marks[(run.hot, person)], person)


def make(folder: Path, url: str = "") -> Server:
    """A running server whose limits so many messages do not meet."""
    options: dict[str, Any] = environment(**WIDE, HEARTBEAT_TIMEOUT=3_600.0)
    return Server(folder, database_url=url, **options).prepare().start()


def main(arguments: list[str]) -> int:
    """Print the figures; 1 when a promise was not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.talk.resend", description=__doc__)
    parser.add_argument("--messages", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=4)
    parser.add_argument("--seed", default="2026")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    chosen = parser.parse_args(arguments)
    with contextlib.ExitStack() as stack:
        folder, url = Path(stack.enter_context(tempfile.TemporaryDirectory())), ""
        if chosen.database == "postgres":
            cluster = postgres.Cluster()
            stack.callback(cluster.remove)
            cluster.start()
            url = cluster.create_database("resend")
        server = make(folder, url)
        stack.callback(server.kill)
        report = asyncio.run(
            storm(
                server,
                Rows(url, folder),
                messages=chosen.messages,
                kills=chosen.kills,
                seed=chosen.seed,
                seconds=60 + chosen.messages / 10,
            )
        )
    print(f"{chosen.database}: {report}", flush=True)
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
