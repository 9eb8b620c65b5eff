"""Copies: one notification for many people, stored by one statement for up to a thousand of them; on PostgreSQL it counts them too."""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from carillon.notifications.actions.sets import COUNT_NEW, COUNTERS, Counters, waiting
from carillon.notifications.models import Inbox, Notification
from carillon.people.queries import key_type, key_value
from carillon.realtime import log
from carillon.realtime.cursors import cursor_for
from carillon.realtime.relation import CHUNK, chunks, relation

_INBOXES = Inbox._meta.db_table
_ROWS = Notification._meta.db_table


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


class Copy(msgspec.Struct):
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


def store_copies(copies: Sequence[Copy], *, unique: str = "") -> set[str]:
    """Insert copies of notifications; returns the ids of those that were stored.

    People who have a notification of the same `unique` column are passed over.
    """
    stored: set[str] = set()
    for chunk in chunks(copies):
        stored |= _insert(chunk, unique)
    return stored


def _insert(copies: Sequence[Copy], unique: str) -> set[str]:
    connection = log.connection()
    given = _given(connection, ("bigint",), [(each.number,) for each in copies], copies)
    with cursor_for(connection) as cursor:
        cursor.execute(
            f"INSERT INTO {_ROWS} (id, user_id, number, {', '.join(_SHARED)})"  # noqa: S608
            f" SELECT own.column1, own.column2, own.column3, {given.shared} FROM {given.own}{given.join}"
            f" WHERE true{_conflict(unique)} RETURNING id",
            given.values,
        )
        return {row[0] for row in cursor.fetchall()}


@dataclass(slots=True, frozen=True)
class Stored:
    """What became of copies: the ids of those that were stored, and their people's inboxes with all of them counted."""

    ids: set[str]
    inboxes: dict[Any, Counters]


# What is waiting is looked for as of the begin of the statement: whoever commits something later tells of it too.
_STORE_COUNTED = (
    "WITH own AS (SELECT * FROM {own}),"  # noqa: S608
    f" counted AS (INSERT INTO {_INBOXES} (user_id, {', '.join(COUNTERS)})"
    " SELECT column2, column4, column4, column4, column4 FROM own"
    f" WHERE column4 > 0 AND NOT {waiting('user_id = ANY(ARRAY(SELECT column2 FROM own))')}"
    f" ON CONFLICT (user_id) DO UPDATE SET {COUNT_NEW} RETURNING user_id, {', '.join(COUNTERS)}),"
    f" stored AS (INSERT INTO {_ROWS} (id, user_id, number, {', '.join(_SHARED)})"
    " SELECT own.column1, own.column2, counted.last_number - own.column3, {shared}"
    " FROM own JOIN counted ON counted.user_id = own.column2{join} WHERE true{conflict} RETURNING id)"
    f" SELECT own.column1, stored.id IS NOT NULL, {', '.join(f'counted.{name}' for name in COUNTERS)}"
    " FROM own JOIN counted ON counted.user_id = own.column2 LEFT JOIN stored ON stored.id = own.column1"
)


def store_counted(copies: Sequence[Copy], new: Mapping[Any, int], *, unique: str = "") -> Stored | None:
    """Lock the inboxes of these people, count all `new` copies of each there, number them and insert them, in one statement.

    None, and nothing was done, where the database cannot do that (SQLite), where there are too many, and where something
    of these people is pending or staged, which comes before. A copy that was not stored is counted all the same.
    """
    connection = log.connection()
    if connection.vendor == "sqlite" or len(copies) > CHUNK:
        return None
    ordered = sorted(copies, key=lambda each: str(each.user))
    counts = list(_counts(ordered, new))
    given = _given(connection, ("bigint", "bigint"), counts, ordered)
    statement = _STORE_COUNTED.format(own=given.own, join=given.join, shared=given.shared, conflict=_conflict(unique))
    with cursor_for(connection) as cursor:
        cursor.execute(statement, given.values)
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    if not found:
        return None
    inboxes = {}
    for each, (later, _) in zip(ordered, counts, strict=True):
        _, *figures = found[each.id]
        inboxes[each.user] = Counters(each.user, *figures)
        each.number = inboxes[each.user].last_number - later
    return Stored({id for id, (is_stored, *_) in found.items() if is_stored}, inboxes)


