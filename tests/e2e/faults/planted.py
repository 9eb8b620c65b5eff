"""Faults that the harness must find, planted into a server by FAULTS_PLANTED; nothing of this is in the product."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from zlib import crc32

from carillon.realtime import log
from carillon.realtime.drafts import Draft
from carillon.realtime.event import Event, Head, Slice
from carillon.realtime.feed import Feed, Subscription
from carillon.realtime.hub import Hub
from carillon.realtime.ordering import Ordering
from carillon.realtime.topic import Topic

# How long a slow database takes to read the log: the window in which an event must be kept for later.
_SLOW_READ = 0.1


def no_sweep() -> None:
    """The broker is taken at its word: nobody compares with the heads of the log."""

    async def sweep(self: Ordering) -> None:
        return

    async def never(self: Ordering) -> None:
        await asyncio.Event().wait()

    _put(Ordering, "sweep", sweep)
    _put(Ordering, "sweep_for_ever", never)


def no_buffering() -> None:
    """What comes while the log is read for a subscription is not kept."""
    read_first_page = Hub._read_first_page

    async def slowly(self: Hub, feed: Feed, subscription: Subscription, position: Any) -> bool:
        accepted = await read_first_page(self, feed, subscription, position)
        await asyncio.sleep(_SLOW_READ)
        return accepted

    async def go_live_at_once(self: Hub, feed: Feed, subscription: Subscription) -> bool:
        subscription.buffer.clear()
        feed.go_live(subscription)
        return True

    _put(Hub, "_read_first_page", slowly)
    _put(Hub, "_go_live", go_live_at_once)


def naive_cursor() -> None:
    """Numbers are taken before the commit and locked by nobody, and whoever reads remembers the highest one it saw."""
    for function in (append, heads, read):
        _put(log, function.__name__, function)

    async def fill(self: Ordering, feed: Feed) -> None:
        page = await self._log.read(feed.topic, feed.last, self.PAGE)
        for event in page.events:
            self._deliver(feed, event)
        feed.filling = None

    _put(Ordering, "_fill", fill)


def append(drafts: Sequence[Draft], topics: Any = ()) -> list[Event]:
    """The naive writer: its number is the next one of a sequence."""
    ends = {str(draft.topic): (_epoch(), _next_number(str(draft.topic))) for draft in drafts}
    return log._store(drafts, ends)


def heads(topics: Sequence[Topic]) -> dict[Topic, Head]:
    """The highest numbers that are committed."""
    with log.connection().cursor() as cursor:
        cursor.execute(f'SELECT topic, MAX("offset") FROM {log._EVENT} GROUP BY topic')
        highest = dict(cursor.fetchall())
    return {topic: Head(_epoch(), highest.get(str(topic), 0)) for topic in topics}


def read(topic: Topic, after: int, limit: int) -> Slice:
    """What has a higher number than the last one that was seen."""
    with log.connection().cursor() as cursor:
        cursor.execute(
            f'SELECT "offset", type, data, at, revokes FROM {log._EVENT} WHERE topic = %s AND "offset" > %s'
            ' ORDER BY "offset" LIMIT %s',
            [str(topic), after, limit],
        )
        rows = cursor.fetchall()
    return Slice(heads([topic])[topic], [log._event(topic, _epoch(), row) for row in rows])


def _epoch() -> str:
    with log.connection().cursor() as cursor:
        return log._fresh_head(cursor).epoch


def _next_number(topic: str) -> int:
    with log.connection().cursor() as cursor:
        sequence = f"naive_{crc32(topic.encode())}"
        cursor.execute(f"CREATE SEQUENCE IF NOT EXISTS {sequence}")
        cursor.execute(f"SELECT nextval('{sequence}')")
        return int(cursor.fetchone()[0])


def hint_as_truth() -> None:
    """Whatever the broker brings is passed on as it comes; the log is asked for nothing in between."""

    def accept(self: Ordering, feed: Feed, event: Event) -> None:
        self._deliver(feed, event)

    _put(Ordering, "_accept", accept)


def _put(place: Any, name: str, function: Any) -> None:
    assert hasattr(place, name), f"{place} has no {name} any more: the planted fault would be none"
    setattr(place, name, function)


PLANTS = {plant.__name__: plant for plant in (no_sweep, no_buffering, naive_cursor, hint_as_truth)}
