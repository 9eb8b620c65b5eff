"""Clients on two nodes over one log, each holding itself to the promise: every offset once, in order, gaps told."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict

from carillon.errors import NotFound, Unavailable
from carillon.realtime.connection import Connection
from carillon.realtime.event import Event, Position
from carillon.realtime.feed import Subscription
from carillon.realtime.hub import Hub
from carillon.realtime.topic import Access, Topic
from tests.kernel.fakes import FakeDialect, FakeLog, Frame, ManualBroker, RecordingOutbound, identity
from tests.kernel.virtual_time import VirtualLoop

TOPICS = (Topic("conversation", "1"), Topic("project", "2"), Topic("user", "alice"))
PEOPLE = ("alice", "bruno")


class SmallHub(Hub):
    """A hub whose pages and buffers are so small that every bound is met."""

    PAGE = 3
    HELD = 4


class World:
    """The log, who may follow what, two nodes, and the hints that are under way."""

    def __init__(self, hub: type[Hub] = SmallHub) -> None:
        self.loop = VirtualLoop()
        self.seen: Counter[str] = Counter()
        self.log = FakeLog()
        self.nodes = [self._node(hub) for _ in range(2)]
        self.under_way: list[tuple[int, Event]] = []
        self.violations: list[str] = []
        self.grants: dict[tuple[Topic, str], Access | None] = {}
        # Offsets a person may not see, by incarnation of the topic: after the first number, up to the second.
        self.hidden: defaultdict[tuple[Topic, str, int], list[tuple[int, float]]] = defaultdict(list)
        self.clients = [Client(self, person) for person in (*PEOPLE, "alice")]

    def _node(self, hub: type[Hub]) -> tuple[Hub, ManualBroker]:
        broker = ManualBroker()
        made = hub(self.log, broker, linger=10.0)
        self.loop.do(broker.start(made.receive))
        return made, broker

    def commit(self, topic: Topic, fates: list[str], revokes: tuple[str, ...] = ()) -> Event:
        """Append an event; its hint to each node is delivered now, later, twice or never."""
        event = self.log.append(topic, revokes=revokes)
        for node, fate in enumerate(fates):
            if fate in ("now", "twice"):
                self.hint(node, event)
            if fate in ("later", "twice"):
                self.under_way.append((node, event))
        return event

    def hint(self, node: int, event: Event) -> None:
        """Let a hint arrive."""
        self.loop.call(self.nodes[node][1].publish, [event])

    def revoke(self, topic: Topic, person: str, fates: list[str]) -> None:
        """Withdraw a topic from a person, in one transaction with the event that says so."""
        if self.access(topic, person) is None:
            return
        self.grants[topic, person] = None
        offset = self.log.head(topic).offset + 1
        self.hidden[topic, person, self.log.lives[topic]].append((offset, float("inf")))
        self.commit(topic, fates, (person,))

    def grant(self, topic: Topic, person: str) -> None:
        """Let a person in again; what they missed stays hidden."""
        if self.access(topic, person) is not None:
            return
        offset = self.log.head(topic).offset
        spans = self.hidden[topic, person, self.log.lives[topic]]
        spans[-1] = (spans[-1][0], offset)
        self.grants[topic, person] = Access(offset)

    def delete(self, topic: Topic) -> None:
        """Delete a topic and make it anew; who was kept out stays out."""
        self.log.delete(topic)
        for person in PEOPLE:
            if self.access(topic, person) is None:
                self.hidden[topic, person, self.log.lives[topic]].append((0, float("inf")))
            else:
                self.grants[topic, person] = Access()

    def access(self, topic: Topic, person: str) -> Access | None:
        """Whether, and from where, a person may follow a topic now."""
        return self.grants.get((topic, person), Access())

    def may_see(self, topic: Topic, person: str, offset: int) -> bool:
        """Whether the person was let in when this event of the present incarnation was committed."""
        spans = self.hidden[topic, person, self.log.lives[topic]]
        return not any(after < offset <= until for after, until in spans)

    def must_see(self, topic: Topic, person: str, offset: int) -> bool:
        """Whether a replay owes this event to the person: all that came before they were let in again is hidden."""
        spans = self.hidden[topic, person, self.log.lives[topic]]
        return all(offset > until for _, until in spans)

    def calm_down(self) -> None:
        """Lose all hints under way, let everybody read, sweep, and let everything end."""
        self.under_way.clear()
        self.log.latency, self.log.failures = 0.0, 0
        for client in self.clients:
            client.read_on()
        self.loop.advance(1.0)
        for hub, _ in self.nodes:
            self.loop.begin(hub.sweep())
        self.loop.advance(1.0)


class Client:
    """One device of a person: remembers its positions over any number of connections."""

    def __init__(self, world: World, person: str) -> None:
        self.world, self.person = world, person
        self.positions: dict[Topic, Position] = {}
        self.following: set[Topic] = set()
        self.connection: Connection | None = None
        self.outbound = RecordingOutbound()
        self.hub: Hub | None = None
        self.work: asyncio.Task[None] | None = None

    @property
    def is_busy(self) -> bool:
        return self.work is not None and not self.work.done()

    def connect(self, node: int) -> None:
        """Open a socket on one of the nodes."""
        self.disconnect()
        self.hub = self.world.nodes[node][0]
        self.outbound = RecordingOutbound(self.take)
        self.connection = Connection("c", FakeDialect(), self.outbound)
        self.connection.identity = identity(self.person)

    def disconnect(self) -> None:
        """Lose the socket: the endpoint cancels what it was doing and forgets it."""
        if self.connection is None or self.hub is None:
            return
        if self.work is not None:
            self.work.cancel()
            self.world.loop.settle()
        self.world.loop.call(self.hub.detach_all, self.connection)
        self.connection = None
        self.following.clear()

    def notice_end(self) -> None:
        """Let go of a socket that the server closed."""
        if self.outbound.closed is not None:
            self.disconnect()

    def subscribe(self, *topics: Topic, from_position: bool) -> None:
        """Ask to follow topics, one after the other, as the exchange would carry it out."""
        assert self.connection is not None and self.hub is not None
        self.work = self.world.loop.begin(self._follow_all(self.connection, self.hub, topics, from_position))

    def come_back(self, node: int) -> None:
        """Connect where that is needed, and resume everything that is not followed."""
        if self.connection is None:
            self.connect(node)
        missing = [topic for topic in TOPICS if topic not in self.following]
        if not self.is_busy:
            self.subscribe(*missing, from_position=True)

    async def _follow_all(self, connection: Connection, hub: Hub, topics: tuple[Topic, ...], resume: bool) -> None:
        for topic in topics:
            self.following.discard(topic)
            await self._follow(connection, hub, topic, self.positions.get(topic) if resume else None)

    async def _follow(self, connection: Connection, hub: Hub, topic: Topic, position: Position | None) -> None:
        async def access() -> Access | None:
            await asyncio.sleep(self.world.log.latency)
            grant = self.world.access(topic, self.person)
            await asyncio.sleep(self.world.log.latency)
            return grant

        try:
            subscription = await hub.attach(connection, topic, position, access)
        except (NotFound, Unavailable, ConnectionError):
            return
        if subscription is not None:
            self._begin(topic, position, subscription)
            self.world.seen["replays"] += bool(subscription.replay)
            await hub.replay(subscription)

    def _begin(self, topic: Topic, asked: Position | None, subscription: Subscription) -> None:
        if asked is not None:
            assert subscription.epoch == asked.epoch, "another epoch without a word"
            assert subscription.last >= asked.offset, "a step back"
            hidden = range(asked.offset + 1, subscription.last + 1)
            assert not any(self.world.must_see(topic, self.person, offset) for offset in hidden), "skipped in silence"
        self.positions[topic] = Position(subscription.epoch, subscription.last)
        self.following.add(topic)

    def unsubscribe(self, topic: Topic) -> None:
        assert self.connection is not None and self.hub is not None
        self.world.loop.call(self.hub.detach, self.connection, topic)
        self.following.discard(topic)

    def stop_reading(self) -> None:
        self.outbound.pause()

    def read_on(self) -> None:
        self.world.loop.call(self.outbound.resume)

    def take(self, frame: Frame) -> None:
        """Hold one frame against the promise; what is wrong is kept, for the hub survives exceptions of its own calls."""
        try:
            self._judge(frame)
        except AssertionError as wrong:
            self.world.violations.append(f"{self.person}: {frame}: {wrong}")

    def _judge(self, frame: Frame) -> None:
        self.world.seen[frame.get("reason") or frame.get("code") or "events"] += 1
        if frame["type"] == "fact":
            self._take_event(Topic.parse(frame["topic"]), Position(frame["epoch"], frame["offset"]))
        elif frame["type"] == "resync":
            self._take_resync(Topic.parse(frame["topic"]))
        elif frame["topic"] is not None:
            self.following.discard(Topic.parse(frame["topic"]))

    def _take_event(self, topic: Topic, position: Position) -> None:
        before = self.positions.get(topic)
        assert topic in self.following, f"{position} on a topic that is not followed"
        assert before is not None
        assert position.epoch == before.epoch, f"{position} after {before}: another epoch without a word"
        assert position.offset == before.offset + 1, f"{position} after {before}"
        if position.epoch == self.world.log.head(topic).epoch:
            assert self.world.may_see(topic, self.person, position.offset), f"{position} came after the withdrawal"
        self.positions[topic] = position

    def _take_resync(self, topic: Topic) -> None:
        head, before = self.world.log.head(topic), self.positions.get(topic)
        assert before is not None
        assert head.refuses(before), f"told to resync from {before} with the log at {head}"
        self.following.discard(topic)
        # The snapshot, taken at once.
        self.positions[topic] = head.position

    def check_is_up_to_date(self) -> None:
        """After a sweep: everything that may be seen has come, and nothing is followed that may not be."""
        assert not self.is_busy, "a command that never ends"
        for topic in self.following:
            assert self.world.access(topic, self.person) is not None, f"{topic} is followed after its withdrawal"
            assert self.positions[topic] == self.world.log.head(topic).position, f"{topic}: not everything came"

    def catch_up(self, topic: Topic) -> None:
        """Come back from the position that is remembered, whatever happened meanwhile."""
        if self.connection is None:
            self.connect(0)
        self.subscribe(topic, from_position=True)
        self.world.loop.advance(1.0)
        if self.connection is not None and topic not in self.following:
            # Told to resync: the snapshot has been fetched.
            self.subscribe(topic, from_position=True)
            self.world.loop.advance(1.0)
