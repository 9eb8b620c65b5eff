"""Following: what a connection hears of, from its own topic to those that it asks for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from carillon.conf import settings
from carillon.errors import TooMany
from carillon.realtime.admission import Arrival
from carillon.realtime.connection import Connection
from carillon.realtime.dialect import Heartbeat, Hello, Limits
from carillon.realtime.event import Head, Position
from carillon.realtime.feed import Subscription
from carillon.realtime.identity import Identity
from carillon.realtime.runtime import Runtime
from carillon.realtime.topic import Access, Topic, user_topic


class Asking:
    """How one begins to follow a topic: the head of its log is read, and then whether one may, in one call."""

    __slots__ = ("_arrival", "_ask")

    def __init__(self, ask: Callable[[], Awaitable[Arrival]]) -> None:
        self._ask = ask
        # Good for one check, right after the head was read.
        self._arrival: Arrival | None = None

    async def head(self) -> Head:
        """Where the log stands."""
        self._arrival = await self._ask()
        return self._arrival.head

    async def access(self) -> Access | None:
        """Leave to follow it, if there is any; raises what speaks against it, as Unauthenticated for who was signed out."""
        arrival, self._arrival = self._arrival, None
        if arrival is None:
            arrival = await self._ask()
        if arrival.refusal is not None:
            raise arrival.refusal
        return arrival.access


async def follow_own(runtime: Runtime, connection: Connection, identity: Identity) -> Subscription:
    """Begin to follow one's own topic; raises Unauthenticated where that person was signed out meanwhile."""
    own = Asking(partial(runtime.admission.arrive, identity))
    subscription = await runtime.hub.attach(connection, user_topic(identity.person), None, own.access, own.head)
    assert subscription is not None  # noqa: S101 - only a position can be void
    return subscription


async def follow(
    runtime: Runtime, connection: Connection, topic: Topic, position: Position | None
) -> Subscription | None:
    """Begin to follow a topic, as `Hub.attach` does, where this person may; raises TooMany where they follow too many."""
    following, identity = connection.subscriptions, connection.identity
    assert identity is not None  # noqa: S101 - nobody else is answered
    if topic not in following and len(following) >= settings.TOPICS_PER_CONNECTION:
        raise TooMany("subscription_limit", f"At most {settings.TOPICS_PER_CONNECTION} topics a connection.")
    asking = Asking(partial(runtime.admission.follow, identity, topic))
    return await runtime.hub.attach(connection, topic, position, asking.access, asking.head)


async def arrive(runtime: Runtime, connection: Connection, topics: Sequence[Topic]) -> None:
    """Follow the topics of a connection's address, without which it is closed; raises NotFound where one may not."""
    connection.home = tuple(topics)
    for topic in topics:
        subscription = await follow(runtime, connection, topic, None)
        if subscription is not None:
            await runtime.hub.replay(subscription)


def hello_to(connection: Connection, identity: Identity, subscription: Subscription) -> Hello:
    """What a client is told once it follows its own topic."""
    return Hello(
        connection=connection.id,
        person=identity.face,
        user_topic=str(subscription.topic),
        position=subscription.position,
        limits=Limits(
            settings.FRAME_BYTES,
            settings.TOPICS_PER_CONNECTION,
            settings.COMMANDS_PER_SECOND,
            settings.COMMAND_BURST,
        ),
        heartbeat=Heartbeat(settings.HEARTBEAT_INTERVAL, settings.HEARTBEAT_TIMEOUT),
    )
