"""Statements over many people's rows: one for up to a thousand of them, on either database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Count, Q
from django.db.models.expressions import RawSQL

from carillon.notifications.models import Inbox, Notification, StagedChange
from carillon.people.queries import key_type, key_value
from carillon.realtime import log
from carillon.realtime.cursors import cursor_for
from carillon.realtime.relation import among, chunks, relation

_INBOXES = Inbox._meta.db_table
_ROWS = Notification._meta.db_table
_STAGED = StagedChange._meta.db_table
_KEY = Inbox._meta.pk
COUNTERS = ("unread", "unseen", "version", "last_number")


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

    def take_back(self, count: int) -> None:
        """Stand as before so many new notifications."""
        self.unread -= count
        self.unseen -= count
        self.version -= count
        self.last_number -= count


# What an upsert of rows (user, so many new ones) does to inboxes.
COUNT_NEW = ", ".join(f"{name} = {_INBOXES}.{name} + excluded.{name}" for name in COUNTERS)


def lock_inboxes(users: Iterable[Any]) -> dict[Any, Counters]:
    """Lock these people's counters, in sorted order, making those that are missing."""
    return _lock(users, None, "false")[0]


def lock_and_look(users: Iterable[Any], new: Mapping[Any, int] | None = None) -> tuple[dict[Any, Counters], bool]:
    """The same, counting so many `new` notifications of each; and whether anything of theirs is pending or staged.

    On PostgreSQL that is so as of the begin of the statement: whoever commits something later tells of it too.
    """
    if log.connection().vendor == "sqlite":
        found, _ = _lock(users, new, "false")
        return found, is_anything_waiting(found)
    return _lock(users, new, waiting("user_id = ANY(ARRAY(SELECT column1 FROM given))"))


def _lock(users: Iterable[Any], new: Mapping[Any, int] | None, look: str) -> tuple[dict[Any, Counters], bool]:
    connection = log.connection()
    rows = [(key_value(user, connection), new[user] if new else 0) for user in sorted(set(users), key=str)]
    columns = ", ".join(("user_id", *COUNTERS))
    found: dict[Any, Counters] = {}
    is_waiting = False
    for chunk in chunks(rows):
        given, values = relation(connection, "given", (key_type(connection.alias), "bigint"), chunk)
        with cursor_for(connection) as cursor:
            cursor.execute(
                f"WITH given AS (SELECT * FROM {given})"  # noqa: S608
                f" INSERT INTO {_INBOXES} ({columns}) SELECT column1, column2, column2, column2, column2 FROM given"
                f" WHERE true ON CONFLICT (user_id) DO UPDATE SET {COUNT_NEW} RETURNING {look}, {columns}",
                values,
            )
            for looked, user, *figures in cursor.fetchall():
                key = _KEY.to_python(user)
                found[key] = Counters(key, *figures)
                is_waiting = is_waiting or bool(looked)
    return found, is_waiting


def store_inboxes(inboxes: Sequence[Counters]) -> None:
    """Store the counters of these people, whose inboxes are locked."""
    connection = log.connection()
    types = (key_type(connection.alias), "integer", "integer", "bigint", "bigint")
    changes = ", ".join(f"{name} = excluded.{name}" for name in COUNTERS)
    for chunk in chunks([(key_value(each.user, connection), *each.figures()) for each in inboxes]):
        given, values = relation(connection, "given", types, chunk)
        with cursor_for(connection) as cursor:
            cursor.execute(
                f"INSERT INTO {_INBOXES} (user_id, {', '.join(COUNTERS)})"  # noqa: S608
                f" SELECT column1, column2, column3, column4, column5 FROM {given} WHERE true"
                f" ON CONFLICT (user_id) DO UPDATE SET {changes}",
                values,
            )


def is_anything_waiting(users: Iterable[Any]) -> bool:
    """Whether something of these people is pending or staged: the usual answer is no, and costs one statement."""
    connection = log.connection()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # That nobody has anything waiting is one look at the end of two small indexes.
            cursor.execute(f"SELECT {waiting()}")
            if not cursor.fetchone()[0]:
                return False
        for chunk in chunks([key_value(user, connection) for user in users]):
            theirs, values = among(connection, "user_id", key_type(connection.alias), chunk)
            cursor.execute(f"SELECT {waiting(theirs)}", [*values, *values])
            if cursor.fetchone()[0]:
                return True
    return False


def waiting(theirs: str = "true") -> str:
    """The condition that something is pending or staged where `theirs` holds; `theirs` stands in it twice."""
    return (
        f"(EXISTS (SELECT 1 FROM {_ROWS} WHERE announced_at IS NULL AND {theirs})"  # noqa: S608
        f" OR EXISTS (SELECT 1 FROM {_STAGED} WHERE {theirs}))"
    )


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


def lock_rows(users: Iterable[Any], wanted: Q, *, skip_locked: bool = False) -> Q:
    """Lock these people's wanted rows by key, and return the condition that a row is locked; a database that locks as a whole has all.

    Two writers that lock in different orders deadlock. So whoever changes rows asks for this condition beside their own:
    what somebody else's commit made wanted since would be locked out of order. With `skip_locked` nobody is waited for.
    """
    if not log.connection().features.has_select_for_update:
        return Q()
    rows = Notification.objects.filter(wanted, user__in=list(users)).order_by("pk")
    keys = list(rows.select_for_update(of=("self",), skip_locked=skip_locked).values_list("pk", flat=True))
    # One parameter: an IN of some thousands takes a Python step for each.
    return Q(RawSQL(f"{_ROWS}.id = ANY(%s)", (keys,), BooleanField()))  # noqa: S611


def hold(user: Any) -> None:
    """Lock all that a person has, as every action does, until the transaction ends: their account is about to be deleted.

    A deletion locks rows in no order; whoever marks them meanwhile would deadlock with it.
    """
    connection = log.connection()
    if not connection.features.has_select_for_update:
        return
    with connection.cursor() as cursor:
        for table, key in ((_INBOXES, "user_id"), (_ROWS, "id")):
            # Counted: there may be many, and nobody wants to know them.
            cursor.execute(
                f"SELECT COUNT(*) FROM (SELECT 1 FROM {table} WHERE user_id = %s ORDER BY {key} FOR UPDATE) held",  # noqa: S608
                [key_value(user, connection)],
            )


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
