"""The event log: one table, per-topic offsets without gaps, in commit order (GUARANTEES 4.3)."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from carillon.realtime.appending import ROW_TYPES, append_at_once
from carillon.realtime.cursors import cursor_for
from carillon.realtime.drafts import (
    Draft,
    End,
    Place,
    counts_of,
    moment,
    placed,
    places_of,
    revokes_as_text,
    revokes_from,
    stored_rows,
)
from carillon.realtime.event import Event, Head, Position, Slice
from carillon.realtime.models import Deployment, StagedEvent, StoredEvent, TopicHead
from carillon.realtime.relation import CHUNK, among, chunks, relation
from carillon.realtime.topic import Topic

_HEAD = TopicHead._meta.db_table
_EVENT = StoredEvent._meta.db_table
_STAGED = StagedEvent._meta.db_table
_EPOCH = f"COALESCE((SELECT epoch FROM {Deployment._meta.db_table} WHERE id = 1), '0')"  # noqa: S608
# Where a topic's log stands, in a statement of others that joins HEADS as `head`: what `position_of` takes.
HEADS, POSITION = _HEAD, f'COALESCE(head."offset", 0), COALESCE(head.incarnation, 0), {_EPOCH}'


def alias() -> str:
    """The one database that all of Carillon writes to, and reads from for resume."""
    return router.db_for_write(StoredEvent)


def connection() -> BaseDatabaseWrapper:
    """This thread's connection to that database."""
    return connections[alias()]


def append(drafts: Sequence[Draft], topics: Iterable[Topic] = ()) -> list[Event]:
    """Give the drafts their offsets and store them, after what is staged on their topics and on `topics`.

    Call it last in a transaction: heads are locked in sorted order and stay locked until commit: offsets follow commit order.
    """
    places = places_of(drafts)
    counts = {**{str(topic): 0 for topic in topics}, **counts_of(places)}
    if not counts:
        return []
    database = connection()
    if drafts and max(len(drafts), len(counts)) <= CHUNK and database.vendor == "postgresql":
        events = _append_at_once(database, drafts, places, counts)
        if events:
            return events
    ends = _bump(database, counts)
    # Mostly nothing is staged anywhere: one look costs less than one for each topic.
    staged = _take_staged(database, list(counts)) if not drafts or _is_anything_staged(database) else []
    if staged:
        # The heads are ours by now: a staged row committed before we got them is older than our own events.
        ends = _bump(database, {**dict.fromkeys(counts, 0), **counts_of(places_of(staged))})
        return _store([*staged, *drafts], ends)
    return _store_at(places, drafts, ends)


def stage(drafts: Sequence[Draft]) -> None:
    """Keep the drafts beside the host's rows, without locking any head."""
    StagedEvent.objects.using(alias()).bulk_create(
        StagedEvent(topic=str(d.topic), type=d.type, data=d.data.decode(), at=d.at, revokes=revokes_as_text(d.revokes))
        for d in drafts
    )


def staged_topics(limit: int = 500) -> list[Topic]:
    """Topics that still have staged events."""
    names = StagedEvent.objects.using(alias()).order_by("topic").values_list("topic", flat=True).distinct()[:limit]
    return [Topic.parse(name) for name in names]


def head(topic: Topic) -> Head:
    """The state of one topic's log; offset 0 of incarnation 0 when it has none yet."""
    return heads([topic])[topic]


def position_of(offset: int, incarnation: int, epoch: str) -> Position:
    """The position that the columns of POSITION say."""
    return Position(f"{epoch}.{incarnation}", offset)


def heads(topics: Sequence[Topic]) -> dict[Topic, Head]:
    """The state of many topics' logs; one statement per thousand."""
    found: dict[str, Head] = {}
    with connection().cursor() as cursor:
        for names in chunks([str(topic) for topic in topics]):
            cursor.execute(
                f'SELECT topic, "offset", floor, incarnation, {_EPOCH} FROM {_HEAD} WHERE topic IN ({_marks(names)})',  # noqa: S608
                names,
            )
            found.update(
                (name, Head(f"{epoch}.{life}", offset, floor)) for name, offset, floor, life, epoch in cursor.fetchall()
            )
        missing = [topic for topic in topics if str(topic) not in found]
        fresh = _fresh_head(cursor) if missing else Head("")
    return {topic: found.get(str(topic), fresh) for topic in topics}


