"""The statements of a batch of messages: a few for any number of them, on either database."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.db import connections

from carillon.conversations.events import Mention, Quote
from carillon.conversations.models import Block, Conversation, Membership, Message, ReadMark
from carillon.realtime import log
from carillon.realtime.relation import chunks, relation

_CONVERSATIONS, _MEMBERS = Conversation._meta.db_table, Membership._meta.db_table
_MARKS, _MESSAGES, _BLOCKS = ReadMark._meta.db_table, Message._meta.db_table, Block._meta.db_table


@functools.cache
def key_type(alias: str) -> str:
    """The type of the columns that hold a person's key."""
    return str(get_user_model()._meta.pk.rel_db_type(connections[alias]))


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's place in a conversation, as sending needs it."""

    conversation: int
    membership: int
    visible_from: int
    is_blocked: bool


@dataclass(slots=True)
class Draft:
    """A message on its way into the table; `id` is 0 until it is there."""

    conversation: int
    seq: int
    sender: Any
    client_id: str
    content: str
    mentions: list[Mention]
    reply_to: int | None
    quote: Quote | None
    created_at: dt.datetime
    id: int = 0


def lock_conversations(conversations: Iterable[int]) -> None:
    """Lock these conversations, in one order, so that who is in them stays as it is; SQLite has one writer anyway."""
    if log.connection().features.has_select_for_update:
        rows = Conversation.objects.filter(pk__in=sorted(set(conversations))).select_for_update().order_by("pk")
        for _ in rows.values_list("pk").iterator():
            pass


def places_of(pairs: Iterable[tuple[int, Any]]) -> dict[tuple[int, Any], Place]:
    """The places of people in conversations, by (conversation, person); who is not in one now is missing."""
    connection, key = log.connection(), get_user_model()._meta.pk
    wanted = [(conversation, _key_value(user, connection)) for conversation, user in dict.fromkeys(pairs)]
    found: dict[tuple[int, Any], Place] = {}
    for chunk in chunks(wanted):
        given, values = relation(connection, "given", ("bigint", key_type(connection.alias)), chunk)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT member.conversation_id, member.user_id, member.id, member.visible_from,"  # noqa: S608
                f" CASE WHEN place.kind = 'direct' THEN EXISTS (SELECT 1 FROM {_MEMBERS} other JOIN {_BLOCKS} block ON"
                " (block.by_id = other.user_id AND block.person_id = member.user_id)"
                " OR (block.by_id = member.user_id AND block.person_id = other.user_id)"
                " WHERE other.conversation_id = place.id AND other.user_id <> member.user_id) ELSE false END"
                f" FROM {given} JOIN {_MEMBERS} member ON member.conversation_id = given.column1"
                " AND member.user_id = given.column2 AND member.left_at IS NULL"
                f" JOIN {_CONVERSATIONS} place ON place.id = member.conversation_id",
                values,
            )
            for conversation, user, membership, visible_from, is_blocked in cursor.fetchall():
                place = Place(conversation, membership, visible_from, bool(is_blocked))
                found[(conversation, key.to_python(user))] = place
    return found


def advance(counts: dict[int, int], activity: int) -> dict[int, int]:
    """Make room for so many messages in each of these conversations; returns the number before the first new one."""
    connection = log.connection()
    found: dict[int, int] = {}
    for chunk in chunks(sorted(counts.items())):
        given, values = relation(connection, "given", ("bigint", "bigint"), chunk)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {_CONVERSATIONS} SET last_seq = last_seq + given.column2, version = version + 1,"  # noqa: S608
                f" activity = CASE WHEN activity < %s THEN %s ELSE activity + 1 END FROM {given}"
                f" WHERE {_CONVERSATIONS}.id = given.column1 RETURNING {_CONVERSATIONS}.id, last_seq",
                [activity, activity, *values],
            )
            found.update((key, last - counts[key]) for key, last in cursor.fetchall())
    return found


