"""Ordering: puts the events of each followed topic in order, fills gaps from the log, and fans out."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Protocol

from carillon.realtime.brokers.base import Broker
from carillon.realtime.event import Event, Head, Slice
from carillon.realtime.fanout import FanOut
from carillon.realtime.feed import Feed, Subscription
from carillon.realtime.sharing import SharedEvent
from carillon.realtime.topic import Topic

logger = logging.getLogger(__name__)


class LogReader(Protocol):
    """The event log, as the hub reads it."""

    async def heads(self, topics: Sequence[Topic]) -> dict[Topic, Head]:
        """The state of many topics."""

    async def read(self, topic: Topic, after: int, limit: int) -> Slice:
        """The events after an offset."""


# Reads the head of one topic's log.
HeadReader = Callable[[], Awaitable[Head]]


class Ordering:
    """The feeds of this process, each delivered in order and without repeats; belongs to one event loop."""

    GAP_WAIT = 0.010
    PAGE = 500
    HELD = 1000
    SWEEP_CHUNK = 1000

    def __init__(
        self, log: LogReader, broker: Broker, *, linger: float = 10.0, sweep: tuple[float, float] = (2.0, 5.0)
    ) -> None:
        self._log, self._broker, self._linger, self._interval = log, broker, linger, sweep
        self.feeds: dict[Topic, Feed] = {}
        self.fan_out = FanOut()
        self._generation = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: dict[Topic, asyncio.Task[None]] = {}
        # When heads were read last, by the monotonic clock, and how many seconds that took.
        self.swept_at, self.sweep_seconds = 0.0, 0.0

    # Receiving.

    def receive(self, events: Sequence[Event]) -> None:
        """Take events from the broker: in any order, repeated, or with some missing; they leave before it returns, or soon after."""
        is_mine = self.fan_out.hold()
        try:
            for event in events:
                feed = self.feeds.get(event.topic)
                if feed is None:
                    continue
                if feed.ready is None:
                    self._accept(feed, event)
                else:
                    feed.keep_early(event)
        finally:
            if is_mine:
                self.fan_out.let_go()

    async def sweep(self) -> None:
        """Compare every followed topic with its head in the log, and fill what was missed."""
        for chunk in self._chunks():
            await self._compare(chunk)

    def sweep_soon(self) -> None:
        """Sweep now, beside whatever else goes on: the broker may have lost events."""
        self._run(self._sweep_logged())

    async def _sweep_logged(self) -> None:
        try:
            await self.sweep()
        except Exception:
            logger.exception("the heads of followed topics could not be read")

    async def sweep_for_ever(self) -> None:
        """Sweep at jittered intervals, the chunks spread over each; a database that does not answer is asked again next time."""
        while True:
            interval, chunks = random.uniform(*self._interval), self._chunks()  # noqa: S311
            known = {topic for chunk in chunks for topic in chunk}
            for number, chunk in enumerate(chunks, start=1):
                await asyncio.sleep(interval / len(chunks))
                # What is followed since the interval began must not wait for the end of the next one.
                late = [topic for topic in self.feeds if topic not in known] if number == len(chunks) else []
                try:
                    await self._compare(chunk + late)
                except Exception:
                    logger.exception("the heads of followed topics could not be read")

    def _chunks(self) -> list[list[Topic]]:
        """The followed topics, a thousand at a time; one empty chunk where there is none."""
        topics = [topic for topic, feed in self.feeds.items() if feed.is_ready]
        return [topics[start : start + self.SWEEP_CHUNK] for start in range(0, max(1, len(topics)), self.SWEEP_CHUNK)]

    async def _compare(self, topics: list[Topic]) -> None:
        delivered = {
            topic: self.feeds[topic].last for topic in topics if topic in self.feeds and self.feeds[topic].is_ready
        }
        begun = time.monotonic()
        heads = await self._log.heads(list(delivered)) if delivered else {}
        self.swept_at = time.monotonic()
        self.sweep_seconds = self.swept_at - begun
        for topic, head in heads.items():
            feed = self.feeds.get(topic)
            if feed is None or not feed.is_ready:
                continue
            if head.epoch != feed.epoch or head.offset > feed.last or head.offset < delivered[topic]:
                self._start_filling(feed)

    async def close(self) -> None:
        """Stop all work of the hub."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.feeds.clear()

    # Feeds.

    def _feed(self, topic: Topic, head: HeadReader | None) -> Feed:
        feed = self.feeds.get(topic)
        if feed is None:
            self._generation += 1
            feed = self.feeds[topic] = Feed(topic, self._generation, self.HELD, self.fan_out)
            self._run(self._open(feed, head))
        elif feed.linger_timer is not None:
            feed.linger_timer.cancel()
            feed.linger_timer = None
        return feed

    async def _open(self, feed: Feed, read: HeadReader | None) -> None:
        try:
            closing = self._closing.get(feed.topic)
            if closing is not None:
                await asyncio.wait([closing])
            # The broker first: a hint that comes while the head is read is kept in `early`.
            await self._broker.subscribe(feed.topic)
            feed.move_to(await (read() if read else self._head(feed.topic)))
        except BaseException as error:
            self.feeds.pop(feed.topic, None)
            if feed.ready is not None and not feed.ready.done():
                feed.ready.set_exception(
                    error if isinstance(error, Exception) else ConnectionError("the hub is closed")
                )
                feed.ready.exception()
            return
        ready, feed.ready = feed.ready, None
        if ready is not None:
            ready.set_result(None)
        early, feed.early = feed.early or (), None
        for event in early:
            self._accept(feed, event)

    async def _head(self, topic: Topic) -> Head:
        return (await self._log.heads([topic]))[topic]

    def _drop(self, feed: Feed, subscription: Subscription) -> None:
        feed.leave(subscription)
        if not feed.subscriptions and feed.linger_timer is None and self.feeds.get(feed.topic) is feed:
            feed.linger_timer = asyncio.get_running_loop().call_later(self._linger, self._forget, feed)

    def _forget(self, feed: Feed) -> None:
        feed.linger_timer = None
        if feed.subscriptions or self.feeds.get(feed.topic) is not feed:
            return
        del self.feeds[feed.topic]
        self._closing[feed.topic] = self._run(self._unsubscribe(feed.topic))

    async def _unsubscribe(self, topic: Topic) -> None:
        try:
            await self._broker.unsubscribe(topic)
        finally:
            if self._closing.get(topic) is asyncio.current_task():
                del self._closing[topic]

    # Ordering.

    def _accept(self, feed: Feed, event: Event) -> None:
        if not event.offset:
            feed.fan_out(event)
        elif event.epoch != feed.epoch:
            self._start_filling(feed)
        elif event.offset == feed.last + 1 and not feed.held:
            self._deliver(feed, event)
        elif event.offset > feed.last:
            feed.hold(event)
            self._deliver_held(feed)
            if feed.held and feed.gap_timer is None and feed.filling is None:
                # The missing one is most often right behind.
                feed.gap_timer = asyncio.get_running_loop().call_later(self.GAP_WAIT, self._start_filling, feed)

    def _deliver_held(self, feed: Feed) -> None:
        while (event := feed.take_next()) is not None:
            self._deliver(feed, event)
        if feed.held is not None:
            feed.forget_delivered()
        if not feed.held:
            feed.stop_waiting()

    def _start_filling(self, feed: Feed) -> None:
        feed.stop_waiting()
        if feed.filling is None:
            feed.filling = self._run(self._fill(feed))

    async def _fill(self, feed: Feed) -> None:
        """Read the log after the last delivered event until nothing is missing; one reader a feed."""
        idle = 0
        try:
            while self.feeds.get(feed.topic) is feed:
                before = feed.position
                page = await self._log.read(feed.topic, before.offset, self.PAGE)
                reason = page.head.refuses(before)
                if reason and feed.position != before:
                    # Hints were delivered while it was read: look again from where it stands now.
                    continue
                if reason:
                    self._resync_all(feed, reason, page.head)
                    return
                for event in page.events:
                    if event.offset == feed.last + 1:
                        self._deliver(feed, event)
                self._deliver_held(feed)
                idle = 0 if feed.last > before.offset else idle + 1
                # What is held came while the log was read, so its predecessors are there by now: one more look.
                if len(page.events) < self.PAGE and (not feed.held or idle > 1):
                    feed.held = None
                    return
        except Exception:
            logger.exception("the log of %s could not be read; the sweep tries again", feed.topic)
        finally:
            feed.filling = None

    # Delivering.

    def _deliver(self, feed: Feed, event: Event) -> None:
        feed.last = event.offset
        feed.fan_out(event)
        if feed.waiting:
            shared = SharedEvent(event)
            for subscription in feed.waiting:
                subscription.buffer.append(shared)
            if feed.recent is not None:
                feed.recent.add(shared)
        if event.revokes:
            for subscription in list(feed.subscriptions.values()):
                if subscription.is_live and subscription.cuts(event):
                    self._cut(feed, subscription)

    def _cut(self, feed: Feed, subscription: Subscription) -> None:
        self._drop(feed, subscription)
        subscription.connection.withdraw(subscription.topic)

    def _resync(self, feed: Feed, subscription: Subscription, reason: str, head: Head) -> None:
        self._drop(feed, subscription)
        subscription.connection.resync(feed.topic, reason, head.position)

    def _resync_all(self, feed: Feed, reason: str, head: Head) -> None:
        """Begin anew at the end of the log; those that are not live yet find out for themselves."""
        feed.move_to(head)
        for subscription in list(feed.subscriptions.values()):
            if subscription.is_live:
                self._resync(feed, subscription, reason, head)

    def _run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
