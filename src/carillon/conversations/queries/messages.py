"""Messages of many conversations at once: the newest, the reactions under them, and the lines between them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from django.contrib.auth import get_user_model

from carillon.conversations import events
from carillon.conversations.models import Conversation, Message, Reaction
from carillon.conversations.queries.places import Standing, times_of
from carillon.people.queries import face_joins, faces_joined
from carillon.realtime import log
from carillon.realtime.cursors import rows_of
from carillon.realtime.relation import among, chunks, relation

# So many messages are counted one by one for a notification.
TOLD_APART = 20
_MESSAGES, _REACTIONS = Message._meta.db_table, Reaction._meta.db_table
_COLUMNS = "id, conversation_id, seq, client_id, content, mentions, quote, system, created_at, edited_at, deleted_at"
_SAID = ", ".join(f"said.{name}" for name in _COLUMNS.split(", "))


@dataclass(slots=True)
class Said:
    """What a state needs of a Message; JSON and times as the database has them."""

    pk: int
    conversation_id: int
    seq: int
    client_id: str | None
    content: str
    mentions: Any
    quote: Any
    system: Any
    created_at: Any
    edited_at: Any
    deleted_at: Any
    has_reactions: bool
    sender_id: Any

    def read(self, as_time: Callable[[Any], dt.datetime]) -> None:
        """Make of JSON and times what the ORM would."""
        self.mentions = [] if self.mentions == "[]" else _from_json(self.mentions)
        self.quote, self.system = _from_json(self.quote), _from_json(self.system)
        self.created_at = as_time(self.created_at)
        self.edited_at = self.edited_at and as_time(self.edited_at)
        self.deleted_at = self.deleted_at and as_time(self.deleted_at)


def _from_json(value: Any) -> Any:
    return msgspec.json.decode(value) if isinstance(value, str) else value


def last_messages_of(conversations: Iterable[Conversation | Standing]) -> dict[int, events.Message]:
    """The newest message of each conversation, by its key; one statement, and another where there are reactions under any."""
    connection, key = log.connection(), get_user_model()._meta.pk
    columns, joins = face_joins("said.sender_id")
    as_time = times_of(connection)
    rows: list[Said] = []
    faces: dict[Any, Sequence[Any]] = {}
    for chunk in chunks([(each.id, each.last_seq) for each in conversations if each.last_seq]):
        given, values = relation(connection, "given", ("bigint", "bigint"), chunk)
        for row in rows_of(
            connection,
            f"SELECT {_SAID}, EXISTS (SELECT 1 FROM {_REACTIONS} WHERE message_id = said.id), said.sender_id{columns}"  # noqa: S608
            f" FROM {given} JOIN {_MESSAGES} said"
            f" ON said.conversation_id = given.column1 AND said.seq = given.column2{joins}",
            values,
        ):
            said = Said(*row[:_FIELDS])
            said.read(as_time)
            if said.sender_id is not None:
                faces[said.sender_id] = row[_FIELDS:]
                said.sender_id = key.to_python(said.sender_id)
            rows.append(said)
    people = {person.id: person for person in faces_joined(faces).values()}
    reactions = reactions_of(row.pk for row in rows if row.has_reactions)
    return {
        row.conversation_id: events.Message.of(cast(Message, row), people, reactions.get(row.pk, ())) for row in rows
    }


_FIELDS = len(Said.__dataclass_fields__)


def reactions_of(messages: Iterable[int]) -> dict[int, list[events.Reactions]]:
    """The reactions under these messages, each emoji where it came first."""
    connection = log.connection()
    rows: list[tuple[Any, ...]] = []
    for chunk in chunks(list(messages)):
        wanted, values = among(connection, "message_id", "bigint", chunk)
        rows += rows_of(
            connection,
            f"SELECT message_id, emoji, user_id FROM {_REACTIONS} WHERE {wanted} ORDER BY id",  # noqa: S608
            values,
        )
    key = get_user_model()._meta.pk
    people: dict[int, dict[str, list[str]]] = defaultdict(dict)
    for message, emoji, user in rows:
        people[message].setdefault(emoji, []).append(str(key.to_python(user)))
    return {
        message: [events.Reactions(emoji, len(given), given[: events.MOST_NAMED]) for emoji, given in by_emoji.items()]
        for message, by_emoji in people.items()
    }


def system_lines_of(conversations: Mapping[int, int]) -> dict[int, list[int]]:
    """The numbers of the lines about it among the last TOLD_APART of each conversation, given their last ones; where there are any."""
    connection = log.connection()
    found: dict[int, list[int]] = defaultdict(list)
    for chunk in chunks(list(conversations.items())):
        given, values = relation(connection, "given", ("bigint", "bigint"), chunk)
        for conversation, seq in rows_of(
            connection,
            f"SELECT line.conversation_id, line.seq FROM {given} JOIN {_MESSAGES} line"  # noqa: S608
            f" ON line.conversation_id = given.column1 AND line.seq > given.column2 - {TOLD_APART}"
            " WHERE line.system IS NOT NULL",
            values,
        ):
            found[conversation].append(seq)
    return found
