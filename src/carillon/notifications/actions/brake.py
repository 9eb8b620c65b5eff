"""The brake: a runaway loop of notify() cannot flood a person."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db.models import F
from django.utils import timezone

from carillon.conf import settings
from carillon.notifications.actions.sets import recent_counts
from carillon.notifications.content import Content
from carillon.notifications.models import BrakeRecord
from carillon.realtime.outbox import Publish

logger = logging.getLogger(__name__)

WINDOW = dt.timedelta(minutes=1)


def hold_back(publish: Publish, given: Sequence[tuple[Content, Sequence[Any]]]) -> list[list[Any]]:
    """For each content, those of these people who did not get too many of its kind within the last minute.

    Contents count in their order; the people held back are recorded after the commit. On PostgreSQL what another process
    stores at this moment is not seen: nothing is locked yet.
    """
    limit = settings.BRAKE_PER_MINUTE
    people = list({user: None for _, users in given for user in users})
    if not limit or not people:
        return [list(users) for _, users in given]
    kinds = sorted({content.kind for content, _ in given})
    counts = Counter(recent_counts(people, kinds, since=timezone.now() - WINDOW))
    held: Counter[tuple[Any, str]] = Counter()
    let_through: list[list[Any]] = []
    for content, users in given:
        let_through.append([user for user in users if counts[user, content.kind] < limit])
        held.update((user, content.kind) for user in users if counts[user, content.kind] >= limit)
        if content.dedupe_key is None:
            # With a key it may turn out to be there already.
            counts.update((user, content.kind) for user in let_through[-1])
    if held:
        publish.after_commit(lambda: _record(held))
    return let_through


def _record(held: Counter[tuple[Any, str]]) -> None:
    """Count what was held back; the first of a minute is logged."""
    minute = timezone.now().replace(second=0, microsecond=0)
    for (user, kind), count in sorted(held.items(), key=str):
        record, is_new = BrakeRecord.objects.get_or_create(user_id=user, kind=kind, minute=minute)
        BrakeRecord.objects.filter(pk=record.pk).update(held=F("held") + count)
        if is_new:
            logger.warning(
                "brake: more than %s notifications of kind %r a minute for user %s",
                settings.BRAKE_PER_MINUTE,
                kind,
                user,
            )
