"""What tests of notifications ask the database and the log."""

from __future__ import annotations

from typing import Any

import msgspec

from carillon.notifications.events import Inbox
from carillon.notifications.models import Notification
from carillon.notifications.queries import inbox_of
from carillon.realtime import log
from carillon.realtime.topic import user_topic


def events_of(user: Any, after: int = 0) -> list[tuple[str, dict[str, Any]]]:
    """(type, data) of the events on a person's topic."""
    return [
        (event.type, msgspec.json.decode(event.data)) for event in log.read(user_topic(user.pk), after, 10_000).events
    ]


def last_state(user: Any) -> dict[str, Any]:
    """The state of a notification that the person's last event tells."""
    data = events_of(user)[-1][1]
    state: dict[str, Any] = data["notification"] if "notification" in data else data["notifications"][0]
    return state


def counters(user: Any) -> tuple[int, int]:
    """(unread, unseen) as stored."""
    inbox: Inbox = inbox_of(user.pk)
    return inbox.unread, inbox.unseen


def recount(user: Any) -> tuple[int, int]:
    """(unread, unseen) as the rows say, written as plainly as can be."""
    rows = [
        row
        for row in Notification.objects.filter(user=user)
        if row.number is not None and row.archived_at is None and row.snoozed_until is None
    ]
    return sum(not row.is_read for row in rows), sum(row.seen_at is None for row in rows)
