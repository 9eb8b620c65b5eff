"""The event log: one table, per-topic offsets without gaps, in commit order (GUARANTEES 4.3)."""

from __future__ import annotations

import datetime as dt
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from carillon.realtime.appending import ROW_TYPES, append_at_once
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


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An event that has no offset yet; `at` in milliseconds since 1970."""

    topic: Topic
    type: str
    data: bytes
    at: int
    revokes: tuple[str, ...] = ()


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
    counts = Counter({str(topic): 0 for topic in topics})
    counts.update(str(draft.topic) for draft in drafts)
    if not counts:
        return []
    if drafts and max(len(drafts), len(counts)) <= CHUNK and connection().vendor == "postgresql":
        events = _append_at_once(drafts, counts)
        if events:
            return events
    ends = _bump(counts)
    staged = _take_staged(list(counts))
    if staged:
        # The heads are ours by now: a staged row committed before we got them is older than our own events.
        ends = _bump(Counter({**dict.fromkeys(counts, 0), **Counter(str(draft.topic) for draft in staged)}))
    return _store([*staged, *drafts], ends)


def stage(drafts: Sequence[Draft]) -> None:
    """Keep the drafts beside the host's rows, without locking any head."""
    StagedEvent.objects.using(alias()).bulk_create(
        StagedEvent(topic=str(d.topic), type=d.type, data=d.data.decode(), at=d.at, revokes=_revokes_text(d.revokes))
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
                found[name] = found.get(name, frozenset()).union(_revokes(text))
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


def _append_at_once(drafts: Sequence[Draft], counts: Counter[str]) -> list[Event]:
    """Do all of `append` where nothing is staged; else nothing."""
    places = _places(drafts)
    rows = _rows(drafts, places, [left for _, left in places])
    moved = append_at_once(connection(), counts, rows, _EPOCH)
    ends = {name: (f"{epoch}.{life}", offset) for name, offset, life, epoch in moved}
    return _placed(drafts, places, ends) if ends else []


def _bump(counts: Counter[str]) -> dict[str, tuple[str, int]]:
    """Lock the heads in sorted order and move them on; returns (epoch, new offset) of each."""
    rows: dict[str, tuple[str, int]] = {}
    with connection().cursor() as cursor:
        for chunk in chunks(sorted(counts.items())):
            bumps, values = relation(cursor.db, "bumps", ("text", "bigint"), chunk)
            cursor.execute(
                f'INSERT INTO {_HEAD} (topic, "offset", floor, incarnation)'  # noqa: S608
                f" SELECT column1, column2, 0, 0 FROM {bumps} WHERE true"
                f' ON CONFLICT (topic) DO UPDATE SET "offset" = {_HEAD}."offset" + excluded."offset"'
                f' RETURNING topic, "offset", incarnation, {_EPOCH}',
                values,
            )
            rows.update((name, (f"{epoch}.{life}", offset)) for name, offset, life, epoch in cursor.fetchall())
    return rows


def _take_staged(names: list[str]) -> list[Draft]:
    rows: list[tuple[Any, ...]] = []
    with connection().cursor() as cursor:
        for chunk in chunks(names):
            wanted, values = among(cursor.db, "topic", "text", chunk)
            cursor.execute(
                f"DELETE FROM {_STAGED} WHERE {wanted} RETURNING id, topic, type, data, at, revokes",  # noqa: S608
                values,
            )
            rows += cursor.fetchall()
    # RETURNING promises no order.
    return [
        Draft(topic=Topic.parse(topic), type=type_, data=data.encode(), at=at, revokes=_revokes(revokes))
        for _, topic, type_, data, at, revokes in sorted(rows)
    ]


def _store(drafts: Sequence[Draft], ends: dict[str, tuple[str, int]]) -> list[Event]:
    """Number the drafts so that they end where their heads now stand, and insert them."""
    places = _places(drafts)
    events = _placed(drafts, places, ends)
    _insert(_rows(drafts, places, [event.offset for event in events]))
    return events


def _places(drafts: Sequence[Draft]) -> list[tuple[str, int]]:
    """The topic of each draft, and how many come after it there."""
    names = [str(draft.topic) for draft in drafts]
    left = Counter(names)
    if len(left) == len(names):
        return [(name, 0) for name in names]
    places = []
    for name in names:
        left[name] -= 1
        places.append((name, left[name]))
    return places


def _placed(
    drafts: Sequence[Draft], places: Sequence[tuple[str, int]], ends: dict[str, tuple[str, int]]
) -> list[Event]:
    """Events with consecutive offsets that end where their heads now stand."""
    return [
        Event(
            topic=draft.topic,
            type=draft.type,
            data=draft.data,
            at=moment(draft.at),
            epoch=ends[name][0],
            offset=ends[name][1] - left,
            revokes=draft.revokes,
        )
        for draft, (name, left) in zip(drafts, places, strict=True)
    ]


def _rows(drafts: Sequence[Draft], places: Sequence[tuple[str, int]], offsets: Iterable[int]) -> list[tuple[Any, ...]]:
    """Rows of ROW_TYPES."""
    return [
        (name, offset, draft.type, draft.data.decode(), draft.at, _revokes_text(draft.revokes))
        for draft, (name, _), offset in zip(drafts, places, offsets, strict=True)
    ]


def _insert(rows: Sequence[tuple[Any, ...]]) -> None:
    with connection().cursor() as cursor:
        for chunk in chunks(rows):
            given, values = relation(cursor.db, "rows", ROW_TYPES, chunk)
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
        revokes=_revokes(revokes),
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


def _revokes_text(revokes: tuple[str, ...]) -> str:
    return msgspec.json.encode(revokes).decode() if revokes else ""


def _revokes(text: str) -> tuple[str, ...]:
    return tuple(msgspec.json.decode(text)) if text else ()


def _milliseconds(moment: dt.datetime) -> int:
    return round(moment.timestamp() * 1000)


def moment(milliseconds: int) -> dt.datetime:
    """Milliseconds since 1970 as an aware time."""
    return dt.datetime.fromtimestamp(milliseconds / 1000, tz=dt.UTC)
