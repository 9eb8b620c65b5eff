"""The broker of many processes: Redis carries hints between them; what is lost with it, the sweep finds in the log."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from carillon.realtime.brokers.base import Lost, Receive
from carillon.realtime.brokers.memory import MemoryBroker
from carillon.realtime.brokers.redis.home import find_home, tag_of
from carillon.realtime.brokers.redis.parcels import begin_of, pack, unpack
from carillon.realtime.brokers.redis.sender import Sender
from carillon.realtime.event import Event
from carillon.realtime.topic import Topic

logger = logging.getLogger(__name__)

_DEADLINE = 2.0
_CHUNK = 1000
# Messages that are taken before others get their turn in the loop.
_EACH_TICK = 128
_FAILURES = (RedisError, OSError, TimeoutError)


class RedisBroker:
    """Hands events to the hub of this process at once, and to those of others by pub/sub over one connection.

    On a cluster that is sharded pub/sub of the one node that has our channels, so that the others carry nothing of it.
    While Redis is away nothing waits and nothing fails. When it is back everything is subscribed to again, and `lost`
    is called: what was published meanwhile is to be looked for in the log.
    """

    PING_EVERY = 5.0
    ACKNOWLEDGED_WITHIN = 1.0
    RETRY = (0.1, 2.0)

    def __init__(self, url: str, prefix: str = "carillon") -> None:
        self._url = url
        self._prefix = tag_of(url, prefix)
        self._origin = secrets.token_hex(8)
        self._local = MemoryBroker()
        self._sender = Sender(url, self._prefix)
        self._receive: Receive | None = None
        self._lost: Lost | None = None
        self._own = begin_of(self._origin)
        self._topics: dict[str, Topic] = {}
        self._heard: list[Event] = []
        self._wanted: set[str] = {self._channel(self._origin)}
        self._asked: set[str] = set()
        self._left: set[str] = set()
        # What the commands of sharded pub/sub begin with.
        self._letter = ""
        self._acknowledged: dict[str, asyncio.Future[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()
        self.is_connected = False
        self._has_tried = asyncio.Event()
        # Whether somebody waited in vain for an acknowledgement, and Redis said nothing since.
        self._is_mute = False
        # Whether Redis said something since this was last looked at.
        self._has_spoken = False

    @property
    def dropped(self) -> int:
        """How many events could not be handed to Redis; the sweeps of other processes found the durable ones."""
        return self._sender.dropped

    # The contract.

    async def start(self, receive: Receive, lost: Lost | None = None) -> None:
        self._receive, self._lost = receive, lost
        self._changed, self._has_tried = asyncio.Event(), asyncio.Event()
        await self._local.start(receive)
        self._tasks = [asyncio.get_running_loop().create_task(self._listen_for_ever())]

    async def stop(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._receive = self._lost = None
        self._wanted = {self._channel(self._origin)}
        self._topics.clear()
        await self._local.stop()
        await asyncio.to_thread(self._sender.flush)

    async def subscribe(self, topic: Topic) -> None:
        await self._local.subscribe(topic)
        self._topics[str(topic)] = topic
        channel = self._channel(topic)
        self._wanted.add(channel)
        self._changed.set()
        # Whoever comes while Redis is away is subscribed when it is back, and the sweep serves them until then.
        if self._is_mute:
            return
        try:
            async with asyncio.timeout(self.ACKNOWLEDGED_WITHIN):
                await self._has_tried.wait()
                if self.is_connected:
                    await asyncio.shield(self._acknowledgement(channel))
        except TimeoutError:
            self._is_mute = True

    async def unsubscribe(self, topic: Topic) -> None:
        await self._local.unsubscribe(topic)
        self._topics.pop(str(topic), None)
        self._wanted.discard(self._channel(topic))
        self._changed.set()

    def publish(self, events: Sequence[Event]) -> None:
        self._local.publish(events)
        for topic, found in groupby(events, key=attrgetter("topic")):
            name, own = str(topic), list(found)
            self._sender.send(self._channel(name), pack(self._origin, name, own), len(own))

    # Listening.

    async def _listen_for_ever(self) -> None:
        wait = self.RETRY[0]
        while True:
            try:
                await self._listen()
            except _FAILURES as error:
                if self.is_connected or not self._has_tried.is_set():
                    logger.warning("Redis is away (%s); other processes hear by the sweep until it is back", error)
                wait = self.RETRY[0] if self.is_connected else min(self.RETRY[1], 2 * wait)
            except Exception:
                logger.exception("what Redis sent could not be read")
            finally:
                self.is_connected = False
                self._has_tried.set()
            await asyncio.sleep(wait * random.uniform(0.5, 1.5))  # noqa: S311

    async def _listen(self) -> None:
        """Listen over one connection until it breaks."""
        home = await asyncio.to_thread(find_home, self._url, self._prefix, _DEADLINE)
        options: dict[str, Any] = {"socket_connect_timeout": _DEADLINE, "retry": Retry(NoBackoff(), 0)}
        async with Redis.from_url(home.url, **options) as client, client.pubsub() as pubsub:
            self._asked, self._left, self._acknowledged = set(), set(), {}
            self._letter = "S" if home.is_sharded else ""
            async with asyncio.timeout(_DEADLINE):
                await self._ask(pubsub)
            loop = asyncio.get_running_loop()
            tasks = {loop.create_task(work(pubsub)) for work in (self._read, self._watch, self._keep_asking)}
            try:
                for ended in (await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED))[0]:
                    ended.result()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, pubsub: PubSub) -> None:
        """Take what comes; `get_message` would cost ten times as much for each."""
        connection: Any = pubsub.connection
        # Silence is normal here, whatever deadline the address sets for answers.
        connection.socket_timeout = None
        while True:
            for _ in range(_EACH_TICK):
                self._take(await connection.read_response(disconnect_on_error=False, push_request=True))
            # What has come already is read without a pause.
            await asyncio.sleep(0)

    async def _watch(self, pubsub: PubSub) -> None:
        """Ask a Redis that says nothing whether it is there; raises TimeoutError where it goes on saying nothing."""
        is_pinged = False
        while True:
            self._has_spoken = False
            await asyncio.sleep(self.PING_EVERY)
            if is_pinged and not self._has_spoken:
                raise TimeoutError("no answer to a ping")
            is_pinged = not self._has_spoken
            if is_pinged:
                async with asyncio.timeout(_DEADLINE):
                    await pubsub.ping()

    def _take(self, said: Any) -> None:
        self._is_mute, self._has_spoken = False, True
        match said:
            case [b"message" | b"smessage", _, data]:
                self._hear(data)
            case [b"subscribe" | b"ssubscribe", channel, _]:
                self._subscribed(channel.decode())
            case [b"sunsubscribe", channel, _]:
                if channel.decode() not in self._left:
                    raise ConnectionError("the channels moved to another node of the cluster")
                self._left.discard(channel.decode())

    def _subscribed(self, channel: str) -> None:
        acknowledged = self._acknowledgement(channel)
        if not acknowledged.done():
            acknowledged.set_result(None)
        if channel == self._channel(self._origin):
            self._begin()

    def _hear(self, data: bytes) -> None:
        if data.startswith(self._own):
            return
        events = unpack(data, self._topics)
        if events and not self._heard:
            # Once all is read that has come.
            asyncio.get_running_loop().call_soon(self._hand_over)
        self._heard += events

    def _hand_over(self) -> None:
        heard, self._heard = self._heard, []
        if self._receive is not None:
            self._receive(heard)

    def _begin(self) -> None:
        """Everything wanted at the start of this connection is subscribed to: our own channel is asked for last."""
        logger.info("Redis is connected")
        self.is_connected = True
        self._has_tried.set()
        if self._lost is not None:
            self._lost()

    async def _keep_asking(self, pubsub: PubSub) -> None:
        """Subscribe to what is wanted and leave what is not, whenever that changes; those who come together go together."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            async with asyncio.timeout(_DEADLINE):
                await self._ask(pubsub)

    async def _ask(self, pubsub: PubSub) -> None:
        own = self._channel(self._origin)
        gone, new = self._asked - self._wanted, self._wanted - self._asked
        for channel in gone:
            self._acknowledged.pop(channel, None)
        self._asked = set(self._wanted)
        self._left |= gone if self._letter else set()
        for chunk in _chunks(gone):
            await pubsub.execute_command(f"{self._letter}UNSUBSCRIBE", *chunk)
        for chunk in _chunks(sorted(new, key=lambda channel: channel == own)):
            await pubsub.execute_command(f"{self._letter}SUBSCRIBE", *chunk)

    def _acknowledgement(self, channel: str) -> asyncio.Future[None]:
        if channel not in self._acknowledged:
            self._acknowledged[channel] = asyncio.get_running_loop().create_future()
        return self._acknowledged[channel]

    def _channel(self, topic: Topic | str) -> str:
        return f"{self._prefix}{topic}"


def _chunks(channels: Iterable[str]) -> list[list[str]]:
    """A thousand at a time; a longer command would hold up what Redis sends to others."""
    known = list(channels)
    return [known[start : start + _CHUNK] for start in range(0, len(known), _CHUNK)]
