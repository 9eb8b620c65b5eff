"""Snapshots of a person's notifications: rows, counters and position by one statement, and so of one moment."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.db.backends.base.base import BaseDatabaseWrapper

from carillon.notifications import buttons, events, models
from carillon.notifications.queries.filters import Filters
from carillon.people.queries import face_joins, faces_joined
from carillon.realtime import log
from carillon.realtime.event import Position
from carillon.realtime.topic import Topic
from carillon.rest.pages import PageRequest, cursor_after

Row = tuple[Any, ...]

_TABLE = models.Notification._meta.db_table
_INBOX = models.Inbox._meta.db_table
_STAGED = models.StagedChange._meta.db_table
# The counters, whether anything is pending, and the position; the same in each row.
_MOMENT = (
    "inbox.unread, inbox.unseen, inbox.version, inbox.last_number,"  # noqa: S608
    f" EXISTS (SELECT 1 FROM {_TABLE} WHERE user_id = %s AND announced_at IS NULL)"
    f" OR EXISTS (SELECT 1 FROM {_STAGED} WHERE user_id = %s), {log.POSITION}"
)
_NOW = (
    f"(SELECT 1) AS moment LEFT JOIN {_INBOX} inbox ON inbox.user_id = %s LEFT JOIN {log.HEADS} head ON head.topic = %s"
)
_MOMENTS = 8
# Then come the times, and what the actor is called.
_COLUMNS = (
    "id, number, type, severity, kind, title, message, url, icon, group_key, actor_id, data, buttons, pressed, message_id,"
    " is_read, seen_at IS NOT NULL AS is_seen, archived_at IS NOT NULL AS is_archived"
)
_TIMES = ("snoozed_until", "read_at", "created_at")
_ACTOR, _END = _MOMENTS + 10, _MOMENTS + 21


class Snapshot(msgspec.Struct, frozen=True):
    """Some notifications, newest first, with the cursor of the next page, the counters and the position, all of one moment.

    Unless `is_settled`, rows or changes of hosts wait to be announced.
    """

    results: list[events.Notification]
    next: str | None
    inbox: events.Inbox
    position: Position
    is_settled: bool


def read_page(user: Any, topic: Topic, filters: Filters, wanted: PageRequest) -> Snapshot:
    """A page of the announced notifications of a person that pass the filters."""
    return snapshot(fetch(user, topic, filters, wanted), wanted.limit)


def read_one(user: Any, topic: Topic, id: str) -> Snapshot:
    """One announced notification of a person, or none."""
    return snapshot(_fetch(user, topic, ["id = %s"], [id], 1), 1)


def read_counters(user: Any, topic: Topic) -> Snapshot:
    """The counters and the position alone."""
    return snapshot(_fetch(user, topic, [], [], 0), 0)


def fetch(user: Any, topic: Topic, filters: Filters, wanted: PageRequest) -> list[Row]:
    """The rows of a page and one more, as the database gives them, each with the counters and the position before it; one at least."""
    conditions, values = filters.conditions(log.connection())
    if wanted.before is not None:
        conditions.append("number < %s")
        values.append(wanted.before)
    return _fetch(user, topic, conditions, values, wanted.limit + 1)


def _fetch(user: Any, topic: Topic, conditions: Sequence[str], values: Sequence[Any], limit: int) -> list[Row]:
    connection = log.connection()
    key = get_user_model()._meta.pk.get_db_prep_value(user, connection)
    statement, given = f"SELECT {_MOMENT} FROM {_NOW}", [key, key, key, str(topic)]  # noqa: S608
    if limit:
        (faces, joins), (times, _) = face_joins("page.actor_id"), _times(connection)
        where = " AND ".join(("user_id = %s", "number IS NOT NULL", *conditions))
        statement = (
            f"SELECT {_MOMENT}, page.*{faces} FROM {_NOW}"  # noqa: S608
            f" LEFT JOIN (SELECT {_COLUMNS}, {times} FROM {_TABLE} WHERE {where} ORDER BY number DESC LIMIT %s) page ON true"
            f"{joins} ORDER BY page.number DESC"
        )
        given += [key, *values, limit]
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        rows: list[Row] = cursor.fetchall()
    return rows


def snapshot(rows: Sequence[Row], limit: int) -> Snapshot:
    """What these rows say, at most `limit` of them."""
    unread, unseen, version, last, is_pending, *position = rows[0][:_MOMENTS]
    inbox = events.Inbox() if version is None else events.Inbox(unread, unseen, version, last)
    is_empty = len(rows[0]) == _MOMENTS or rows[0][_MOMENTS] is None
    states = [] if is_empty else _states(rows[:limit])
    following = cursor_after(states[-1].number) if len(rows) > limit and states else None
    return Snapshot(states, following, inbox, log.position_of(*position), not is_pending)


def _states(rows: Sequence[Row]) -> list[events.Notification]:
    """What `events.Notification.of` says of these, in a fifteenth of the time; by place, which is what makes it quick."""
    faces = faces_joined({row[_ACTOR]: row[_END:] for row in rows if row[_ACTOR] is not None})
    _, time_of = _times(log.connection())
    return [
        events.Notification(
            id, number, type, severity if severity in models.SEVERITIES else "info", kind, title, message,
            url if not url or models.is_safe_url(url) else "", icon, group_key, faces.get(actor),
            _data(data, asked, pressed), message_id, is_read, bool(is_seen), bool(is_archived),
            snoozed_until and time_of(snoozed_until), read_at and time_of(read_at), time_of(created_at),
        )
        for (
            id, number, type, severity, kind, title, message, url, icon, group_key, actor, data, asked, pressed,
            message_id, is_read, is_seen, is_archived, snoozed_until, read_at, created_at,
        ) in (row[_MOMENTS:_END] for row in rows)
    ]  # fmt: skip


def _data(data: str, asked: str, pressed: str | None) -> Any:
    """`buttons.shown` of columns of JSON; without buttons the text is passed on as it is."""
    if asked == "[]" and data.startswith("{"):
        return msgspec.Raw(data)
    row = models.Notification(
        data=json.loads(data), buttons=json.loads(asked), pressed=json.loads(pressed) if pressed else None
    )
    return buttons.shown(row)


def _times(connection: BaseDatabaseWrapper) -> tuple[str, Callable[[Any], dt.datetime]]:
    """The columns of times, and what makes a time of one that is not empty.

    SQLite keeps text without a zone. Here it has one before it is read, which is quicker than to give a time another zone.
    """
    if connection.vendor != "sqlite":
        return ", ".join(_TIMES), lambda moment: moment
    zone = connection.timezone
    suffix, read = "+00:00" if zone is dt.UTC else "", dt.datetime.fromisoformat
    columns = ", ".join(f"{name} || '{suffix}' AS {name}" for name in _TIMES)
    return columns, read if suffix else lambda text: read(text).replace(tzinfo=zone)
