"""REST of notifications: snapshots with their position, every write that sockets have, and sending."""

from __future__ import annotations

from carillon.notifications.api.opting import opt_out_page
from carillon.notifications.api.pressing import PressView
from carillon.notifications.api.reading import CountersView
from carillon.notifications.api.sending import NotificationsView
from carillon.notifications.api.writing import (
    BatchView,
    NotificationView,
    SnoozeView,
    mark_view,
    range_view,
    written,
)

__all__ = [
    "BatchView",
    "CountersView",
    "NotificationView",
    "NotificationsView",
    "PressView",
    "SnoozeView",
    "mark_view",
    "opt_out_page",
    "range_view",
    "written",
]
