"""Statements over many people's rows: one for up to a thousand of them, on either database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Field, Q

from carillon.notifications.models import Inbox, Notification
from carillon.realtime import log
from carillon.realtime.relation import among, chunks, marks, relation

_INBOXES = Inbox._meta.db_table
_ROWS = Notification._meta.db_table
_KEY = Inbox._meta.pk
_COUNTERS = ("unread", "unseen", "version", "last_number")
# What the copies of one notification do not share.
_OWN = ("id", "user_id", "number")


@dataclass(slots=True)
class Copy:
    """One person's copy of a notification: `draft` says what it shares with the others, and is never stored itself."""

    id: str
    user: Any
    number: int | None
    draft: Notification

    def row(self) -> Notification:
        """The copy as the row that was stored."""
        row = copy(self.draft)
        row.pk, row.user_id, row.number = self.id, self.user, self.number
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
    keys = [(_KEY.get_db_prep_value(user, connection),) for user in sorted(set(users), key=str)]
    found: dict[Any, Counters] = {}
    for chunk in chunks(keys):
        for user, *figures in _upsert(("user_id",), chunk, f"version = {_INBOXES}.version"):
            key = _KEY.to_python(user)
            found[key] = Counters(key, *figures)
    return found


def store_inboxes(inboxes: Sequence[Counters]) -> None:
    """Store the counters of these people, whose inboxes are locked."""
    connection = log.connection()
    rows = [(_KEY.get_db_prep_value(each.user, connection), *each.figures()) for each in inboxes]
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


def braked_people(users: Sequence[Any], kind: str, *, since: dt.datetime, limit: int) -> set[Any]:
    """Those of these people who were given so many notifications of a kind, or more, since then."""
    connection = log.connection()
    found: set[Any] = set()
    for chunk in chunks([_KEY.get_db_prep_value(user, connection) for user in users]):
        theirs, values = among(connection, "user_id", str(_KEY.db_type(connection)), chunk)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT user_id FROM {_ROWS} WHERE {theirs} AND kind = %s AND created_at > %s"  # noqa: S608
                " GROUP BY user_id HAVING COUNT(*) >= %s",
                [*values, kind, connection.ops.adapt_datetimefield_value(since), limit],
            )
            found.update(_KEY.to_python(row[0]) for row in cursor.fetchall())
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


def store_copies(copies: Sequence[Copy], *, unique: str = "") -> list[Copy]:
    """Insert copies of notifications; returns those that were stored, in order.

    People who have a notification of the same `unique` column are passed over.
    """
    stored: set[str] = set()
    for chunk in chunks(copies):
        stored |= _insert(chunk, unique)
    return [each for each in copies if each.id in stored]


def _insert(copies: Sequence[Copy], unique: str) -> set[str]:
    """What is shared is sent once for each draft, and joined to what is not."""
    connection = log.connection()
    drafts = {id(each.draft): each.draft for each in copies}
    user = Notification._meta.get_field("user")
    rows = [(each.id, user.get_db_prep_save(each.user, connection), each.number, id(each.draft)) for each in copies]
    own, values = relation(connection, "own", ("text", str(user.db_type(connection)), "bigint", "bigint"), rows)
    fields = _shared(drafts.values())
    shared = [
        (key, *(field.get_db_prep_save(getattr(draft, field.attname), connection) for field in fields))
        for key, draft in drafts.items()
    ]
    columns = ", ".join([*_OWN, *(str(field.column) for field in fields)])
    typed = [_typed(field, f"shared.column{n}") for n, field in enumerate(fields, start=2)]
    conflict = f" ON CONFLICT (user_id, {unique}) DO NOTHING" if unique else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_ROWS} ({columns})"  # noqa: S608
            f" SELECT own.column1, own.column2, own.column3, {', '.join(typed)}"
            f" FROM {own}, (VALUES {marks(shared)}) AS shared WHERE own.column4 = shared.column1{conflict} RETURNING id",
            [*values, *(value for row in shared for value in row)],
        )
        return {row[0] for row in cursor.fetchall()}


def _shared(drafts: Iterable[Notification]) -> list[Field[Any, Any]]:
    """The columns that copies share; what a draft leaves to the database is left to it here too."""
    fields = [field for field in Notification._meta.concrete_fields if field.attname not in _OWN]
    return [f for f in fields if not any(hasattr(getattr(draft, f.attname), "resolve_expression") for draft in drafts)]


def _typed(field: Any, reference: str) -> str:
    """A value of a VALUES list as the column's type: PostgreSQL takes untyped ones for text, SQLite leaves them alone."""
    connection = log.connection()
    kind = str(field.db_type(connection))
    is_text = kind.startswith(("varchar", "text"))
    return reference if connection.vendor == "sqlite" or is_text else f"CAST({reference} AS {kind})"


def _upsert(columns: Sequence[str], rows: Sequence[Sequence[Any]], change: str) -> list[tuple[Any, ...]]:
    connection = log.connection()
    types = [str(Inbox._meta.get_field(name.removesuffix("_id")).db_type(connection)) for name in columns]
    given, values = relation(connection, "given", types, rows)
    selected = ", ".join(f"column{n}" for n in range(1, len(columns) + 1))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_INBOXES} ({', '.join(columns)}) SELECT {selected} FROM {given} WHERE true"  # noqa: S608
            f" ON CONFLICT (user_id) DO UPDATE SET {change} RETURNING user_id, {', '.join(_COUNTERS)}",
            values,
        )
        return list(cursor.fetchall())
