"""Reading a person's notifications."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from carillon.notifications import events, models
from carillon.notifications.queries.filters import MAX_TEXT, VIEWS, Filters, filters_of, flat_filters_of
from carillon.notifications.queries.snapshots import Snapshot, read_counters, read_one, read_page
from carillon.people.queries import people_of

__all__ = [
    "MAX_TEXT",
    "VIEWS",
    "Filters",
    "Snapshot",
    "filters_of",
    "flat_filters_of",
    "inbox_of",
    "read_counters",
    "read_one",
    "read_page",
    "states_of",
]


def states_of(rows: Sequence[models.Notification]) -> list[events.Notification]:
    """What clients see of these rows, with their actors in one query."""
    faces = people_of(events.actors_of(rows))
    return [events.Notification.of(row, faces) for row in rows]


def inbox_of(user: Any) -> events.Inbox:
    """A person's counters."""
    row = models.Inbox.objects.filter(pk=user).first()
    return events.Inbox.of(row) if row else events.Inbox()
