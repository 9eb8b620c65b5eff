"""Typing: told to who is there now, stored nowhere, and not passed on more often than it is needed."""

from __future__ import annotations

import threading
import time
from typing import Any

from carillon.conversations import events, queries
from carillon.conversations.actions import rows
from carillon.conversations.actions.outcome import key_of
from carillon.conversations.topics import topic_of
from carillon.people.queries import keys_of
from carillon.realtime.identity import Person
from carillon.realtime.outbox import broadcast

# Seconds between two words about the same person in the same conversation.
INTERVAL = 2.0
_MOST_KEPT = 10_000


class Throttle:
    """What was said last of whom, in this process, and when."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._said: dict[tuple[str, int], tuple[float, bool]] = {}

    def lets_through(self, person: str, conversation: int, *, is_typing: bool, now: float) -> bool:
        """Whether this is news: the same again is, after INTERVAL; an end always is, after a beginning."""
        with self._mutex:
            said_at, said = self._said.get((person, conversation), (-INTERVAL, False))
            is_news = now - said_at >= INTERVAL if is_typing else said
            if is_news:
                self._said.pop((person, conversation), None)
                self._said[(person, conversation)] = (now, is_typing)
                if len(self._said) > _MOST_KEPT:
                    del self._said[next(iter(self._said))]
            return is_news


_throttle = Throttle()


def set_typing(user: Any, face: Person, conversation: int, *, is_typing: bool) -> None:
    """Tell the others in a conversation that somebody writes there, or no longer; raises NotFound for who is not in it.

    Between people who block each other nothing is passed on.
    """
    key = next(keys_of([key_of(user)]), None)
    place = rows.places_of([(conversation, key, "")])[0][0] if key is not None else None
    if place is None:
        raise queries.not_found()
    if place.is_blocked:
        return
    if _throttle.lets_through(face.id, conversation, is_typing=is_typing, now=time.monotonic()):
        told = events.TypingChanged(conversation=conversation, person=face, is_typing=is_typing)
        broadcast(topic_of(conversation), told, except_person=face.id)
