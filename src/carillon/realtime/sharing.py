"""Sharing: events that many replay at the same time are read once and encoded once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from carillon.realtime.dialect import Dialect, Encoded, frames_of
from carillon.realtime.event import Event, Head, Position

if TYPE_CHECKING:
    from carillon.realtime.connection import Connection, Outbound

# Bytes of data that are kept of one topic, beside what each reader has before it.
KEPT = 524_288


def said(event: Event, dialect: Dialect) -> Encoded:
    """The event in a dialect; None where it cannot be said in it, or is meant for another one."""
    if event.dialect is None:
        return dialect.encode_event(event)
    return event.data if event.dialect == dialect.name else None


class SharedEvent:
    """An event with its payload for each dialect and framing, made when it is first needed."""

    __slots__ = ("_payloads", "event")

    def __init__(self, event: Event) -> None:
        self.event = event
        self._payloads: dict[tuple[Dialect, str], tuple[Any, int]] = {}

    def payload(self, connection: Connection) -> tuple[Any, int]:
        """What this connection's outbound takes, and its size in bytes, which is 0 where the dialect cannot say it."""
        key = (connection.dialect, connection.outbound.framing)
        made = self._payloads.get(key)
        if made is None:
            made = self._payloads[key] = _payload(said(self.event, connection.dialect), connection.outbound)
        return made


def _payload(encoded: Encoded, outbound: Outbound) -> tuple[Any, int]:
    frames = frames_of(encoded)
    payloads = [outbound.frame(data) for data in frames]
    return payloads[0] if len(payloads) == 1 else outbound.join(payloads), sum(map(len, frames))


class Recent:
    """The events of one topic that were last read for somebody who resumes: in one piece, and bounded, the oldest go first."""

    def __init__(self) -> None:
        self._reads: dict[int, asyncio.Future[None]] = {}
        self.clear()

    def clear(self) -> None:
        """Forget all events."""
        self._epoch, self._before, self._size = "", 0, 0
        self._events: list[SharedEvent] = []

    def after(self, position: Position, limit: int) -> deque[SharedEvent] | None:
        """Up to `limit` events after a position; None where it is not known what comes after it."""
        start = position.offset - self._before
        if position.epoch != self._epoch or not 0 <= start <= len(self._events):
            return None
        return deque(self._events[start : start + limit])

    def keep(self, head: Head, after: int, events: Sequence[Event]) -> deque[SharedEvent]:
        """Remember what a log with this head holds after an offset; returns all of it, with what was made of it for others."""
        position = Position(head.epoch, after)
        if head.refuses(position) or _has_holes(position, events):
            return deque(map(SharedEvent, events))
        known = self.after(position, len(events))
        if known is None:
            self.clear()
            self._epoch, self._before, known = position.epoch, position.offset, deque()
        new = [SharedEvent(event) for event in events[len(known) :]]
        self._extend(new)
        return known + deque(new)

    def add(self, event: SharedEvent) -> None:
        """Remember what was delivered just now, where it is the next one."""
        if event.event.position == Position(self._epoch, self._before + len(self._events) + 1):
            self._extend([event])

    def begin(self, after: int) -> asyncio.Future[None]:
        """Somebody reads what comes after this offset, and will say `end`."""
        return self._reads.setdefault(after, asyncio.get_running_loop().create_future())

    def end(self, after: int, read: asyncio.Future[None]) -> None:
        """That was read, or could not be."""
        if not read.done():
            read.set_result(None)
        if self._reads.get(after) is read:
            del self._reads[after]

    def read_under_way(self, after: int, limit: int) -> asyncio.Future[None] | None:
        """The end of a read by somebody else that may well find what comes after this offset."""
        return next((read for begins, read in self._reads.items() if begins <= after < begins + limit), None)

    def _extend(self, events: Sequence[SharedEvent]) -> None:
        self._events += events
        self._size += sum(len(each.event.data) for each in events)
        gone = 0
        while self._size > KEPT:
            self._size -= len(self._events[gone].event.data)
            gone += 1
        del self._events[:gone]
        self._before += gone


def _has_holes(position: Position, events: Sequence[Event]) -> bool:
    return bool(events) and not (
        events[0].offset == position.offset + 1 and events[-1].offset == position.offset + len(events)
    )
