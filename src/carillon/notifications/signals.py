"""Signals for hosts, at the rim: nothing of ours listens to them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.dispatch import Signal

from carillon.notifications.models import Notification

if TYPE_CHECKING:
    from carillon.realtime.outbox import Publish

logger = logging.getLogger(__name__)

# Sent with `notification` after the commit that announced it; a failing receiver is logged and undoes nothing.
notification_created = Signal()


def announce_created(publish: Publish, rows: Iterable[Notification]) -> None:
    """Send `notification_created` for each row once this is committed, if anybody listens; the rows are not asked for before."""
    if is_heard():
        publish.after_commit(lambda: send_created(rows))


def is_heard() -> bool:
    """Whether anybody listens."""
    return notification_created.has_listeners(Notification)


def send_created(rows: Iterable[Notification]) -> None:
    """Send `notification_created` for each row, which is committed."""
    for row in rows:
        for receiver, answer in notification_created.send_robust(Notification, notification=row):
            if isinstance(answer, Exception):
                logger.error("receiver %r of notification_created failed", receiver, exc_info=answer)
