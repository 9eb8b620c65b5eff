"""An append to the log in one statement, where PostgreSQL keeps it: heads move on, and their events are stored with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from carillon.realtime.cursors import rows_of
from carillon.realtime.models import StagedEvent, StoredEvent, TopicHead
from carillon.realtime.relation import arrays, relation, values

# Offset (counted back from where the head then stands), type, data, time and what is revoked, after the topic.
ROW_TYPES = ("text", "bigint", "text", "text", "bigint", "text")
FEW = 4

_HEAD, _EVENT, _STAGED = (model._meta.db_table for model in (TopicHead, StoredEvent, StagedEvent))
# What is staged is looked for as of the begin of the statement: everything that the events may know of was committed by then.
_APPEND = (
    "WITH bumps AS (SELECT column1, column2 FROM {bumps}),"  # noqa: S608
    f' moved AS (INSERT INTO {_HEAD} (topic, "offset", floor, incarnation) SELECT column1, column2, 0, 0 FROM bumps'
    f" WHERE NOT EXISTS (SELECT 1 FROM {_STAGED} WHERE topic = ANY(ARRAY(SELECT column1 FROM bumps)))"
    f' ON CONFLICT (topic) DO UPDATE SET "offset" = {_HEAD}."offset" + excluded."offset"'
    ' RETURNING topic, "offset", incarnation),'
    f' stored AS (INSERT INTO {_EVENT} (topic, "offset", type, data, at, revokes)'
    ' SELECT topic, "offset" - column2, column3, column4, column5, column6 FROM {rows} JOIN moved ON topic = column1)'
    ' SELECT topic, "offset", incarnation, {epoch} FROM moved'
)


def append_at_once(
    connection: BaseDatabaseWrapper, counts: Mapping[str, int], rows: Sequence[Sequence[Any]], epoch: str
) -> list[tuple[str, int, int, str]]:
    """Lock the heads in sorted order, move each on by its count, and store these rows of ROW_TYPES, CHUNK at most.

    Returns the topic, offset, incarnation and epoch of each head; nothing, where nothing was done because something is staged.
    """
    as_relation, as_rows = (
        (values, values) if len(rows) <= FEW else (partial(relation, connection), partial(arrays, connection))
    )
    bumps, lengths = as_relation("bumps", ("text", "bigint"), sorted(counts.items()))
    stored, given = as_rows("rows", ROW_TYPES, rows)
    statement = _APPEND.format(bumps=bumps, rows=stored, epoch=epoch)
    return rows_of(connection, statement, [*lengths, *given])
