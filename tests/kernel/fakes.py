"""Fakes of the kernel's neighbours: a log in memory, a broker moved by hand, a socket that remembers."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from carillon.errors import CarillonError
from carillon.realtime.brokers.base import Receive
from carillon.realtime.command import Command, Reply
from carillon.realtime.connection import Connection
from carillon.realtime.dialect import Control, Refusal, Resync, standard_close_code
from carillon.realtime.event import Event, Head, Slice
from carillon.realtime.identity import Identity, Person
from carillon.realtime.topic import Topic

AT = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)
Frame = dict[str, Any]


class FakeLog:
    """The event log in memory; each read takes `latency` seconds before and after the moment it sees."""

    def __init__(self, epoch: str = "e") -> None:
        self.epoch = epoch
        self.lives: defaultdict[Topic, int] = defaultdict(int)
        self.floors: defaultdict[Topic, int] = defaultdict(int)
        self.events: defaultdict[Topic, list[Event]] = defaultdict(list)
        self.latency = 0.0
        self.failures = 0
        self.reads: list[tuple[Topic, int]] = []
        self.before_read: Callable[[], None] | None = None

    def head(self, topic: Topic) -> Head:
        """The state of the log now."""
        events, floor = self.events[topic], self.floors[topic]
        return Head(f"{self.epoch}.{self.lives[topic]}", floor + len(events), floor)

    def append(self, topic: Topic, *, revokes: Sequence[str] = (), size: int = 0) -> Event:
        """Commit one event and return it, as a hint would carry it."""
        head = self.head(topic)
        data = json.dumps({"n": head.offset + 1, "pad": "x" * size}).encode()
        event = Event(
            topic=topic,
            type="fact",
            data=data,
            at=AT,
            epoch=head.epoch,
            offset=head.offset + 1,
            revokes=tuple(revokes),
        )
        self.events[topic].append(event)
        return event

    def trim(self, topic: Topic, keep: int) -> None:
        """Forget all but the newest `keep` events."""
        events = self.events[topic]
        gone = max(0, len(events) - keep)
        self.floors[topic] += gone
        del events[:gone]

    def delete(self, topic: Topic) -> None:
        """Forget the topic; its next event begins a new incarnation."""
        self.lives[topic] += 1
        self.floors[topic] = 0
        self.events[topic].clear()

    async def heads(self, topics: Sequence[Topic]) -> dict[Topic, Head]:
        await self._wait()
        found = {topic: self.head(topic) for topic in topics}
        await self._wait()
        return found

    async def read(self, topic: Topic, after: int, limit: int) -> Slice:
        self.reads.append((topic, after))
        if self.before_read is not None:
            self.before_read()
        await self._wait()
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the database is away")
        head, start = self.head(topic), max(0, after - self.floors[topic])
        found = [self._as_of_now(event, head) for event in self.events[topic][start : start + limit]]
        await self._wait()
        return Slice(head, found)

    async def _wait(self) -> None:
        await asyncio.sleep(self.latency)

    @staticmethod
    def _as_of_now(event: Event, head: Head) -> Event:
        # The real log keeps no epoch with an event: it is the deployment's at the time of the read.
        if event.epoch == head.epoch:
            return event
        return Event(**{**{name: getattr(event, name) for name in Event.__struct_fields__}, "epoch": head.epoch})


class ManualBroker:
    """A broker whose hints arrive when, in what order and how often the test says."""

    def __init__(self) -> None:
        self.topics: set[Topic] = set()
        self.latency = 0.0
        self.journal: list[tuple[str, Topic]] = []
        self._receive: Receive | None = None

    async def start(self, receive: Receive) -> None:
        self._receive = receive

    async def stop(self) -> None:
        self._receive = None

    async def subscribe(self, topic: Topic) -> None:
        await asyncio.sleep(self.latency)
        self.topics.add(topic)
        self.journal.append(("subscribe", topic))

    async def unsubscribe(self, topic: Topic) -> None:
        await asyncio.sleep(self.latency)
        self.topics.discard(topic)
        self.journal.append(("unsubscribe", topic))

    def publish(self, events: Sequence[Event]) -> None:
        """Deliver now, as far as the topics are subscribed to."""
        wanted = [event for event in events if event.topic in self.topics]
        if self._receive is not None and wanted:
            self._receive(wanted)


class FakeDialect:
    """Says everything as JSON, and counts how often events were encoded."""

    subprotocol: str | None = None
    takes_query_token = False
    has_heartbeat = False
    forgives_syntax = True
    signs_in_later: bool = True

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.encoded = 0

    def decode(self, frame: str) -> Command:
        return Command(**json.loads(frame))

    def encode_event(self, event: Event) -> bytes:
        self.encoded += 1
        frame = {"type": event.type, "topic": str(event.topic), "epoch": event.epoch, "offset": event.offset}
        return json.dumps({**frame, "bytes": len(event.data)}).encode()

    def encode_reply(self, reply: Reply) -> bytes:
        return json.dumps({"type": "reply", "ref": reply.ref}).encode()

    def encode_control(self, control: Control) -> bytes:
        assert isinstance(control, Resync)
        head = {"epoch": control.position.epoch, "offset": control.position.offset}
        frame = {"type": "resync", "topic": control.topic, "reason": control.reason, "position": head}
        return json.dumps(frame).encode()

    def encode_refusal(self, refusal: Refusal) -> bytes:
        topic = str(refusal.topic) if refusal.topic else None
        frame = {"type": "error", "code": refusal.error.slug, "topic": topic, "fatal": refusal.is_fatal}
        return json.dumps(frame).encode()

    def close_code(self, error: CarillonError) -> int:
        return standard_close_code(error)


class RecordingOutbound:
    """A socket's end that remembers what was written; `pause` makes those wait who wait for it."""

    framing = "fake"
    fast = None

    def __init__(self, on_frame: Callable[[Frame], None] | None = None) -> None:
        self.frames: list[Frame] = []
        self.payloads: list[Any] = []
        self.closed: tuple[int, str] | None = None
        self.is_high = False
        self._on_frame = on_frame
        self._flowing = asyncio.Event()
        self._flowing.set()

    def frame(self, data: bytes) -> list[bytes]:
        return [data]

    def join(self, payloads: Sequence[list[bytes]]) -> list[bytes]:
        return [data for payload in payloads for data in payload]

    def write(self, payload: list[bytes], size: int, *, is_ephemeral: bool = False) -> None:
        if self.closed is None:
            for data in payload:
                self._keep(data)

    def finish(self, last: list[bytes] | None, code: int, reason: str) -> None:
        for data in last or ():
            self._keep(data)
        self.closed = (code, reason)
        self.resume()

    async def drained(self) -> None:
        await self._flowing.wait()

    def pause(self) -> None:
        """Stop reading: those who can wait do, from the next frame on."""
        self.is_high = True
        self._flowing.clear()

    def resume(self) -> None:
        """Read on."""
        self.is_high = False
        self._flowing.set()

    def _keep(self, data: bytes) -> None:
        self.payloads.append(data)
        frame = json.loads(data)
        self.frames.append(frame)
        if self._on_frame is not None:
            self._on_frame(frame)


def identity(person: str, *principals: str) -> Identity:
    """A verified person."""
    return Identity(person=person, face=Person(person, person.title()), principals=(person, *principals))


def connection(
    person: str = "alice", *principals: str, dialect: FakeDialect | None = None, outbound: Any = None
) -> Connection:
    """A signed-in connection whose frames are remembered."""
    made = Connection(f"c-{person}", dialect or FakeDialect(), outbound or RecordingOutbound())
    made.identity = identity(person, *principals)
    return made


def offsets(made: Connection, topic: Topic) -> list[int]:
    """The offsets of a topic that a connection was told of, in order."""
    frames: list[Frame] = made.outbound.frames  # type: ignore[attr-defined]
    return [frame["offset"] for frame in frames if frame["type"] == "fact" and frame["topic"] == str(topic)]
