"""Where conversations are announced, and who may follow them: those who are in them now, from when they came."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from carillon.conversations import queries
from carillon.conversations.models import Message
from carillon.presence import visibility
from carillon.realtime.claims import register_ring
from carillon.realtime.identity import Identity
from carillon.realtime.topic import Access, Topic, register_topic

KIND = "conversation"


def topic_of(conversation: int) -> Topic:
    """The topic of a conversation."""
    return Topic(KIND, str(conversation))


def may_follow(identity: Identity, key: str) -> Access | None:
    """Whether this person is in the conversation, and from which event on they may hear it."""
    if not key.isdecimal() or len(key) > 18:
        return None
    membership = queries.membership_of(identity.person, int(key))
    return None if membership is None else Access(queries.visible_offset_of(membership))


def members(keys: Collection[str]) -> Mapping[str, Iterable[str]]:
    """Who is in these conversations, for presence."""
    return queries.people_by_conversation([int(key) for key in keys if key.isdecimal() and len(key) <= 18])


def holds(key: str, message: str) -> bool:
    """Whether the conversation holds a message of that id, of which its members were told when it was sent."""
    if not (key.isdecimal() and message.isdecimal() and len(message) <= 18):
        return False
    return Message.objects.filter(conversation=int(key), pk=int(message)).exists()


def register() -> None:
    """Make conversations followable, and let those who are in one see each other's presence."""
    register_topic(KIND, may_follow)
    # What host code tells a room's group of a stored message is not told twice (REQUIREMENTS 002-24).
    register_ring(KIND, holds)
    visibility.register_group(KIND, members)
    visibility.register(queries.sharing)
