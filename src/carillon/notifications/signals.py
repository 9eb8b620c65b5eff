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
    if notification_created.has_listeners(Notification):
        publish.after_commit(lambda: _send(rows))


def _send(rows: Iterable[Notification]) -> None:
    for row in rows:
        for receiver, answer in notification_created.send_robust(Notification, notification=row):
            if isinstance(answer, Exception):
                logger.error("receiver %r of notification_created failed", receiver, exc_info=answer)
