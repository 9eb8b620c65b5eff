"""The statements of a batch of messages: a few for any number of them, on either database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from carillon.conversations.events import Mention, Quote
from carillon.conversations.models import Block, Conversation, Membership, Message, ReadMark
from carillon.people.queries import face_joins, faces_joined, key_type, key_value
from carillon.realtime import log
from carillon.realtime.cursors import cursor_for, rows_of
from carillon.realtime.event import encode_json
from carillon.realtime.identity import Person
from carillon.realtime.relation import among, chunks, relation

_CONVERSATIONS, _MEMBERS = Conversation._meta.db_table, Membership._meta.db_table
_MARKS, _MESSAGES, _BLOCKS = ReadMark._meta.db_table, Message._meta.db_table, Block._meta.db_table
_COLUMNS = "conversation_id, seq, sender_id, client_id, content, mentions, reply_to_id, quote, created_at"


class Place(msgspec.Struct, frozen=True, gc=False):
    """Somebody's place in a conversation, as sending needs it; blocked where the other of two blocks or is blocked, or is gone.

    `earlier` is the message that they sent before with this key.
    """

    membership: int
    visible_from: int
    is_blocked: bool
    last_seq: int
    earlier: int | None


class Draft(msgspec.Struct):
    """A message on its way into the table; `id` is 0 until it is there."""

    conversation: int
    seq: int
    membership: int
    sender: Any
    client_id: str
    content: str
    mentions: list[Mention]
    reply_to: int | None
    quote: Quote | None
    id: int = 0


def lock_conversations(conversations: Iterable[int]) -> None:
    """Lock these conversations, in one order, so that who is in them stays as it is; SQLite has one writer anyway."""
    connection = log.connection()
    if connection.features.has_select_for_update:
        for chunk in chunks(sorted(set(conversations))):
            wanted, values = among(connection, "id", "bigint", chunk)
            locked = f"SELECT id FROM {_CONVERSATIONS} WHERE {wanted} ORDER BY id FOR NO KEY UPDATE"  # noqa: S608
            rows_of(connection, locked, values)


def places_of(asked: Sequence[tuple[int, Any, str]]) -> tuple[list[Place | None], dict[str, Person]]:
    """The places behind each (conversation, person, key of a message), None for who is not in it now; and who they are."""
    connection = log.connection()
    columns, joins = face_joins("member.user_id")
    types = ("bigint", "bigint", key_type(connection.alias), "text")
    places: list[Place | None] = [None] * len(asked)
    faces: dict[Any, Sequence[Any]] = {}
    rows = [(number, each[0], key_value(each[1], connection), each[2]) for number, each in enumerate(asked)]
    for chunk in chunks(rows):
        given, values = relation(connection, "given", types, chunk)
        with cursor_for(connection) as cursor:
            cursor.execute(
                "SELECT given.column1, member.id, member.visible_from,"  # noqa: S608
                f" CASE WHEN place.kind = 'direct' THEN place.member_count < 2 OR EXISTS ("
                f"SELECT 1 FROM {_MEMBERS} other JOIN {_BLOCKS} block ON"
                " (block.by_id = other.user_id AND block.person_id = member.user_id)"
                " OR (block.by_id = member.user_id AND block.person_id = other.user_id)"
                " WHERE other.conversation_id = place.id AND other.user_id <> member.user_id) ELSE false END,"
                f" place.last_seq, earlier.id, member.user_id{columns}"
                f" FROM {given} JOIN {_MEMBERS} member ON member.conversation_id = given.column2"
                " AND member.user_id = given.column3 AND member.left_at IS NULL"
                f" JOIN {_CONVERSATIONS} place ON place.id = member.conversation_id"
                f" LEFT JOIN {_MESSAGES} earlier ON earlier.sender_id = given.column3"
                f" AND earlier.client_id = given.column4{joins}",
                values,
            )
            for number, membership, visible_from, is_blocked, last_seq, earlier, user, *face in cursor.fetchall():
                places[number] = Place(membership, visible_from, bool(is_blocked), last_seq, earlier)
                faces[user] = face
    return places, {person.id: person for person in faces_joined(faces).values()}


def store_messages(drafts: Sequence[Draft], now: dt.datetime, activity: int) -> None:
    """Store messages, numbered in locked conversations, and give them their keys; the numbers and marks move with them.

    Of two messages of a conversation the later has the higher key. Marks never go back.
    """
    store = _store_on_sqlite if log.connection().vendor == "sqlite" else _store_at_once
    for chunk in chunks(sorted(drafts, key=attrgetter("conversation", "seq"))):
        store(chunk, now, activity)


def _store_on_sqlite(drafts: Sequence[Draft], now: dt.datetime, activity: int) -> None:
    """One statement for each table, of one step: between steps other threads have their turn."""
    connection = log.connection()
    at = connection.ops.adapt_datetimefield_value(now)
    # In order, so that the last of each conversation and member stays.
    ends = {draft.conversation: draft.seq for draft in drafts}
    marks = {draft.membership: draft.seq for draft in drafts}
    with cursor_for(connection) as cursor:
        given, values = relation(connection, "given", (), list(ends.items()))
        cursor.execute(
            f"{_ADVANCE} FROM {given} WHERE {_CONVERSATIONS}.id = given.column1", [activity, activity, *values]
        )
        given, values = relation(connection, "given", (), list(marks.items()))
        cursor.execute(
            f"{_MARK} SELECT column1, column2, %s FROM {given} WHERE true {_MARKED}",  # noqa: S608
            [at, *values],
        )
        rows = [
            (
                draft.conversation,
                draft.seq,
                key_value(draft.sender, connection),
                draft.client_id,
                draft.content,
                encode_json(draft.mentions).decode() if draft.mentions else "[]",
                draft.reply_to,
                None if draft.quote is None else encode_json(draft.quote).decode(),
            )
            for draft in drafts
        ]
        # SQLite takes what VALUES lists in that order; to sort it anew would cost a tenth of this.
        given, values = relation(connection, "given", (), rows)
        cursor.execute(
            f"INSERT INTO {_MESSAGES} ({_COLUMNS}) SELECT column1, column2, column3, column4, column5, column6,"  # noqa: S608
            f" column7, column8, %s FROM {given}",
            [at, *values],
        )
        # Nobody else writes: the keys that AUTOINCREMENT gave are the last ones, without gaps.
        last = cursor.lastrowid
    for key, draft in enumerate(drafts, last - len(drafts) + 1):
        draft.id = key


def _store_at_once(drafts: Sequence[Draft], now: dt.datetime, activity: int) -> None:
    connection = log.connection()
    key = key_type(connection.alias)
    types = ("bigint", "bigint", key, "text", "text", "jsonb", "bigint", "jsonb", "bigint")
    rows = [
        (
            draft.conversation,
            draft.seq,
            draft.sender,
            draft.client_id,
            draft.content,
            draft.mentions,
            draft.reply_to,
            draft.quote,
            draft.membership,
        )
        for draft in drafts
    ]
    by_number = {(draft.conversation, draft.seq): draft for draft in drafts}
    given, values = relation(connection, "given", types, rows)
    with cursor_for(connection) as cursor:
        cursor.execute(
            f"WITH given AS (SELECT * FROM {given}), moved AS ({_ADVANCE}"  # noqa: S608
            " FROM (SELECT column1, MAX(column2) AS column2 FROM given GROUP BY column1) given"
            f" WHERE {_CONVERSATIONS}.id = given.column1),"
            f" marked AS ({_MARK} SELECT column9, MAX(column2), %s::timestamptz FROM given GROUP BY column9"
            f" ORDER BY column9 {_MARKED})"
            f" INSERT INTO {_MESSAGES} ({_COLUMNS}) SELECT column1, column2, column3, column4, column5, column6, column7,"
            " column8, %s::timestamptz FROM given ORDER BY column1, column2 RETURNING id, conversation_id, seq",
            [*values, activity, activity, now, now],
        )
        for id, conversation, seq in cursor.fetchall():
            by_number[(conversation, seq)].id = id


_ADVANCE = (
    f"UPDATE {_CONVERSATIONS} SET last_seq = given.column2, version = version + 1, is_due = true,"  # noqa: S608
    " activity = CASE WHEN activity < %s THEN %s ELSE activity + 1 END"
)
_MARK = f"INSERT INTO {_MARKS} (membership_id, up_to, at)"
_MARKED = (
    "ON CONFLICT (membership_id) DO UPDATE SET up_to = excluded.up_to, at = excluded.at"
    f" WHERE {_MARKS}.up_to < excluded.up_to"
)


def store_told(told: Sequence[tuple[int, int, int]]) -> None:
    """Note (membership, version, message number): of what each was told, and up to which message they were notified."""
    connection = log.connection()
    for chunk in chunks(told):
        given, values = relation(connection, "given", ("bigint", "bigint", "bigint"), chunk)
        with cursor_for(connection) as cursor:
            cursor.execute(
                f"UPDATE {_MEMBERS} SET told = given.column2, notified_seq = given.column3"  # noqa: S608
                f" FROM {given} WHERE {_MEMBERS}.id = given.column1",
                values,
            )
