"""Routes of people; those that make tokens exist where simplejwt is installed."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, path

from carillon.people.api import account, mapping, sign_in

app_name = "carillon_people"

urlpatterns: list[URLPattern] = [
    path("auth/logout/", account.LogoutView.as_view(), name="logout"),
    path("auth/logout-all/", account.LogoutAllView.as_view(), name="logout-all"),
    path("auth/password/", account.PasswordView.as_view(), name="password"),
    path("auth/ticket/", account.TicketView.as_view(), name="ticket"),
    path("me/", account.MeView.as_view(), name="me"),
    path("people/<str:external_id>/", mapping.MappedPersonView.as_view(), name="person"),
]

# The routes that the documents print at the root (REQUIREMENTS 004-10); the ready-made server mounts them.
token_urlpatterns: list[URLPattern] = []

if find_spec("rest_framework_simplejwt"):
    urlpatterns += [
        path("auth/login/", sign_in.LoginView.as_view(), name="login"),
        path("auth/refresh/", sign_in.RefreshView.as_view(), name="refresh"),
    ]
    token_urlpatterns += [
        path("api/token/", sign_in.TokenView.as_view(), name="carillon-token"),
        path("api/token/refresh/", sign_in.TokenRefreshView.as_view(), name="carillon-token-refresh"),
    ]
