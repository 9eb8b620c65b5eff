"""Writers that repeat a write with the same key until they are told that it is done, by REST, over sockets and from Python."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from websockets.exceptions import WebSocketException

from tests.e2e.faults.history import Ack, Sheet
from tests.e2e.faults.loads import Way, Write
from tests.e2e.faults.places import Person, Place
from tests.support import processes
from tests.support.sockets import Closed, NativeSocket, Refused, open_socket

_TROUBLE = (OSError, WebSocketException, Closed, Refused, TimeoutError, EOFError, httpx.HTTPError)
_AT_ONCE = 40
# Seconds for which an idle connection is used again: well below the server's five, so that no request meets its end.
_IDLE = 2.0


@dataclass(frozen=True)
class Attempt:
    """One request or command: when it began (seconds since 1970), how many seconds it took, and how it ended."""

    way: Way
    at: float
    took: float
    how: str


class Writers:
    """Carries out a plan's writes; acknowledgements go to files."""

    def __init__(self, place: Place, folder: Path, writes: Sequence[Write], *, patience: float, seed: str) -> None:
        """`patience`: seconds for which one write is repeated; after them its outcome stays unknown."""
        self.place, self.folder, self.patience = place, folder, patience
        self.attempts: list[Attempt] = []
        self.given_up = 0
        self.how: Counter[str] = Counter()
        self._writes = writes
        self._chance = random.Random(seed)
        self._sheet = Sheet(folder / "acks-here.jsonl")
        self._limit = asyncio.Semaphore(_AT_ONCE)
        self._sockets: dict[int, tuple[contextlib.AsyncExitStack, NativeSocket]] = {}

    @property
    def files(self) -> list[Path]:
        """Where the acknowledgements are."""
        return [self.folder / "acks-here.jsonl", self.folder / "acks-python.jsonl"]

    async def run(self) -> None:
        """Write everything at its time; returns when each write is done or given up."""
        speaking = self._start_speaker([write for write in self._writes if write.way == "python"])
        client = httpx.AsyncClient(timeout=10, limits=httpx.Limits(max_connections=_AT_ONCE, keepalive_expiry=_IDLE))
        try:
            async with client, asyncio.TaskGroup() as group:
                began = time.monotonic()
                for number, write in enumerate(write for write in self._writes if write.way != "python"):
                    await asyncio.sleep(max(0.0, began + write.at - time.monotonic()))
                    group.create_task(self._write(write, number, client))
            if speaking is not None:
                await self._hear_out(speaking)
        finally:
            if speaking is not None:
                processes.kill(speaking)
            for stack, _ in self._sockets.values():
                with contextlib.suppress(*_TROUBLE):
                    await stack.aclose()
            self._sheet.close()

    def _start_speaker(self, writes: list[Write]) -> subprocess.Popen[bytes] | None:
        if not writes:
            return None
        job = {
            "writes": [[write.at, write.way, write.id, write.hall, write.person, write.text] for write in writes],
            "file": str(self.folder / "acks-python.jsonl"),
            "patience": self.patience,
        }
        path = self.folder / "speaker.json"
        path.write_text(json.dumps(job))
        command = [sys.executable, "-m", "tests.e2e.faults.speaker", str(path)]
        environment = {**self.place.servers[0].environment, "FAULTS_CLOCK": ""}
        return processes.start(command, self.folder / "speaker.log", environment)

    async def _hear_out(self, speaking: subprocess.Popen[bytes]) -> None:
        try:
            ended = await asyncio.to_thread(speaking.wait, self.patience + 10)
        except subprocess.TimeoutExpired:
            self.given_up += 1
        else:
            assert ended == 0, (self.folder / "speaker.log").read_text()[-3000:]

    async def _write(self, write: Write, number: int, client: httpx.AsyncClient) -> None:
        async with self._limit:
            began, attempts = time.monotonic(), 0
            person = self.place.people[number % len(self.place.people)]
            try_once = self._by_socket if write.way == "socket" else self._by_rest
            while True:
                attempts += 1
                found = await self._timed(write.way, try_once(write, number, person, client, attempts))
                if found is not None:
                    took = time.monotonic() - began
                    self._sheet.add(Ack(write.id, f"hall:{write.hall}", *found, time.time(), took, attempts))
                    return
                if time.monotonic() - began > self.patience:
                    self.given_up += 1
                    return
                await asyncio.sleep(min(1.0, 0.1 * 2**attempts) * self._chance.uniform(0.5, 1.0))

    async def _timed(self, way: Way, attempt: Awaitable[tuple[str, int] | str]) -> tuple[str, int] | None:
        at, began = time.time(), time.monotonic()
        try:
            found = await attempt
        except _TROUBLE as error:
            found = error.code if isinstance(error, Refused) else type(error).__name__
        how = found if isinstance(found, str) else "done"
        self.how[f"{way} {how}"] += 1
        self.attempts.append(Attempt(way, at, time.monotonic() - began, how))
        return None if isinstance(found, str) else found

    async def _by_rest(
        self, write: Write, number: int, person: Person, client: httpx.AsyncClient, attempt: int
    ) -> tuple[str, int] | str:
        server = self.place.servers[(number + attempt) % len(self.place.servers)]
        answer = await client.post(
            f"{server.url}/faults/say/",
            json={"hall": write.hall, "id": write.id, "text": write.text},
            headers={"Authorization": f"Bearer {person.token}", "Idempotency-Key": write.id},
        )
        if answer.status_code != 201:
            return str(answer.status_code)
        return str(answer.json()["epoch"]), int(answer.json()["offset"])

    async def _by_socket(
        self, write: Write, number: int, person: Person, client: httpx.AsyncClient, attempt: int
    ) -> tuple[str, int] | str:
        slot = number % (2 * len(self.place.servers))
        socket = await self._socket(slot, attempt)
        data = {"hall": write.hall, "id": write.id, "text": write.text}
        try:
            told = await socket.command("hall.say", data, client_id=write.id, seconds=10)
        except Refused:
            raise
        except BaseException:
            await self._leave(slot)
            raise
        return str(told["epoch"]), int(told["offset"])

    async def _socket(self, slot: int, attempt: int) -> NativeSocket:
        """An open socket of this slot's person; another server is asked each time that one was lost."""
        if slot in self._sockets and not self._sockets[slot][1].is_closed:
            return self._sockets[slot][1]
        await self._leave(slot)
        server = self.place.servers[(slot + attempt) % len(self.place.servers)]
        person = self.place.people[slot % len(self.place.people)]
        stack = contextlib.AsyncExitStack()
        async with asyncio.timeout(5):
            socket = await stack.enter_async_context(open_socket(server.socket_url, bearer=person.token))
        if slot in self._sockets:
            # Somebody else opened it meanwhile.
            await stack.aclose()
            return self._sockets[slot][1]
        self._sockets[slot] = (stack, socket)
        return socket

    async def _leave(self, slot: int) -> None:
        found = self._sockets.pop(slot, None)
        if found is not None:
            found[1].connection.transport.abort()
            with contextlib.suppress(*_TROUBLE):
                await found[0].aclose()


Check = Callable[[], bool]


async def until(holds: Check, what: str, seconds: float) -> float:
    """Wait for a condition and return how long it took; AssertionError naming it after so many seconds."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"waited {seconds:g} s for {what}")
        await asyncio.sleep(0.02)
    return time.monotonic() - began
