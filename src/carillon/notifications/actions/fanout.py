"""Fan-out: a notification for many, committed as a few rows and stored for them in batches by a sweep."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Case, DateTimeField, ExpressionWrapper, F, Q, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from carillon.jobs.wake import wake
from carillon.notifications.actions.delivering import Notified, deliver
from carillon.notifications.content import Content
from carillon.notifications.models import Fanout, FanoutBatch
from carillon.people.queries import languages_of
from carillon.realtime.outbox import action, in_transaction, outbox

logger = logging.getLogger(__name__)

BATCH = 500
SMALLEST = 100
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
        elif passed >= self.size:
            self.size = min(BATCH, 2 * self.size, fitting)


_pace = Pace()


@action
def hand_over(keys: Sequence[Any], content: Content) -> Notified:
    """Commit to notifying all of these people; a handful of statements and rows."""
    with outbox() as publish:
        fanout = Fanout.objects.create(content=content.as_dict(), total=len(keys))
        FanoutBatch.objects.bulk_create(
            FanoutBatch(fanout=fanout, recipients=list(map(str, keys[start : start + BATCH])))
            for start in range(0, len(keys), BATCH)
        )
        publish.after_commit(lambda: wake("notifications.fanout"))
    return Notified(fanout_id=fanout.pk)


def expand_fanouts(batch: int | None = None) -> int:
    """Store and announce the next batch of the oldest open fan-out; returns how many recipients it passed.

    `batch` bounds how many, else the pace of this process does. What fails is put off, so that others have their turn.
    """
    claimed: list[FanoutBatch] = []
    try:
        return _expand(batch or _pace.size, claimed)
    except Exception:
        if claimed and not in_transaction():
            _put_off(claimed[-1])
        raise


@action
def _expand(size: int, claimed: list[FanoutBatch]) -> int:
    with outbox() as publish:
        started = time.perf_counter()
        due = FanoutBatch.objects.filter(Q(due_at=None) | Q(due_at__lte=Now())).select_related("fanout").order_by("pk")
        batch = due.select_for_update(skip_locked=True, of=("self",)).first()
        if batch is None:
            return 0
        claimed.append(batch)
        part, rest = batch.recipients[:size], batch.recipients[size:]
        to_python = get_user_model()._meta.pk.to_python
        deliver(publish, languages_of(map(to_python, part)), Content(**batch.fanout.content), batch.fanout_id)
        _pass(batch, len(part), rest)
    _pace.learn(len(part), time.perf_counter() - started)
    return len(part)


def _pass(batch: FanoutBatch, passed: int, rest: list[str]) -> None:
    """Write down how far this has got."""
    if rest:
        FanoutBatch.objects.filter(pk=batch.pk).update(recipients=rest)
    else:
        batch.delete()
    done = F("done") + passed
    Fanout.objects.filter(pk=batch.fanout_id).update(
        done=done, finished_at=Case(When(total__lte=done, then=Value(timezone.now())))
    )


@action
def _put_off(batch: FanoutBatch) -> None:
    """Try this batch again later: in a second, then after twice as long each time, up to five minutes."""
    seconds = min(2**batch.attempts, 300)
    later = ExpressionWrapper(Now() + dt.timedelta(seconds=seconds), DateTimeField())
    FanoutBatch.objects.filter(pk=batch.pk).update(attempts=batch.attempts + 1, due_at=later)
    logger.warning("a batch of fan-out %s failed and is tried again in %s s", batch.fanout_id, seconds)
