"""Background work of the kernel: what waits to enter the log, and what has been there long enough."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from carillon.conf import settings
from carillon.jobs.sweeps import sweep
from carillon.realtime import log
from carillon.realtime.idempotency import forget_answers
from carillon.realtime.outbox import move_staged


@sweep("realtime.staged", every=1.0)
def move_what_was_left() -> int:
    """Move events that a killed process left staged between a host's commit and their flush."""
    topics = log.staged_topics()
    return move_staged(topics) if topics else 0


@sweep("realtime.retention", every=600.0)
def trim_log() -> int:
    """Drop events beyond the retention, a hundred topics at a time."""
    before = timezone.now() - dt.timedelta(days=settings.RETENTION_DAYS)
    return log.trim(before, settings.RETENTION_EVENTS)


@sweep("realtime.idempotency", every=600.0)
def forget_old_answers() -> int:
    """Drop answers to repeated writes once they are out of date."""
    return forget_answers(timezone.now() - dt.timedelta(hours=settings.IDEMPOTENCY_HOURS))
