"""Hub: this process's subscriptions: replays the log to each from its position, then lets it go live."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from carillon.errors import NotFound, Unavailable
from carillon.realtime.brokers.base import Broker
from carillon.realtime.connection import Connection
from carillon.realtime.event import Head, Position
from carillon.realtime.fanout import JOINED
from carillon.realtime.feed import NOTHING, Feed, Subscription
from carillon.realtime.ordering import HeadReader, LogReader, Ordering
from carillon.realtime.paces import Pace
from carillon.realtime.sharing import Recent, SharedEvent
from carillon.realtime.topic import Access, Topic

logger = logging.getLogger(__name__)

REPLAYS = 16
# Replays that go on in one tick of the loop, once the page they waited for is there.
EACH_TICK = 4

Check = Callable[[], Awaitable[Access | None]]


class Hub(Ordering):
    """Every subscription of this process. All methods belong to its event loop; none waits for one client because of another."""

    def __init__(
        self,
        log: LogReader,
        broker: Broker,
        *,
        linger: float = 10.0,
        sweep: tuple[float, float] = (2.0, 5.0),
        most_joined: int = JOINED,
    ) -> None:
        super().__init__(log, broker, linger=linger, sweep=sweep)
        self._most_joined = most_joined
        self._pace = Pace(EACH_TICK)
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
        head: HeadReader | None = None,
    ) -> Subscription | None:
        """Begin to follow a topic after `position` (or from now on), buffering until `replay` is called.

        `access` is asked each time after the head of the log was read, by `head` where that is given.
        Raises NotFound where access is refused. A void position is answered with a resync, and None is returned.
        """
        self.detach(connection, topic)
        feed = self._feed(topic, head)
        # One object for all who follow it.
        topic = feed.topic
        subscription = Subscription(connection, topic, self.HELD)
        # Buffering begins before the log is read: an event committed in between is in one of the two.
        feed.join(subscription)
        connection.subscriptions[topic] = subscription
        connection.fan_out = self.fan_out
        try:
            is_accepted = await self._admit(feed, subscription, position, access, head)
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
        head: HeadReader | None,
    ) -> bool:
        """Find out where delivery begins; False where a resync was told instead."""
        is_new = not feed.is_ready
        if feed.ready is not None:
            await asyncio.shield(feed.ready)
        while True:
            jumps = feed.jumps
            subscription.buffer.clear()
            subscription.epoch = feed.epoch
            subscription.last = subscription.trusted = feed.last
            if not is_new:
                # A feed may lag behind the log; what access is checked against is the log as it is before the check.
                subscription.trusted = await self._look(feed, head)
            grant = await access()
            if grant is None:
                raise NotFound("not_found", "There is no such topic.")
            subscription.last = max(position.offset if position else subscription.last, grant.visible_from)
            if position is not None and not await self._read_first_page(feed, subscription, position):
                return False
            if feed.jumps == jumps:
                return True
            is_new = False

    async def _look(self, feed: Feed, read: HeadReader | None) -> int:
        """The last offset of the log now; a feed that is behind it catches up."""
        head = await (read() if read else self._head(feed.topic))
        if head.epoch != feed.epoch or head.offset > feed.last:
            self._start_filling(feed)
        return head.offset

    async def _read_first_page(self, feed: Feed, subscription: Subscription, position: Position) -> bool:
        known = await self._shared_page(feed, subscription, position, least=0)
        if known is not None:
            subscription.replay = known
            return True
        head, subscription.replay = await self._read_page(feed, subscription)
        if head.epoch != feed.epoch:
            self._start_filling(feed)
        reason = head.refuses(position)
        if reason:
            self._resync(feed, subscription, reason, head)
            return False
        if head.epoch != feed.epoch and feed.filling is not None:
            # The position is of an epoch that the feed has yet to enter.
            await asyncio.wait({feed.filling})
        if subscription.epoch == feed.epoch != head.epoch:
            raise Unavailable("unavailable", "The log cannot be read now; try again.", retry_after=1)
        return True

    async def _shared_page(
        self, feed: Feed, subscription: Subscription, position: Position, *, least: int
    ) -> deque[SharedEvent] | None:
        """At least so many events that others who resume have read, or are reading; None where the log has to be asked."""
        # Twice: whoever reads may leave before the end, and another one reads then.
        for _ in range(2):
            found = self._known_page(feed, subscription, position, least)
            if found is not None or feed.recent is None:
                return found
            under_way = feed.recent.read_under_way(subscription.last, self.PAGE)
            if under_way is None:
                return None
            await asyncio.wait({under_way})
            # Many have waited for it.
            await self._pace.keep()
        return self._known_page(feed, subscription, position, least)

    def _known_page(
        self, feed: Feed, subscription: Subscription, position: Position, least: int
    ) -> deque[SharedEvent] | None:
        # A log that was trimmed since refuses nobody whose events are still here; one that was begun anew has another epoch.
        if feed.recent is None or feed.recent.after(position, 0) is None:
            return None
        found = feed.recent.after(subscription.position, self.PAGE)
        return found if found is not None and len(found) >= least else None

    async def _read_page(self, feed: Feed, subscription: Subscription) -> tuple[Head, deque[SharedEvent]]:
        after = subscription.last
        recent = feed.recent = feed.recent or Recent()
        read = recent.begin(after)
        self._reading += 1
        try:
            async with self._replays:
                page = await self._log.read(subscription.topic, after, self.PAGE)
            return page.head, recent.keep(page.head, after, page.events)
        finally:
            self._reading -= 1
            recent.end(after, read)

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
        page, subscription.replay = subscription.replay, NOTHING
        while True:
            is_last = len(page) < self.PAGE
            while page and not subscription.is_over:
                await self._send_paced(feed, subscription, page.popleft(), page)
            if (is_last and await self._go_live(feed, subscription)) or subscription.is_over:
                return
            await self._pace.keep()
            known = await self._shared_page(feed, subscription, subscription.position, least=1)
            if known is not None:
                page = known
                continue
            head, page = await self._read_page(feed, subscription)
            reason = head.refuses(subscription.position)
            if reason:
                self._resync(feed, subscription, reason, head)
                return

    async def _go_live(self, feed: Feed, subscription: Subscription) -> bool:
        """Send the buffer and go live; False where the log must be read again first."""
        while not subscription.is_over and feed.epoch == subscription.epoch:
            if subscription.buffer:
                if subscription.buffer[0].event.offset > subscription.last + 1:
                    return False
                await self._send_paced(feed, subscription, subscription.buffer.popleft(), subscription.buffer)
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

    async def _send_paced(
        self, feed: Feed, subscription: Subscription, first: SharedEvent, others: deque[SharedEvent] | None = None
    ) -> None:
        """Send one event, and of `others` what fits into the same write, at the pace at which the client reads."""
        if subscription.is_over:
            return
        connection = subscription.connection
        most = 0 if connection.outbound.is_high else self._most_joined
        payloads, size, is_cut = subscription.take(first, deque() if others is None else others, most)
        connection.pass_on(payloads, size)
        if is_cut:
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
