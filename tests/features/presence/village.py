"""Several processes on one store in virtual time: devices that come and go, and a watcher in each process."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from carillon.dialects.native.frames import NativeDialect
from carillon.presence import queries, stores
from carillon.presence.events import PersonPresence
from carillon.presence.process import Process
from carillon.presence.sights import Asked, Scope
from carillon.presence.stores.memory import MemoryStore
from carillon.presence.tracker import Tracker
from carillon.presence.watching import Watched
from carillon.realtime import hints
from carillon.realtime.connection import Connection
from carillon.realtime.event import Event
from carillon.realtime.fanout import FanOut
from tests.kernel.fakes import RecordingOutbound, identity
from tests.kernel.virtual_time import VirtualLoop

_numbers = itertools.count(1)
DIALECT = NativeDialect()

Frame = dict[str, Any]


def device(person: str, on_frame: Callable[[Frame], None] | None = None) -> Connection:
    """A connection of this person."""
    made = Connection(f"c{next(_numbers)}", DIALECT, RecordingOutbound(on_frame))
    made.identity = identity(person)
    return made


class FakeHub:
    """A hub that nobody subscribes to."""

    def __init__(self) -> None:
        self.fan_out = FanOut()
        self.feeds: dict[Any, Any] = {}


class FakeRuntime:
    """What presence needs of a runtime; keeps what would be written to the table."""

    def __init__(self) -> None:
        self.hub = FakeHub()
        self.seen: dict[str, Any] = {}

    async def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        if getattr(function, "__name__", "") != "record":
            return function(*arguments)
        written: Mapping[str, Any] = arguments[0]
        self.seen.update(written)
        return len(written)


async def _inline(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


class Node:
    """One process, with its presence."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.runtime = FakeRuntime()
        self.process = Process(clock=loop.time, in_thread=_inline)
        self.devices: set[Connection] = set()
        self.is_alive = True
        self.task = loop.begin(self.process.run(self.runtime))  # type: ignore[arg-type]

    def enter(self, connection: Connection) -> None:
        """A device connects here."""
        self.devices.add(connection)
        self.process.entered(connection)

    def leave(self, connection: Connection) -> None:
        """It disconnects."""
        self.devices.discard(connection)
        connection.is_closed = True
        self.process.left(connection)

    def kill(self) -> None:
        """It is gone from one moment to the next: it renews and releases nothing any more."""
        self.is_alive = False
        nowhere = MemoryStore()
        self.process.tracker = Tracker(lambda: nowhere, lambda changes: None)


class Village:
    """Processes that share a store; what one announces reaches the others a little later, or not at all."""

    def __init__(self, loop: VirtualLoop, nodes: int, *, seed: int = 1, lost: float = 0.0) -> None:
        self.loop, self.chance, self.lost = loop, random.Random(seed), lost
        stores._current[:] = [MemoryStore(clock=loop.time, wall=loop.time)]
        hints.connect(self._carry)
        self.nodes = [Node(loop) for _ in range(nodes)]

    def close(self) -> None:
        """Announce nothing any more."""
        hints.disconnect()

    def watch(self, node: Node, people: Sequence[str], on_frame: Callable[[Frame], None] | None = None) -> Connection:
        """A connection to this process that sees these people; they are offline when it begins."""
        watcher = device("watcher", on_frame)
        node.process.entered(watcher)
        scope = Scope(frozenset(people))
        reading = queries.Reading({person: PersonPresence(person, "offline") for person in people}, 0)
        asked = Asked("watcher", scope.people)
        version = node.process.watchers.view.version
        node.process.begin(watcher, Watched(asked, scope, list(reading.people.values()), version, {}, reading))
        return watcher

    def _carry(self, events: Sequence[Event]) -> None:
        for node in self.nodes:
            if node.is_alive and self.chance.random() >= self.lost:
                self.loop.call_later(self.chance.uniform(0.0, 0.3), node.process.hear, events)


def told(frame: Frame) -> dict[str, str]:
    """The states that a frame tells of."""
    assert frame["type"] == "presence.changed", frame
    return {each["id"]: each["state"] for each in frame["data"]["people"]}


def frames_of(connection: Connection) -> list[Frame]:
    """What a connection was sent."""
    return list(connection.outbound.frames)  # type: ignore[attr-defined]


def size_of(connection: Connection) -> int:
    """How many bytes that were."""
    return sum(len(json.dumps(frame, separators=(",", ":"))) for frame in frames_of(connection))
