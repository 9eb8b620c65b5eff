"""Following: what a connection hears of, from its own topic to those that it asks for."""

from __future__ import annotations

from collections.abc import Sequence

from carillon.conf import settings
from carillon.errors import TooMany
from carillon.realtime.connection import Connection
from carillon.realtime.dialect import Heartbeat, Hello, Limits
from carillon.realtime.event import Position
from carillon.realtime.feed import Subscription
from carillon.realtime.identity import Identity
from carillon.realtime.runtime import Runtime
from carillon.realtime.topic import Access, Topic, may_follow, user_topic


async def follow_own(runtime: Runtime, connection: Connection, identity: Identity) -> Subscription:
    """Begin to follow one's own topic; raises Unauthenticated where that person was signed out meanwhile."""

    async def access() -> Access:
        await runtime.admission.check_again(identity)
        return Access()

    subscription = await runtime.hub.attach(connection, user_topic(identity.person), None, access)
    assert subscription is not None  # noqa: S101 - only a position can be void
    return subscription


async def follow(
    runtime: Runtime, connection: Connection, topic: Topic, position: Position | None
) -> Subscription | None:
    """Begin to follow a topic, as `Hub.attach` does, where this person may; raises TooMany where they follow too many."""
    following, identity = connection.subscriptions, connection.identity
    if topic not in following and len(following) >= settings.TOPICS_PER_CONNECTION:
        raise TooMany("subscription_limit", f"At most {settings.TOPICS_PER_CONNECTION} topics a connection.")

    async def access() -> Access | None:
        return await runtime.call(may_follow, identity, topic) if identity else None

    return await runtime.hub.attach(connection, topic, position, access)


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