def _counts(ordered: Sequence[Copy], new: Mapping[Any, int]) -> Iterator[tuple[int, int]]:
    """Of each copy, how many of its person come after it; and how many that person gets in all, with the first of them."""
    last, left = None, 0
    for each in ordered:
        is_first = each.user != last
        last, left = each.user, (new[each.user] if is_first else left) - 1
        yield left, left + 1 if is_first else 0


@dataclass(slots=True, frozen=True)
class _Given:
    """Copies as a relation `own`: id, person and more of their own; `columns` are those of their draft, in `join` or in `own`."""

    own: str
    join: str
    columns: list[str]
    values: list[Any]

    @property
    def shared(self) -> str:
        """The columns, to be selected."""
        return ", ".join(self.columns)


def _given(
    connection: BaseDatabaseWrapper,
    more_types: Sequence[str],
    more: Sequence[tuple[Any, ...]],
    copies: Sequence[Copy],
    names: tuple[str, ...] = _SHARED,
) -> _Given:
    """What copies share, of these `names`, is sent once for each draft, and joined to what they do not."""
    types, encode = _columns(connection.alias, names)
    drafts = {id(each.draft): each.draft for each in copies}
    encoded = {key: encode(draft) for key, draft in drafts.items()}
    own_types = ("text", key_type(connection.alias), *more_types)
    own = [(each.id, key_value(each.user, connection), *rest) for each, rest in zip(copies, more, strict=True)]
    place = len(own_types) + 1
    if len(encoded) > len(copies) // 4:
        # Hardly anything is shared, and SQLite joins by looking at each for each.
        whole = [(*row, *encoded[id(each.draft)]) for row, each in zip(own, copies, strict=True)]
        source, values = relation(connection, "own", (*own_types, *types), whole)
        return _Given(source, "", _columns_from("own", place, names), values)
    rows = [(*row, id(each.draft)) for row, each in zip(own, copies, strict=True)]
    source, values = relation(connection, "own", (*own_types, "bigint"), rows)
    shared, more_values = relation(
        connection, "shared", ("bigint", *types), [(key, *each) for key, each in encoded.items()]
    )
    join = f" JOIN {shared} ON own.column{place} = shared.column1"
    return _Given(source, join, _columns_from("shared", 2, names), [*values, *more_values])


def _columns_from(source: str, first: int, names: Sequence[str]) -> list[str]:
    return [f"{source}.column{n}" for n in range(first, first + len(names))]


def _conflict(unique: str) -> str:
    return f" ON CONFLICT (user_id, {unique}) WHERE {unique} IS NOT NULL DO NOTHING" if unique else ""


def store_renewed(copies: Sequence[Copy], *, but_for: Sequence[str] = ()) -> None:
    """Give stored notifications the words and the numbers of these copies, as if they were new: nobody has seen them.

    The columns `but_for` stay as they are.
    """
    connection = log.connection()
    names = tuple(name for name in _SHARED if name not in but_for)
    for chunk in chunks(copies):
        given = _given(connection, ("bigint",), [(each.number,) for each in chunk], chunk, names)
        changes = ", ".join(f"{name} = {column}" for name, column in zip(names, given.columns, strict=True))
        with cursor_for(connection) as cursor:
            cursor.execute(
                f"UPDATE {_ROWS} SET number = own.column3, seen_at = NULL, {changes}"  # noqa: S608
                f" FROM {given.own}{given.join} WHERE {_ROWS}.id = own.column1",
                given.values,
            )


@functools.cache
def _columns(alias: str, names: tuple[str, ...]) -> tuple[list[str], Callable[[Draft], list[Any]]]:
    """The types of these columns, and what makes the values of a draft that its database stores."""
    connection = connections[alias]
    fields = {field.attname: field for field in Notification._meta.concrete_fields}
    types = [str(fields[name].db_type(connection)) for name in names]
    if connection.vendor != "sqlite":
        # Everything goes as JSON, which knows them all but for the host's own kind of key.
        return types, lambda draft: [getattr(draft, name) for name in names]
    makers: dict[str, Callable[[Any], Any]] = {
        "actor_id": lambda key: key_value(key, connection),
        "source": lambda source: source.hex if source else None,
        **dict.fromkeys(
            ("created_at", "announced_at"), functools.lru_cache(8)(connection.ops.adapt_datetimefield_value)
        ),
        **dict.fromkeys(("data", "params", "buttons"), lambda value: msgspec.json.encode(value).decode()),
    }
    return types, lambda draft: [
        makers[name](getattr(draft, name)) if name in makers else getattr(draft, name) for name in names
    ]
