"""REST of source 001: its seven endpoints, and what goes without saying beside them (REQUIREMENTS 001-21 to 001-27, C17, C18)."""

from __future__ import annotations

from django.urls import path

from carillon.notifications import flat

app_name = "carillon_mentoring"

urlpatterns = [
    path("notifications/", flat.ListView.as_view(dialect="mentoring"), name="list"),
    path("notifications/read-all/", flat.ReadAllView.as_view(dialect="mentoring"), name="read-all"),
    path("notifications/unread-count/", flat.UnreadCountView.as_view(dialect="mentoring"), name="unread-count"),
    path("notifications/clear-read/", flat.ClearReadView.as_view(dialect="mentoring"), name="clear-read"),
    path("notifications/<str:id>/", flat.DetailView.as_view(dialect="mentoring"), name="detail"),
    path("notifications/<str:id>/read/", flat.ReadView.as_view(dialect="mentoring"), name="read"),
    path("notifications/<str:id>/unread/", flat.UnreadView.as_view(dialect="mentoring"), name="unread"),
    path("notifications/<str:id>/delete/", flat.DeleteView.as_view(dialect="mentoring"), name="delete"),
]
