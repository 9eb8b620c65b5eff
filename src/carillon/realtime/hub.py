"""Hub: this process's subscriptions: replays the log to each from its position, then lets it go live."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from carillon.errors import NotFound, Unavailable
from carillon.realtime.brokers.base import Broker
from carillon.realtime.connection import Connection
from carillon.realtime.event import Event, Position, Slice
from carillon.realtime.feed import Feed, Subscription
from carillon.realtime.ordering import LogReader, Ordering
from carillon.realtime.topic import Access, Topic

logger = logging.getLogger(__name__)

REPLAYS = 16

Check = Callable[[], Awaitable[Access | None]]


class Hub(Ordering):
    """Every subscription of this process. All methods belong to its event loop; none waits for one client because of another."""

    def __init__(
        self, log: LogReader, broker: Broker, *, linger: float = 10.0, sweep: tuple[float, float] = (2.0, 5.0)
    ) -> None:
        super().__init__(log, broker, linger=linger, sweep=sweep)
        # A mass reconnection may not take the whole database.
        self._replays = asyncio.Semaphore(REPLAYS)
        self._reading = 0

    @property
    def replays_waiting(self) -> int:
        """How many replays wait for others to be read."""
        return max(0, self._reading - REPLAYS)

    async def attach(
        self,
        connection: Connection,
        topic: Topic,
        position: Position | None,
        access: Check,
    ) -> Subscription | None:
        """Begin to follow a topic after `position` (or from now on), buffering until `replay` is called.

        Raises NotFound where access is refused. A void position is answered with a resync, and None is returned.
        """
        self.detach(connection, topic)
        feed = self._feed(topic)
        subscription = Subscription(connection, topic, self.HELD)
        # Buffering begins before the log is read: an event committed in between is in one of the two.
        feed.join(subscription)
        connection.subscriptions[topic] = subscription
        connection.fan_out = self.fan_out
        try:
            is_accepted = await self._admit(feed, subscription, position, access)
        except BaseException:
            self._drop(feed, subscription)
            raise
        return subscription if is_accepted else None

    async def _admit(
        self,
        feed: Feed,
        subscription: Subscription,
        position: Position | None,
        access: Check,
    ) -> bool:
        """Find out where delivery begins; False where a resync was told instead."""
        is_new = not feed.is_ready
        await asyncio.shield(feed.ready)
        while True:
            jumps = feed.jumps
            subscription.buffer.clear()
            subscription.epoch = feed.epoch
            subscription.last = subscription.trusted = feed.last
            if not is_new:
                # A feed may lag behind the log; what access is checked against is the log as it is before the check.
                subscription.trusted = await self._look(feed)
            grant = await access()
            if grant is None:
                raise NotFound("not_found", "There is no such topic.")
            subscription.last = max(position.offset if position else subscription.last, grant.visible_from)
            if position is not None and not await self._read_first_page(feed, subscription, position):
                return False
            if feed.jumps == jumps:
                return True
            is_new = False

    async def _look(self, feed: Feed) -> int:
        """The last offset of the log now; a feed that is behind it catches up."""
        head = (await self._log.heads([feed.topic]))[feed.topic]
        if head.epoch != feed.epoch or head.offset > feed.last:
            self._start_filling(feed)
        return head.offset

    async def _read_first_page(self, feed: Feed, subscription: Subscription, position: Position) -> bool:
        page = await self._read_page(subscription)
        subscription.replay = page.events
        if page.head.epoch != feed.epoch:
            self._start_filling(feed)
        reason = page.head.refuses(position)
        if reason:
            self._resync(feed, subscription, reason, page.head)
            return False
        if page.head.epoch != feed.epoch and feed.filling is not None:
            # The position is of an epoch that the feed has yet to enter.
            await asyncio.wait({feed.filling})
        if subscription.epoch == feed.epoch != page.head.epoch:
            raise Unavailable("unavailable", "The log cannot be read now; try again.", retry_after=1)
        return True

    async def _read_page(self, subscription: Subscription) -> Slice:
        self._reading += 1
        try:
            async with self._replays:
                return await self._log.read(subscription.topic, subscription.last, self.PAGE)
        finally:
            self._reading -= 1

    async def replay(self, subscription: Subscription) -> None:
        """Send what the log holds after the position, then what was buffered meanwhile, then go live.

        Where the log cannot be read any more the connection is closed: a silent gap is worse than a reconnection.
        """
        feed = self.feeds.get(subscription.topic)
        if feed is None or subscription.is_over:
            return
        try:
            await self._replay(feed, subscription)
        except Exception:
            logger.exception("the log of %s could not be replayed", feed.topic)
            self._drop(feed, subscription)
            subscription.connection.close(Unavailable("unavailable", "The log cannot be read now.", retry_after=1))

    async def _replay(self, feed: Feed, subscription: Subscription) -> None:
        events, subscription.replay = subscription.replay, []
        while True:
            for event in events:
                await self._send_paced(feed, subscription, event)
            if (len(events) < self.PAGE and await self._go_live(feed, subscription)) or subscription.is_over:
                return
            page = await self._read_page(subscription)
            reason = page.head.refuses(subscription.position)
            if reason:
                self._resync(feed, subscription, reason, page.head)
                return
            events = page.events

    async def _go_live(self, feed: Feed, subscription: Subscription) -> bool:
        """Send the buffer and go live; False where the log must be read again first."""
        while not subscription.is_over and feed.epoch == subscription.epoch:
            if subscription.buffer:
                if subscription.buffer[0].offset > subscription.last + 1:
                    return False
                await self._send_paced(feed, subscription, subscription.buffer.popleft())
            elif subscription.last < feed.last:
                return False
            elif subscription.last > feed.last:
                # The log was ahead of the feed: going live now would repeat what was replayed.
                self._start_filling(feed)
                if feed.filling is not None:
                    await asyncio.wait({feed.filling})
                if subscription.last > feed.last:
                    return False
            else:
                # No pause since the buffer was found empty: nothing can come in between.
                feed.go_live(subscription)
                return True
        return False

    async def _send_paced(self, feed: Feed, subscription: Subscription, event: Event) -> None:
        """Send one event, at the pace at which the client reads."""
        if subscription.is_over or event.offset <= subscription.last or event.epoch != subscription.epoch:
            return
        connection = subscription.connection
        subscription.last = event.offset
        connection.say(connection.dialect.encode_event(event))
        if subscription.cuts(event):
            self._cut(feed, subscription)
        elif connection.outbound.is_high:
            await connection.outbound.drained()

    def detach(self, connection: Connection, topic: Topic) -> bool:
        """Stop following a topic; says whether it was followed."""
        subscription = connection.subscriptions.pop(topic, None)
        feed = self.feeds.get(topic)
        if subscription is None or feed is None:
            return False
        self._drop(feed, subscription)
        return True

    def detach_all(self, connection: Connection) -> None:
        """Forget a connection."""
        for topic in list(connection.subscriptions):
            self.detach(connection, topic)