def insert_messages(drafts: Sequence[Draft]) -> None:
    """Store these messages, and give them their keys."""
    connection = log.connection()
    types = ("bigint", "bigint", key_type(connection.alias), "text", "text", "jsonb", "bigint", "jsonb", "timestamptz")
    columns = "conversation_id, seq, sender_id, client_id, content, mentions, reply_to_id, quote, created_at"
    selected = ", ".join(f"column{n}" for n in range(1, len(types) + 1))
    by_place = {(draft.conversation, draft.seq): draft for draft in drafts}
    for chunk in chunks(drafts):
        given, values = relation(connection, "given", types, [_values(draft, connection) for draft in chunk])
        with connection.cursor() as cursor:
            cursor.execute(
                # In order, so that of two messages of a conversation the later has the higher key.
                f"INSERT INTO {_MESSAGES} ({columns}) SELECT {selected} FROM {given} ORDER BY column1, column2"  # noqa: S608
                " RETURNING id, conversation_id, seq",
                values,
            )
            for key, conversation, seq in cursor.fetchall():
                by_place[(conversation, seq)].id = key


def move_marks(marks: dict[int, int], at: dt.datetime) -> None:
    """Note that these memberships have read up to these messages; never back."""
    connection = log.connection()
    moment = connection.ops.adapt_datetimefield_value(at)
    rows = [(membership, up_to, moment) for membership, up_to in sorted(marks.items())]
    for chunk in chunks(rows):
        given, values = relation(connection, "given", ("bigint", "bigint", "timestamptz"), chunk)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {_MARKS} (membership_id, up_to, at)"  # noqa: S608
                f" SELECT column1, column2, column3 FROM {given} WHERE true ON CONFLICT (membership_id) DO UPDATE"
                f" SET up_to = excluded.up_to, at = excluded.at WHERE {_MARKS}.up_to < excluded.up_to",
                values,
            )


def sent_before(keys: Iterable[tuple[Any, str]]) -> dict[tuple[Any, str], Message]:
    """The messages that were sent with these keys, by (sender, client_id); hardly ever is there one."""
    connection, key = log.connection(), get_user_model()._meta.pk
    ids: dict[tuple[Any, str], int] = {}
    wanted = [(_key_value(sender, connection), client_id) for sender, client_id in dict.fromkeys(keys)]
    for chunk in chunks(wanted):
        given, values = relation(connection, "given", (key_type(connection.alias), "text"), chunk)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT sender_id, client_id, id FROM {given} JOIN {_MESSAGES}"  # noqa: S608
                " ON sender_id = given.column1 AND client_id = given.column2",
                values,
            )
            ids.update({(key.to_python(sender), name): id for sender, name, id in cursor.fetchall()})
    rows = Message.objects.in_bulk(ids.values()) if ids else {}
    return {place: rows[id] for place, id in ids.items()}


def store_told(told: Sequence[tuple[int, int, int]]) -> None:
    """Note (membership, version, message number): of what each was told, and up to which message they were notified."""
    connection = log.connection()
    for chunk in chunks(told):
        given, values = relation(connection, "given", ("bigint", "bigint", "bigint"), chunk)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {_MEMBERS} SET told = given.column2, notified_seq = given.column3"  # noqa: S608
                f" FROM {given} WHERE {_MEMBERS}.id = given.column1",
                values,
            )


def _key_value(user: Any, connection: Any) -> Any:
    return user if type(user) is int else get_user_model()._meta.pk.get_db_prep_value(user, connection)


def _values(draft: Draft, connection: Any) -> tuple[Any, ...]:
    is_sqlite = connection.vendor == "sqlite"

    def as_json(value: Any) -> Any:
        return msgspec.json.encode(value).decode() if is_sqlite and value is not None else value

    return (
        draft.conversation,
        draft.seq,
        _key_value(draft.sender, connection),
        draft.client_id,
        draft.content,
        as_json(draft.mentions),
        draft.reply_to,
        as_json(draft.quote),
        connection.ops.adapt_datetimefield_value(draft.created_at) if is_sqlite else draft.created_at,
    )
