"""Routes of presence; a host includes them where it likes, the ready-made server under /api/v1/."""

from __future__ import annotations

from django.urls import path

from carillon.presence import api

app_name = "carillon_presence"

urlpatterns = [path("presence/", api.PresenceView.as_view(), name="presence")]
