"""Fan-out: a notification for many, committed as a few rows and stored for them in batches by a sweep."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.db.models import DateTimeField, ExpressionWrapper, F
from django.db.models.functions import Now
from django.utils import timezone

from carillon.jobs.wake import wake
from carillon.notifications.actions.delivering import Notified, deliver
from carillon.notifications.content import Content
from carillon.notifications.models import Fanout, FanoutBatch
from carillon.people.queries import languages_of
from carillon.realtime import log
from carillon.realtime.outbox import action, in_transaction, outbox

logger = logging.getLogger(__name__)

BATCH = 500
SMALLEST = 100
# Recipients of a row: a batch takes as many rows as fit, and none has to be written anew for what is left of it.
ROW = 50
# A batch holds the inboxes of its people, and on SQLite the one lock of all writers.
TARGET_SECONDS = 0.03


class Pace:
    """How many recipients the next batch of this process takes: as many as were stored in TARGET_SECONDS, on a slow day fewer."""

    def __init__(self) -> None:
        self.size = BATCH // 4

    def learn(self, passed: int, seconds: float) -> None:
        """Take into account how long a batch held its locks; a small one that was quick says little."""
        fitting = int(passed * TARGET_SECONDS / max(seconds, 0.001))
        if seconds > TARGET_SECONDS:
            self.size = max(SMALLEST, fitting)
        elif passed > self.size - ROW:
            self.size = min(BATCH, 2 * self.size, fitting)


_pace = Pace()


@action
def hand_over(keys: Sequence[Any], content: Content) -> Notified:
    """Commit to notifying all of these people; a handful of statements and rows."""
    with outbox() as publish:
        fanout = Fanout.objects.create(content=content.as_dict(), total=len(keys))
        FanoutBatch.objects.bulk_create(
            FanoutBatch(fanout=fanout, recipients=list(map(str, keys[start : start + ROW])))
            for start in range(0, len(keys), ROW)
        )
        publish.after_commit(lambda: wake("notifications.fanout"))
    return Notified(fanout_id=fanout.pk)


def expand_fanouts(batch: int | None = None) -> int:
    """Store and announce the next batch of the oldest open fan-out; returns how many recipients it passed.

    `batch` bounds how many, else the pace of this process does. What fails is put off, so that others have their turn.
    """
    taken: list[_Taken] = []
    try:
        return _expand(batch or _pace.size, taken)
    except Exception:
        if taken and not in_transaction():
            _put_off(taken)
        raise


@dataclass(slots=True, frozen=True)
class _Taken:
    """A row of FanoutBatch that this transaction has taken out of its table; `fanout` is the key as the database has it."""

    pk: int
    recipients: list[str]
    attempts: int
    fanout: Any
    content: bytes | str


@action
def _expand(size: int, taken: list[_Taken]) -> int:
    with outbox() as publish:
        started = time.perf_counter()
        taken[:] = _take(max(1, size // ROW))
        if not taken:
            return 0
        keys = [key for row in taken for key in row.recipients]
        part, rest = keys[:size], keys[size:]
        first = taken[0]
        content = Content(**msgspec.json.decode(first.content))
        deliver(
            publish,
            languages_of(map(get_user_model()._meta.pk.to_python, part)),
            content,
            Fanout._meta.pk.to_python(first.fanout),
        )
        if rest:
            left = FanoutBatch(pk=first.pk, fanout_id=first.fanout, recipients=rest, attempts=first.attempts)
            left.save(force_insert=True)
        _count(first.fanout, len(part))
    _pace.learn(len(part), time.perf_counter() - started)
    return len(part)


_ROWS, _FANOUTS = FanoutBatch._meta.db_table, Fanout._meta.db_table
_CLOCKS = {"postgresql": "STATEMENT_TIMESTAMP()", "sqlite": "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW')"}


def _take(count: int) -> list[_Taken]:
    """Take so many rows of the oldest fan-out that is due out of their table; what another takes meanwhile is passed over."""
    connection = log.connection()
    is_due = f"(due_at IS NULL OR due_at <= {_CLOCKS[connection.vendor]}) ORDER BY id LIMIT"
    lock = " FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    # An array is found out once; a subquery might be asked again for each row, and lock more of them.
    wanted = "id IN ({})" if connection.vendor == "sqlite" else "id = ANY(ARRAY({}))"
    oldest = f"SELECT fanout_id FROM {_ROWS} WHERE {is_due} 1{lock}"  # noqa: S608
    chosen = f"SELECT id FROM {_ROWS} WHERE fanout_id = ({oldest}) AND {is_due} %s{lock}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {_ROWS} WHERE {wanted.format(chosen)} RETURNING id, recipients, attempts, fanout_id,"  # noqa: S608
            f" (SELECT content FROM {_FANOUTS} WHERE {_FANOUTS}.id = fanout_id)",
            [count],
        )
        rows = sorted(cursor.fetchall(), key=itemgetter(0))
    return [_Taken(pk, msgspec.json.decode(recipients), *rest) for pk, recipients, *rest in rows]


def _count(fanout: Any, passed: int) -> None:
    """Write down how far this has got."""
    connection = log.connection()
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_FANOUTS} SET done = done + %s,"  # noqa: S608
            " finished_at = CASE WHEN total <= done + %s THEN %s END WHERE id = %s",
            [passed, passed, connection.ops.adapt_datetimefield_value(timezone.now()), fanout],
        )


@action
def _put_off(rows: Sequence[_Taken]) -> None:
    """Try these again later: in a second, then after twice as long each time, up to five minutes."""
    seconds = min(2 ** max(row.attempts for row in rows), 300)
    later = ExpressionWrapper(Now() + dt.timedelta(seconds=seconds), DateTimeField())
    FanoutBatch.objects.filter(pk__in=[row.pk for row in rows]).update(attempts=F("attempts") + 1, due_at=later)
    fanout = Fanout._meta.pk.to_python(rows[0].fanout)
    logger.warning("a batch of fan-out %s failed and is tried again in %s s", fanout, seconds)
