"""Feed: one topic as this process follows it: who listens, how far it was delivered, and what came too early."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from carillon.realtime.connection import Connection, Outbound
from carillon.realtime.dialect import Dialect, frames_of
from carillon.realtime.event import Event, Head, Position
from carillon.realtime.fanout import FanOut
from carillon.realtime.sharing import Recent, SharedEvent, said
from carillon.realtime.topic import Topic

# What a live subscription keeps, in place of what it has sent: an empty queue of its own takes six times its memory.
NOTHING: deque[SharedEvent] = deque(maxlen=0)


class Subscription:
    """A connection following a topic; until it is live, what comes is kept in `buffer` while the log is replayed."""

    __slots__ = ("buffer", "connection", "epoch", "is_live", "is_over", "last", "replay", "topic", "trusted")

    def __init__(self, connection: Connection, topic: Topic, most_kept: int) -> None:
        self.connection, self.topic = connection, topic
        self.epoch, self.last = "", 0
        # Withdrawals up to this offset were known when access was checked: they are history and cut nobody.
        self.trusted = 0
        self.is_live = self.is_over = False
        self.buffer: deque[SharedEvent] = deque(maxlen=most_kept)
        self.replay = NOTHING

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

    def take(self, first: SharedEvent, others: deque[SharedEvent], most: int) -> tuple[list[Any], int, bool]:
        """Count `first` as delivered, and those of `others` that follow it without a gap, up to `most` bytes in all.

        Returns what is to be written, its bytes, and whether the last of it withdraws the topic from this connection.
        """
        payloads: list[Any] = []
        size, each = 0, first
        while True:
            event = each.event
            if event.offset > self.last and event.epoch == self.epoch:
                payload, length = each.payload(self.connection)
                if payloads and size + length > most:
                    others.appendleft(each)
                    return payloads, size, False
                self.last = event.offset
                if length:
                    payloads.append(payload)
                    size += length
                if event.revokes and self.cuts(event):
                    return payloads, size, True
            if not others or others[0].event.offset > self.last + 1:
                return payloads, size, False
            each = others.popleft()


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
    """The state of one followed topic in this process; there are as many as people, so that each has little."""

    __slots__ = (
        "_fan_out",
        "_groups",
        "_most_held",
        "early",
        "epoch",
        "filling",
        "gap_timer",
        "generation",
        "held",
        "jumps",
        "last",
        "linger_timer",
        "ready",
        "recent",
        "subscriptions",
        "topic",
        "waiting",
    )

    def __init__(self, topic: Topic, generation: int, most_held: int, fan_out: FanOut) -> None:
        self.topic, self.generation, self._most_held, self._fan_out = topic, generation, most_held, fan_out
        self.epoch, self.last = "", 0
        # How often delivery began anew at another place of the log.
        self.jumps = 0
        # Done, and forgotten, once the head was read.
        self.ready: asyncio.Future[None] | None = asyncio.get_running_loop().create_future()
        self.subscriptions: dict[Connection, Subscription] = {}
        # Those that are not live yet; events that came before their predecessors; events that came before the head was read.
        self.waiting: set[Subscription] | None = None
        self.held: dict[int, Event] | None = None
        self.early: list[Event] | None = None
        self.filling: asyncio.Task[None] | None = None
        self.gap_timer: asyncio.TimerHandle | None = None
        self.linger_timer: asyncio.TimerHandle | None = None
        self._groups: list[Group] | None = None
        # While somebody resumes; most topics need none.
        self.recent: Recent | None = None

    @property
    def position(self) -> Position:
        """How far this topic was delivered here."""
        return Position(self.epoch, self.last)

    @property
    def is_ready(self) -> bool:
        """Whether it stands somewhere in the log."""
        return self.ready is None

    def move_to(self, head: Head) -> None:
        """Stand at the end of the log."""
        self.epoch, self.last = head.epoch, head.offset
        self.jumps += 1
        self.held = None
        self.recent = None

    def join(self, subscription: Subscription) -> None:
        """Begin to buffer for a subscription."""
        self.subscriptions[subscription.connection] = subscription
        self.wait_for(subscription)

    def wait_for(self, subscription: Subscription) -> None:
        """Let a subscription have in its buffer what comes from now on."""
        if self.waiting is None:
            self.waiting = set()
        self.waiting.add(subscription)

    def leave(self, subscription: Subscription) -> None:
        """End a subscription."""
        subscription.is_over = True
        self.wait_no_more_for(subscription)
        if self.subscriptions.get(subscription.connection) is subscription:
            # What is on its way belongs to the time before: whoever follows again would get it twice.
            subscription.connection.catch_up()
            del self.subscriptions[subscription.connection]
            subscription.connection.subscriptions.pop(self.topic, None)
            self._groups = None

    def go_live(self, subscription: Subscription) -> None:
        """Deliver to this subscription from now on."""
        subscription.is_live = True
        self.wait_no_more_for(subscription)
        subscription.buffer = NOTHING
        self._groups = None

    def wait_no_more_for(self, subscription: Subscription) -> None:
        """Keep nothing for it any more."""
        if self.waiting is not None:
            self.waiting.discard(subscription)
        if not self.waiting:
            self.waiting = self.recent = None

    def hold(self, event: Event) -> None:
        """Keep an event that came before its predecessors."""
        if self.held is None:
            self.held = {}
        if len(self.held) < self._most_held:
            self.held[event.offset] = event

    def take_next(self) -> Event | None:
        """The held event whose turn it is."""
        return self.held.pop(self.last + 1, None) if self.held else None

    def forget_delivered(self) -> None:
        """Hold nothing that was delivered; says nothing of what is missing."""
        self.held = {offset: event for offset, event in (self.held or {}).items() if offset > self.last} or None

    def keep_early(self, event: Event) -> None:
        """Keep an event that came before the head was read."""
        if self.early is None:
            self.early = []
        self.early.append(event)

    def stop_waiting(self) -> None:
        """Wait no longer for an event that is missing."""
        if self.gap_timer is not None:
            self.gap_timer.cancel()
            self.gap_timer = None

    def groups(self) -> list[Group]:
        """Live connections, grouped by what may share one encoded and framed payload; rebuilt after a change only."""
        if self._groups is None:
            # One dialect may have several translators, one for each of its addresses.
            found: dict[tuple[Dialect, str], Group] = {}
            for connection, subscription in self.subscriptions.items():
                if subscription.is_live:
                    key = (connection.dialect, connection.outbound.framing)
                    found.setdefault(key, Group(connection.dialect)).add(connection)
            self._groups = list(found.values())
        return self._groups

    def fan_out(self, event: Event) -> None:
        """Encode once for each dialect and framing, and hand the same payload to every live connection."""
        except_person, is_ephemeral = event.except_person, not event.offset
        for group in self._groups if self._groups is not None else self.groups():
            readers = group.readers if except_person is None else group.readers_but(except_person)
            for data in frames_of(said(event, group.dialect)):
                self._fan_out.send(readers, group.readers[0].frame(data), len(data), is_ephemeral=is_ephemeral)
