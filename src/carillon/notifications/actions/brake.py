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
from carillon.notifications.actions.sets import braked_people
from carillon.notifications.models import BrakeRecord
from carillon.realtime.outbox import Publish

logger = logging.getLogger(__name__)

WINDOW = dt.timedelta(minutes=1)


def hold_back(publish: Publish, users: Sequence[Any], kind: str) -> list[Any]:
    """Those of these people who did not get too many of this kind within the last minute; the others are recorded after the commit."""
    limit = settings.BRAKE_PER_MINUTE
    if not limit or not users:
        return list(users)
    braked = braked_people(users, kind, since=timezone.now() - WINDOW, limit=limit)
    held = [user for user in users if user in braked]
    if held:
        publish.after_commit(lambda: _record(held, kind))
    return [user for user in users if user not in braked]


def _record(users: Sequence[Any], kind: str) -> None:
    """Count what was held back; the first of a minute is logged."""
    minute = timezone.now().replace(second=0, microsecond=0)
    for user, count in sorted(Counter(users).items(), key=str):
        record, is_new = BrakeRecord.objects.get_or_create(user_id=user, kind=kind, minute=minute)
        BrakeRecord.objects.filter(pk=record.pk).update(held=F("held") + count)
        if is_new:
            logger.warning(
                "brake: more than %s notifications of kind %r a minute for user %s",
                settings.BRAKE_PER_MINUTE,
                kind,
                user,
            )