def read(topic: Topic, after: int, limit: int) -> Slice:
    """The head and up to `limit` events after offset `after`, as of one moment."""
    with connection().cursor() as cursor:
        cursor.execute(
            f'SELECT h."offset", h.floor, h.incarnation, {_EPOCH}, e."offset", e.type, e.data, e.at, e.revokes'  # noqa: S608
            f' FROM {_HEAD} h LEFT JOIN {_EVENT} e ON e.topic = h.topic AND e."offset" > %s'
            f' WHERE h.topic = %s ORDER BY e."offset" LIMIT %s',
            [after, str(topic), limit],
        )
        rows = cursor.fetchall()
        if not rows:
            return Slice(_fresh_head(cursor), [])
    offset, floor, life, epoch = rows[0][:4]
    state = Head(f"{epoch}.{life}", offset, floor)
    return Slice(state, [_event(topic, state.epoch, row[4:]) for row in rows if row[4] is not None])


def recent_withdrawals(topics: Sequence[Topic], limit: int = 20) -> dict[Topic, frozenset[str]]:
    """The principals that the newest events of each topic withdraw it from; topics without any are missing."""
    found: dict[str, frozenset[str]] = {}
    with connection().cursor() as cursor:
        for names in chunks([str(topic) for topic in topics]):
            cursor.execute(
                f"SELECT e.topic, e.revokes FROM {_HEAD} h JOIN {_EVENT} e ON e.topic = h.topic"  # noqa: S608
                f""" AND e."offset" > h."offset" - %s WHERE h.topic IN ({_marks(names)}) AND e.revokes <> ''""",
                [limit, *names],
            )
            for name, text in cursor.fetchall():
                found[name] = found.get(name, frozenset()).union(revokes_from(text))
    return {topic: found[str(topic)] for topic in topics if str(topic) in found}


def delete_topic(topic: Topic) -> None:
    """Forget a topic's events; its next event begins a new epoch, so that old positions are told to resync."""
    with transaction.atomic(using=alias()), connection().cursor() as cursor:
        cursor.execute(
            f'INSERT INTO {_HEAD} (topic, "offset", floor, incarnation) VALUES (%s, 0, 0, 1)'  # noqa: S608
            f' ON CONFLICT (topic) DO UPDATE SET "offset" = 0, floor = 0, incarnation = {_HEAD}.incarnation + 1',
            [str(topic)],
        )
        cursor.execute(f"DELETE FROM {_EVENT} WHERE topic = %s", [str(topic)])  # noqa: S608
        cursor.execute(f"DELETE FROM {_STAGED} WHERE topic = %s", [str(topic)])  # noqa: S608


def trim(before: dt.datetime, keep: int, limit: int = 100) -> int:
    """Drop events older than `before` or beyond their topic's newest `keep`, raising the floor; returns how many topics."""
    bound = _milliseconds(before)
    with connection().cursor() as cursor:
        cursor.execute(
            f'SELECT h.topic FROM {_HEAD} h JOIN {_EVENT} e ON e.topic = h.topic AND e."offset" = h.floor + 1'  # noqa: S608
            f' WHERE e.at < %s OR h."offset" - h.floor > %s LIMIT %s',
            [bound, keep, limit],
        )
        topics = sorted(row[0] for row in cursor.fetchall())
    for topic in topics:
        _trim_topic(topic, bound, keep)
    return len(topics)


def size() -> int:
    """How many events the log holds."""
    return StoredEvent.objects.using(alias()).count()


def bump_epoch() -> str:
    """Begin a new epoch: every position a client holds becomes void; returns the epoch. Call it after a restore."""
    epoch = secrets.token_hex(4)
    Deployment.objects.using(alias()).update_or_create(id=1, defaults={"epoch": epoch})
    return epoch


def _append_at_once(
    database: BaseDatabaseWrapper,
    drafts: Sequence[Draft],
    places: Sequence[Place],
    counts: Mapping[str, int],
) -> list[Event]:
    """Do all of `append` where nothing is staged; else nothing."""
    rows = stored_rows(drafts, places, [left for _, left in places])
    moved = append_at_once(database, counts, rows, _EPOCH)
    ends = {name: (f"{epoch}.{life}", offset) for name, offset, life, epoch in moved}
    return placed(drafts, places, ends) if ends else []


