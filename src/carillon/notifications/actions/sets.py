"""Statements over many people's rows: one for up to a thousand of them, on either database."""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec
from django.db import connections
from django.db.models import Count, Q

from carillon.notifications.models import Inbox, Notification
from carillon.people.queries import key_type, key_value
from carillon.realtime import log
from carillon.realtime.relation import among, chunks, relation

_INBOXES = Inbox._meta.db_table
_ROWS = Notification._meta.db_table
_KEY = Inbox._meta.pk
_COUNTERS = ("unread", "unseen", "version", "last_number")


class Draft(msgspec.Struct):
    """What the copies of one notification share, as new ones have it; the columns that are not here are empty."""

    created_at: dt.datetime
    announced_at: dt.datetime | None
    actor_id: Any
    source: uuid.UUID | None
    type: str
    title: str
    message: str
    message_id: str
    data: dict[str, Any]
    severity: str
    kind: str
    params: dict[str, Any]
    url: str
    icon: str
    group_key: str
    dedupe_key: str | None
    buttons: list[dict[str, Any]]

    # What is nobody's own yet.
    pk: ClassVar[str] = ""
    number: ClassVar[int] = 0
    is_read: ClassVar[bool] = False
    pressed: ClassVar[None] = None
    seen_at: ClassVar[None] = None
    read_at: ClassVar[None] = None
    archived_at: ClassVar[None] = None
    snoozed_until: ClassVar[None] = None


_SHARED = Draft.__struct_fields__


@dataclass(slots=True)
class Copy:
    """One person's copy of a notification: `draft` says what it shares with the others, and is never stored itself."""

    id: str
    user: Any
    number: int | None
    draft: Draft

    def row(self) -> Notification:
        """The copy as the row that was stored."""
        row = Notification(id=self.id, user_id=self.user, number=self.number, **msgspec.structs.asdict(self.draft))
        row._state.adding, row._state.db = False, log.alias()
        return row


@dataclass(slots=True)
class Counters:
    """What an Inbox holds, while it is locked."""

    user: Any
    unread: int
    unseen: int
    version: int
    last_number: int

    def figures(self) -> tuple[int, int, int, int]:
        """All that is counted, in the order of the columns."""
        return self.unread, self.unseen, self.version, self.last_number


def lock_inboxes(users: Iterable[Any]) -> dict[Any, Counters]:
    """Lock these people's counters, in sorted order, making those that are missing."""
    connection = log.connection()
    keys = [(key_value(user, connection),) for user in sorted(set(users), key=str)]
    found: dict[Any, Counters] = {}
    for chunk in chunks(keys):
        for user, *figures in _upsert(("user_id",), chunk, f"version = {_INBOXES}.version"):
            key = _KEY.to_python(user)
            found[key] = Counters(key, *figures)
    return found


def store_inboxes(inboxes: Sequence[Counters]) -> None:
    """Store the counters of these people, whose inboxes are locked."""
    connection = log.connection()
    rows = [(key_value(each.user, connection), *each.figures()) for each in inboxes]
    for chunk in chunks(rows):
        _upsert(("user_id", *_COUNTERS), chunk, ", ".join(f"{name} = excluded.{name}" for name in _COUNTERS))


def recounted(users: Iterable[Any]) -> dict[Any, tuple[int, int]]:
    """(unread, unseen) of these people as their rows say; who has none is missing."""
    rows = (
        Notification.objects.in_inbox()
        .filter(Q(is_read=False) | Q(seen_at=None), user__in=list(users))
        .values_list("user")
        .annotate(unread=Count("pk", filter=Q(is_read=False)), unseen=Count("pk", filter=Q(seen_at=None)))
        .order_by()
    )
    return {user: (unread, unseen) for user, unread, unseen in rows}


def recent_counts(users: Sequence[Any], kinds: Sequence[str], *, since: dt.datetime) -> dict[tuple[Any, str], int]:
    """How many notifications of these kinds these people were given since then, by person and kind."""
    connection = log.connection()
    found: dict[tuple[Any, str], int] = {}
    wanted, names = among(connection, "kind", "text", kinds)
    for chunk in chunks([key_value(user, connection) for user in users]):
        theirs, values = among(connection, "user_id", key_type(connection.alias), chunk)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT user_id, kind, COUNT(*) FROM {_ROWS} WHERE {theirs} AND {wanted} AND created_at > %s"  # noqa: S608
                " GROUP BY user_id, kind",
                [*values, *names, connection.ops.adapt_datetimefield_value(since)],
            )
            found.update(((_KEY.to_python(user), kind), count) for user, kind, count in cursor.fetchall())
    return found


def lock_rows(users: Iterable[Any], wanted: Q) -> None:
    """Lock these people's wanted rows by key: two writers that lock in different orders deadlock."""
    if log.connection().features.has_select_for_update:
        rows = Notification.objects.filter(wanted, user__in=list(users)).select_for_update(of=("self",)).order_by("pk")
        for _ in rows.values_list("pk").iterator():
            pass


