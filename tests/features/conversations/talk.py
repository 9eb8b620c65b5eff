"""People who talk: what tests of conversations begin with, and what they read of the log."""

from __future__ import annotations

from typing import Any

import msgspec

from carillon.conversations import actions
from carillon.conversations.models import Conversation
from carillon.realtime import log
from carillon.realtime.topic import Topic
from tests.support.people import make_user


def group_of(*people: Any, title: str = "Chantier", kind: str = "group") -> Conversation:
    """A group of these people, whose owner is the first."""
    return actions.open_conversation(people[0], kind, people[1:], title=title)


def direct_of(one: Any, other: Any) -> Conversation:
    """The direct conversation of two."""
    return actions.open_direct(one, other)


def pair() -> tuple[Any, Any, Conversation]:
    """Alice and Bruno, and their direct conversation."""
    alice = make_user("alice", first_name="Alice", last_name="Fontaine")
    bruno = make_user("bruno", first_name="Bruno", last_name="Kouassi")
    return alice, bruno, direct_of(alice, bruno)


def events_on(topic: str) -> list[tuple[str, dict[str, Any]]]:
    """The events of a topic, in order."""
    events = log.read(Topic.parse(topic), 0, 10_000).events
    return [(event.type, msgspec.json.decode(event.data)) for event in events]


def events_in(conversation: Conversation, *types: str) -> list[dict[str, Any]]:
    """What was announced in a conversation, of these types."""
    return [data for type, data in events_on(f"conversation:{conversation.pk}") if type in types or not types]


def told(person: Any, *types: str) -> list[dict[str, Any]]:
    """What a person was told on their own topic, of these types."""
    return [data for type, data in events_on(f"user:{person.pk}") if type in types or not types]


def follow_up() -> int:
    """Carry out what waits to be followed up; returns how many members were told."""
    total = 0
    while done := actions.follow_up():
        total += done
    return total
