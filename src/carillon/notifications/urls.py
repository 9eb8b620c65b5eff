"""Routes of notifications; a host includes them where it likes, the ready-made server under /api/v1/."""

from __future__ import annotations

from django.urls import path

from carillon.notifications import actions, api
from carillon.notifications.requests import Stamp, UpTo, UpToOrAll

app_name = "carillon_notifications"

urlpatterns = [
    path("notifications/", api.NotificationsView.as_view(), name="list"),
    path("notifications/inbox/", api.CountersView.as_view(), name="inbox"),
    path("notifications/batch/", api.BatchView.as_view(), name="batch"),
    path("notifications/seen/", api.range_view("seen", UpTo, actions.mark_seen), name="seen"),
    path("notifications/read-all/", api.range_view("read_all", UpToOrAll, actions.mark_all_read), name="read-all"),
    path(
        "notifications/restore-unread/",
        api.range_view("restore_unread", Stamp, actions.restore_unread),
        name="restore-unread",
    ),
    path("notifications/clear-read/", api.range_view("clear_read", UpToOrAll, actions.clear_read), name="clear-read"),
    # A page for people and their mail programs, and no part of the API.
    path("notifications/opt-out/<str:token>/", api.opt_out_page, name="opt-out"),
    path("notifications/<str:id>/", api.NotificationView.as_view(), name="detail"),
    *[
        path(f"notifications/<str:id>/{name}/", api.mark_view(name), name=name)
        for name in ("read", "unread", "archive", "unarchive", "unsnooze")
    ],
    path("notifications/<str:id>/snooze/", api.SnoozeView.as_view(), name="snooze"),
    path("notifications/<str:id>/press/", api.PressView.as_view(), name="press"),
]