def store_numbers(numbers: Mapping[str, int], now: dt.datetime) -> None:
    """Give stored rows their numbers and the time of their announcement; what was read before is seen by it."""
    connection = log.connection()
    at = connection.ops.adapt_datetimefield_value(now)
    for chunk in chunks(list(numbers.items())):
        given, values = relation(connection, "given", ("text", "bigint"), chunk)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {_ROWS} SET number = given.column2, announced_at = %s,"  # noqa: S608
                f" seen_at = CASE WHEN is_read AND seen_at IS NULL THEN %s ELSE seen_at END"
                f" FROM {given} WHERE {_ROWS}.id = given.column1",
                [at, at, *values],
            )


def store_copies(copies: Sequence[Copy], *, unique: str = "") -> set[str]:
    """Insert copies of notifications; returns the ids of those that were stored.

    People who have a notification of the same `unique` column are passed over.
    """
    stored: set[str] = set()
    for chunk in chunks(copies):
        stored |= _insert(chunk, unique)
    return stored


def _insert(copies: Sequence[Copy], unique: str) -> set[str]:
    """What copies share is sent once for each draft, and joined to what they do not."""
    connection = log.connection()
    types, encode = _columns(connection.alias)
    drafts = {id(each.draft): each.draft for each in copies}
    own_types = ("text", key_type(connection.alias), "bigint", "bigint")
    own: list[tuple[Any, ...]] = [
        (each.id, key_value(each.user, connection), each.number, id(each.draft)) for each in copies
    ]
    encoded = {key: encode(draft) for key, draft in drafts.items()}
    if len(drafts) > len(copies) // 4:
        # Hardly anything is shared, and SQLite joins by looking at each for each.
        source, values = relation(connection, "own", (*own_types, *types), [(*row, *encoded[row[3]]) for row in own])
        first = len(own_types) + 1
        selected = ", ".join(f"column{n}" for n in range(first, first + len(types)))
    else:
        source, values = relation(connection, "own", own_types, own)
        shared, more = relation(
            connection, "shared", ("bigint", *types), [(key, *each) for key, each in encoded.items()]
        )
        source, values = f"{source} JOIN {shared} ON own.column4 = shared.column1", [*values, *more]
        selected = ", ".join(f"shared.column{n}" for n in range(2, len(types) + 2))
    conflict = f" ON CONFLICT (user_id, {unique}) DO NOTHING" if unique else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_ROWS} (id, user_id, number, {', '.join(_SHARED)})"  # noqa: S608
            f" SELECT own.column1, own.column2, own.column3, {selected} FROM {source} WHERE true{conflict} RETURNING id",
            values,
        )
        return {row[0] for row in cursor.fetchall()}


def store_renewed(copies: Sequence[Copy], *, but_for: Sequence[str] = ()) -> None:
    """Give stored notifications the words and the numbers of these copies, as if they were new: nobody has seen them.

    The columns `but_for` stay as they are.
    """
    connection = log.connection()
    types, encode = _columns(connection.alias)
    places = [place for place, name in enumerate(_SHARED) if name not in but_for]
    changes = ", ".join(f"{_SHARED[place]} = given.column{number}" for number, place in enumerate(places, 3))
    encoded = {}
    for key, draft in {id(each.draft): each.draft for each in copies}.items():
        values = encode(draft)
        encoded[key] = [values[place] for place in places]
    for chunk in chunks(copies):
        given, values = relation(
            connection,
            "given",
            ("text", "bigint", *(types[place] for place in places)),
            [(each.id, each.number, *encoded[id(each.draft)]) for each in chunk],
        )
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {_ROWS} SET number = given.column2, seen_at = NULL, {changes}"  # noqa: S608
                f" FROM {given} WHERE {_ROWS}.id = given.column1",
                values,
            )


@functools.cache
def _columns(alias: str) -> tuple[list[str], Callable[[Draft], list[Any]]]:
    """The types of the columns that are inserted, and what makes the values of a draft that its database stores."""
    connection = connections[alias]
    fields = {field.attname: field for field in Notification._meta.concrete_fields}
    types = [str(fields[name].db_type(connection)) for name in _SHARED]
    if connection.vendor != "sqlite":
        # Everything goes as JSON, which knows them all but for the host's own kind of key.
        return types, lambda draft: [getattr(draft, name) for name in _SHARED]
    makers: dict[str, Callable[[Any], Any]] = {
        "actor_id": lambda key: key_value(key, connection),
        "source": lambda source: source.hex if source else None,
        **dict.fromkeys(
            ("created_at", "announced_at"), functools.lru_cache(8)(connection.ops.adapt_datetimefield_value)
        ),
        **dict.fromkeys(("data", "params", "buttons"), lambda value: msgspec.json.encode(value).decode()),
    }
    return types, lambda draft: [
        makers[name](getattr(draft, name)) if name in makers else getattr(draft, name) for name in _SHARED
    ]


def _upsert(columns: Sequence[str], rows: Sequence[Sequence[Any]], change: str) -> list[tuple[Any, ...]]:
    connection = log.connection()
    types = (key_type(connection.alias), "integer", "integer", "bigint", "bigint")[: len(columns)]
    given, values = relation(connection, "given", types, rows)
    selected = ", ".join(f"column{n}" for n in range(1, len(columns) + 1))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_INBOXES} ({', '.join(columns)}) SELECT {selected} FROM {given} WHERE true"  # noqa: S608
            f" ON CONFLICT (user_id) DO UPDATE SET {change} RETURNING user_id, {', '.join(_COUNTERS)}",
            values,
        )
        return list(cursor.fetchall())
