"""REST of source 000: to be included under `api/` (REQUIREMENTS 000-13 to 000-16, C18)."""

from __future__ import annotations

from django.urls import path

from carillon.notifications import flat

app_name = "carillon_bell"

urlpatterns = [
    path("notifications/", flat.ListView.as_view(dialect="bell"), name="list"),
    path("notifications/unread-count/", flat.UnreadCountView.as_view(dialect="bell"), name="unread-count"),
    path("notifications/mark-all-read/", flat.ReadAllView.as_view(dialect="bell"), name="mark-all-read"),
    path("notifications/<str:id>/read/", flat.ReadView.as_view(dialect="bell"), name="read"),
    path("notifications/<str:id>/unread/", flat.UnreadView.as_view(dialect="bell"), name="unread"),
]
