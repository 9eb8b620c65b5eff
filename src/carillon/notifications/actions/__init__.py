"""Every write of notifications: REST, sockets, jobs, the admin and host code call these."""

from __future__ import annotations

from carillon.notifications.actions.delivering import Notified
from carillon.notifications.actions.desk import Outcome
from carillon.notifications.actions.fanout import expand_fanouts
from carillon.notifications.actions.marking import (
    archive,
    clear_read,
    delete,
    edit,
    mark_all_read,
    mark_read,
    mark_seen,
    mark_unread,
    read_group,
    restore_unread,
    snooze,
    unarchive,
    unsnooze,
)
from carillon.notifications.actions.notifying import anotify, notify
from carillon.notifications.actions.pressing import press, settle_buttons
from carillon.notifications.actions.settling import (
    correct,
    reconcile,
    ring,
    settle,
    settle_if_needed,
    settle_pending,
    wake_snoozed,
)

__all__ = [
    "Notified",
    "Outcome",
    "anotify",
    "archive",
    "clear_read",
    "correct",
    "delete",
    "edit",
    "expand_fanouts",
    "mark_all_read",
    "mark_read",
    "mark_seen",
    "mark_unread",
    "notify",
    "press",
    "read_group",
    "reconcile",
    "restore_unread",
    "ring",
    "settle",
    "settle_buttons",
    "settle_if_needed",
    "settle_pending",
    "snooze",
    "unarchive",
    "unsnooze",
    "wake_snoozed",
]
