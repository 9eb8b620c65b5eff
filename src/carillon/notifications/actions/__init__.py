"""Every write of notifications: REST, sockets, jobs, the admin and host code call these."""

from __future__ import annotations

from carillon.notifications.actions.delivering import Notified
from carillon.notifications.actions.desk import Outcome
from carillon.notifications.actions.dispatching import dispatch, opt_in, opt_out, prune, try_again
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
    "dispatch",
    "edit",
    "expand_fanouts",
    "mark_all_read",
    "mark_read",
    "mark_seen",
    "mark_unread",
    "notify",
    "opt_in",
    "opt_out",
    "press",
    "prune",
    "read_group",
    "reconcile",
    "restore_unread",
    "ring",
    "settle",
    "settle_buttons",
    "settle_pending",
    "snooze",
    "try_again",
    "unarchive",
    "unsnooze",
    "wake_snoozed",
]