def _bump(database: BaseDatabaseWrapper, counts: Mapping[str, int]) -> dict[str, End]:
    """Lock the heads in sorted order and move them on; returns (epoch, new offset) of each."""
    rows: dict[str, End] = {}
    with cursor_for(database) as cursor:
        for chunk in chunks(sorted(counts.items())):
            bumps, values = relation(database, "bumps", ("text", "bigint"), chunk)
            cursor.execute(
                f'INSERT INTO {_HEAD} (topic, "offset", floor, incarnation)'  # noqa: S608
                f" SELECT column1, column2, 0, 0 FROM {bumps} WHERE true"
                f' ON CONFLICT (topic) DO UPDATE SET "offset" = {_HEAD}."offset" + excluded."offset"'
                f' RETURNING topic, "offset", incarnation, {_EPOCH}',
                values,
            )
            rows.update((name, (f"{epoch}.{life}", offset)) for name, offset, life, epoch in cursor.fetchall())
    return rows


def _is_anything_staged(database: BaseDatabaseWrapper) -> bool:
    with cursor_for(database) as cursor:
        cursor.execute(f"SELECT 1 FROM {_STAGED} LIMIT 1")  # noqa: S608
        return cursor.fetchone() is not None


def _take_staged(database: BaseDatabaseWrapper, names: list[str]) -> list[Draft]:
    rows: list[tuple[Any, ...]] = []
    with cursor_for(database) as cursor:
        for chunk in chunks(names):
            wanted, values = among(database, "topic", "text", chunk)
            cursor.execute(
                f"DELETE FROM {_STAGED} WHERE {wanted} RETURNING id, topic, type, data, at, revokes",  # noqa: S608
                values,
            )
            rows += cursor.fetchall()
    # RETURNING promises no order.
    return [
        Draft(topic=Topic.parse(topic), type=type_, data=data.encode(), at=at, revokes=revokes_from(revokes))
        for _, topic, type_, data, at, revokes in sorted(rows)
    ]


def _store(drafts: Sequence[Draft], ends: dict[str, End]) -> list[Event]:
    """Number the drafts so that they end where their heads now stand, and insert them."""
    return _store_at(places_of(drafts), drafts, ends)


def _store_at(places: Sequence[Place], drafts: Sequence[Draft], ends: dict[str, End]) -> list[Event]:
    events = placed(drafts, places, ends)
    _insert(stored_rows(drafts, places, [event.offset for event in events]))
    return events


def _insert(rows: Sequence[tuple[Any, ...]]) -> None:
    database = connection()
    with cursor_for(database) as cursor:
        for chunk in chunks(rows):
            given, values = relation(database, "rows", ROW_TYPES, chunk)
            cursor.execute(
                f'INSERT INTO {_EVENT} (topic, "offset", type, data, at, revokes)'  # noqa: S608
                f" SELECT column1, column2, column3, column4, column5, column6 FROM {given}",
                values,
            )


def _event(topic: Topic, epoch: str, row: Sequence[Any]) -> Event:
    offset, type_, data, at, revokes = row
    return Event(
        topic=topic,
        type=type_,
        data=data.encode(),
        at=moment(at),
        epoch=epoch,
        offset=offset,
        revokes=revokes_from(revokes),
    )


def _trim_topic(topic: str, bound: int, keep: int) -> None:
    with transaction.atomic(using=alias()), connection().cursor() as cursor:
        # The head first, as everywhere: the floor moves in the same transaction as the events go.
        cursor.execute(f'UPDATE {_HEAD} SET floor = floor WHERE topic = %s RETURNING "offset", floor', [topic])  # noqa: S608
        offset, floor = cursor.fetchone()
        cursor.execute(f'SELECT COALESCE(MAX("offset"), 0) FROM {_EVENT} WHERE topic = %s AND at < %s', [topic, bound])  # noqa: S608
        new_floor = max(floor, offset - keep, cursor.fetchone()[0])
        cursor.execute(f'DELETE FROM {_EVENT} WHERE topic = %s AND "offset" <= %s', [topic, new_floor])  # noqa: S608
        cursor.execute(f"UPDATE {_HEAD} SET floor = %s WHERE topic = %s", [new_floor, topic])  # noqa: S608


def _fresh_head(cursor: Any) -> Head:
    cursor.execute(f"SELECT {_EPOCH}")
    return Head(f"{cursor.fetchone()[0]}.0")


def _marks(items: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(items))


def _milliseconds(moment: dt.datetime) -> int:
    return round(moment.timestamp() * 1000)
