"""Who was in a conversation when, as the rows of the log say; read by plain SQL, and by nothing of the product."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

NEVER = 10**12
_LOG = 'SELECT "offset", type, data, revokes FROM carillon_realtime_storedevent WHERE topic = %s ORDER BY "offset"'


def log_of(topic: str) -> list[tuple[int, str, dict[str, Any], str]]:
    """The rows of a topic: offset, type, data, and whom it is withdrawn from."""
    return [(offset, kind, json.loads(data), revokes) for offset, kind, data, revokes in ask(_LOG, topic)]


def ask(query: str, *values: Any) -> list[tuple[Any, ...]]:
    """What this query finds."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


@dataclass
class History:
    """What a conversation's topic tells: when people were in it (first and last offset), and where each message stands."""

    spans: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    places: dict[int, int] = field(default_factory=dict)
    head: int = 0
    faults: list[str] = field(default_factory=list)
    is_room: bool = False

    @classmethod
    def of(cls, conversation: int, *, is_room: bool) -> History:
        """Read it."""
        found = cls(is_room=is_room)
        for offset, kind, data, revokes in log_of(f"conversation:{conversation}"):
            if offset != found.head + 1:
                found.faults.append(f"offset {offset} follows {found.head}")
            found.head = offset
            if kind == "member.joined":
                found._join([member["person"]["id"] for member in data["members"]], offset)
            elif kind == "member.left":
                found._leave(data["people"], offset, revokes)
            elif kind == "message.sent":
                if data["message"]["seq"] != len(found.places) + 1:
                    found.faults.append(f"message {data['message']['seq']} comes after {len(found.places)}")
                found.places[data["message"]["seq"]] = offset
        return found

    def _join(self, people: list[str], offset: int) -> None:
        for person in people:
            if self.is_in(person):
                self.faults.append(f"{person} joins twice, at {offset}")
            self.spans[person].append((offset, NEVER))

    def _leave(self, people: list[str], offset: int, revokes: str) -> None:
        for person in people:
            if not self.is_in(person):
                self.faults.append(f"{person} leaves at {offset}, and was not in it")
                continue
            self.spans[person][-1] = (self.spans[person][-1][0], offset)
            if person not in json.loads(revokes or "[]"):
                self.faults.append(f"{person} leaves at {offset}, and the topic is not withdrawn from them")

    def is_in(self, person: str) -> bool:
        """Whether somebody is in it at the end."""
        return bool(self.spans[person]) and self.spans[person][-1][1] == NEVER

    def may_hear(self, person: str, offset: int) -> bool:
        """Whether an event was for this person."""
        return any(first <= offset <= last for first, last in self.spans[person])

    def may_read(self, person: str, seq: int) -> bool:
        """Whether a message was for this person; in a room, what was said before they first came is too."""
        offset = self.places.get(seq, 0)
        is_before = self.is_room and bool(self.spans[person]) and offset < self.spans[person][0][0]
        return is_before or self.may_hear(person, offset)

    def begins(self, person: str) -> set[int]:
        """The offsets before which nothing is shown to this person, of each time that they came."""
        return {first - 1 for first, _ in self.spans[person]}

    def ends(self, person: str) -> list[int]:
        """The offsets with which they went."""
        return [last for _, last in self.spans[person] if last != NEVER]
