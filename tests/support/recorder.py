"""A client that reconnects for ever and writes down what it gets, and the checker that reads only what was written."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.exceptions import WebSocketException

from tests.support.sockets import Closed, NativeSocket, Refused, open_socket

Key = tuple[str, str, int]  # topic, epoch, offset
TROUBLE = (OSError, WebSocketException, Closed, Refused, TimeoutError)


class Recorder:
    """Follows topics across any number of connections, resuming by position, and appends each event to a file."""

    def __init__(self, url: str, token: Callable[[], str], path: Path, *, churn: float = 0.0, seed: int = 0) -> None:
        """`churn` is the mean life of a connection in seconds before the client itself drops it; 0: never."""
        self.url = url
        self.path = path
        self.positions: dict[str, dict[str, Any]] = {}
        self.first_positions: dict[str, dict[str, Any]] = {}
        self.connections = 0
        self._token = token
        self._churn = churn
        self._random = random.Random(seed)
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Connect, resume, record; again after every loss, until `stop`."""
        while not self._stopping.is_set():
            with contextlib.suppress(*TROUBLE):
                async with open_socket(self.url, bearer=await asyncio.to_thread(self._token)) as socket:
                    self.connections += 1
                    await self._follow(socket)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._random.uniform(0.05, 0.3))

    def stop(self) -> None:
        """Let `run` return after the frame at hand."""
        self._stopping.set()

    async def _follow(self, socket: NativeSocket) -> None:
        topic, live_from = socket.hello["user_topic"], socket.hello["position"]
        position = self.positions.setdefault(topic, live_from)
        self.first_positions.setdefault(topic, live_from)
        if position != live_from:
            await socket.command("subscribe", {"topic": topic, "position": position})
            # What came live before that answer comes again from the position, in its place.
            socket.skip_to(socket.replied_at)
        life = self._random.expovariate(1 / self._churn) if self._churn else 3600.0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(life):
                while not self._stopping.is_set():
                    await self._record(socket)

    async def _record(self, socket: NativeSocket) -> None:
        try:
            frame = await socket.next(seconds=0.5)
        except TimeoutError:
            await socket.command("ping")
            return
        if "offset" not in frame and frame["type"] != "resync":
            return
        with self.path.open("a", encoding="utf-8") as written:
            written.write(json.dumps(frame) + "\n")
        if frame["type"] == "resync":
            self.positions[frame["topic"]] = frame["data"]["position"]
        else:
            self.positions[frame["topic"]] = {"epoch": frame["epoch"], "offset": frame["offset"]}


@dataclass
class Verdict:
    """What is wrong between what was acknowledged, what is stored and what each client wrote; empty lists: nothing."""

    lost: list[Key] = field(default_factory=list)
    repeated: list[Key] = field(default_factory=list)
    disordered: list[Key] = field(default_factory=list)
    unknown: list[Key] = field(default_factory=list)
    not_stored: list[Key] = field(default_factory=list)
    resyncs: int = 0

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.repeated or self.disordered or self.unknown or self.not_stored)


def check(path: Path, stored: Iterable[Key], acknowledged: Iterable[Key], after: int = 0) -> Verdict:
    """Compare one client's file with the rows of the log and the acknowledged positions, from offset `after` on.

    The topic of `stored` and `acknowledged` is the one this client follows.
    """
    verdict = Verdict()
    rows = {key for key in stored if key[2] > after}
    verdict.not_stored = sorted(key for key in acknowledged if key[2] > after and key not in rows)
    seen: set[Key] = set()
    last: dict[tuple[str, str], int] = {}
    for frame in _frames(path):
        if frame["type"] == "resync":
            verdict.resyncs += 1
            continue
        key = (frame["topic"], frame["epoch"], frame["offset"])
        _judge(key, seen, last, rows, verdict)
    verdict.lost = sorted(rows - seen)
    return verdict


def _judge(key: Key, seen: set[Key], last: dict[tuple[str, str], int], rows: set[Key], verdict: Verdict) -> None:
    log = key[:2]
    if key in seen:
        verdict.repeated.append(key)
    elif log in last and key[2] != last[log] + 1:
        verdict.disordered.append(key)
    if key not in rows:
        verdict.unknown.append(key)
    seen.add(key)
    last[log] = max(key[2], last.get(log, 0))


def _frames(path: Path) -> Iterable[dict[str, Any]]:
    if path.exists():
        with path.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines)
