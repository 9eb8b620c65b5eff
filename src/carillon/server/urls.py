"""Routes of the ready-made server."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from carillon.conf import settings as carillon
from carillon.people.urls import token_urlpatterns
from carillon.server import health, pages
from carillon.server.demo import views as demo

# The sources' own addresses, of the dialects that are served.
_DIALECTS = {
    "bell": path("api/", include("carillon.dialects.bell.urls")),
    "mentoring": path("", include("carillon.dialects.mentoring.urls")),
}

# What the published schema describes: the demonstration is no part of it.
api_urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("carillon.people.urls")),
    path("api/v1/", include("carillon.conversations.urls")),
    path("api/v1/", include("carillon.notifications.urls")),
    path("api/v1/", include("carillon.presence.urls")),
    *token_urlpatterns,
    *(routes for name, routes in _DIALECTS.items() if name in carillon.DIALECTS),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    *api_urlpatterns,
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    # The split view keeps its script in a file of its own, as the content security policy wants.
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
]

if settings.DEMO:
    urlpatterns += [
        path("api/v1/demo/accounts/", demo.AccountsView.as_view()),
        path("api/v1/demo/ring/", demo.RingView.as_view()),
    ]

urlpatterns += [
    re_path(r"^api(?:/|$)", pages.unknown_api),
    re_path(r"^(?!static/).*$", pages.application),
]
