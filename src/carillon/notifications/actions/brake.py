"""The brake: a runaway loop of notify() cannot flood a person."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, F
from django.utils import timezone

from carillon.conf import settings
from carillon.notifications.models import BrakeRecord, Notification
from carillon.realtime.outbox import Publish

logger = logging.getLogger(__name__)

WINDOW = dt.timedelta(minutes=1)


def hold_back(publish: Publish, users: Sequence[Any], kind: str) -> list[Any]:
    """Those of these people who did not get too many of this kind within the last minute; the others are recorded after the commit."""
    limit = settings.BRAKE_PER_MINUTE
    if not limit or not users:
        return list(users)
    recent = Notification.objects.filter(user__in=list(users), kind=kind, created_at__gt=timezone.now() - WINDOW)
    # Ordering would join the grouping.
    counts = dict(recent.order_by().values_list("user").annotate(n=Count("pk")).filter(n__gte=limit))
    held = [user for user in users if user in counts]
    if held:
        publish.after_commit(lambda: _record(held, kind))
    return [user for user in users if user not in counts]


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
