"""Feed: one topic as this process follows it: who listens, how far it was delivered, and what came too early."""

from __future__ import annotations

import asyncio
from collections import deque

from carillon.realtime.connection import Connection, Outbound
from carillon.realtime.dialect import Dialect
from carillon.realtime.event import Event, Head, Position
from carillon.realtime.fanout import FanOut
from carillon.realtime.topic import Topic

# What a live subscription keeps; an empty queue of its own would be most of its memory.
_NOTHING: deque[Event] = deque(maxlen=0)


class Subscription:
    """A connection following a topic; until it is live, what comes is kept in `buffer` while the log is replayed."""

    __slots__ = ("buffer", "connection", "epoch", "is_live", "is_over", "last", "replay", "topic", "trusted")

    def __init__(self, connection: Connection, topic: Topic, most_kept: int) -> None:
        self.connection, self.topic = connection, topic
        self.epoch, self.last = "", 0
        # Withdrawals up to this offset were known when access was checked: they are history and cut nobody.
        self.trusted = 0
        self.is_live = self.is_over = False
        self.buffer: deque[Event] = deque(maxlen=most_kept)
        self.replay: list[Event] = []

    @property
    def position(self) -> Position:
        """How far this subscription was delivered."""
        return Position(self.epoch, self.last)

    def cuts(self, event: Event) -> bool:
        """Whether this event withdraws the topic from this connection."""
        named = self.connection.principals.intersection(event.revokes) if event.revokes else None
        if not named:
            return False
        # A person may have been let in again since; a session or a password that ended never comes back.
        return event.offset > self.trusted or named != {self.connection.person}


class Group:
    """Live connections that share encoded and framed payloads."""

    __slots__ = ("connections", "dialect", "readers")

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.connections: list[Connection] = []
        self.readers: list[Outbound] = []

    def add(self, connection: Connection) -> None:
        """One more."""
        self.connections.append(connection)
        self.readers.append(connection.outbound)

    def readers_but(self, person: str | None) -> list[Outbound]:
        """All of them, or all but those of one person."""
        if person is None:
            return self.readers
        return [each.outbound for each in self.connections if each.person != person]


class Feed:
    """The state of one followed topic in this process."""

    def __init__(self, topic: Topic, generation: int, most_held: int, fan_out: FanOut) -> None:
        self.topic, self.generation, self._most_held, self._fan_out = topic, generation, most_held, fan_out
        self.epoch, self.last = "", 0
        # How often delivery began anew at another place of the log.
        self.jumps = 0
        self.is_ready = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.subscriptions: dict[Connection, Subscription] = {}
        self.waiting: set[Subscription] = set()
        self.held: dict[int, Event] = {}
        self.early: list[Event] = []
        self.filling: asyncio.Task[None] | None = None
        self.gap_timer: asyncio.TimerHandle | None = None
        self.linger_timer: asyncio.TimerHandle | None = None
        self._groups: list[Group] | None = None

    @property
    def position(self) -> Position:
        """How far this topic was delivered here."""
        return Position(self.epoch, self.last)

    def move_to(self, head: Head) -> None:
        """Stand at the end of the log."""
        self.epoch, self.last = head.epoch, head.offset
        self.jumps += 1
        self.held.clear()

    def join(self, subscription: Subscription) -> None:
        """Begin to buffer for a subscription."""
        self.subscriptions[subscription.connection] = subscription
        self.waiting.add(subscription)

    def leave(self, subscription: Subscription) -> None:
        """End a subscription."""
        subscription.is_over = True
        self.waiting.discard(subscription)
        if self.subscriptions.get(subscription.connection) is subscription:
            # What is on its way belongs to the time before: whoever follows again would get it twice.
            subscription.connection.catch_up()
            del self.subscriptions[subscription.connection]
            subscription.connection.subscriptions.pop(self.topic, None)
            self._groups = None

    def go_live(self, subscription: Subscription) -> None:
        """Deliver to this subscription from now on."""
        subscription.is_live = True
        self.waiting.discard(subscription)
        subscription.buffer = _NOTHING
        self._groups = None

    def hold(self, event: Event) -> None:
        """Keep an event that came before its predecessors."""
        if len(self.held) < self._most_held:
            self.held[event.offset] = event

    def take_next(self) -> Event | None:
        """The held event whose turn it is."""
        return self.held.pop(self.last + 1, None)

    def stop_waiting(self) -> None:
        """Wait no longer for an event that is missing."""
        if self.gap_timer is not None:
            self.gap_timer.cancel()
            self.gap_timer = None

    def groups(self) -> list[Group]:
        """Live connections, grouped by what may share one encoded and framed payload; rebuilt after a change only."""
        if self._groups is None:
            found: dict[tuple[str, str], Group] = {}
            for connection, subscription in self.subscriptions.items():
                if subscription.is_live:
                    key = (connection.dialect.name, connection.outbound.framing)
                    found.setdefault(key, Group(connection.dialect)).add(connection)
            self._groups = list(found.values())
        return self._groups

    def fan_out(self, event: Event) -> None:
        """Encode once for each dialect and framing, and hand the same payload to every live connection."""
        for group in self.groups():
            data = _said(event, group.dialect)
            if data is not None:
                payload = group.readers[0].frame(data)
                readers = group.readers_but(event.except_person)
                self._fan_out.send(readers, payload, len(data), is_ephemeral=not event.offset)


def _said(event: Event, dialect: Dialect) -> bytes | None:
    if event.dialect is None:
        return dialect.encode_event(event)
    return event.data if event.dialect == dialect.name else None
