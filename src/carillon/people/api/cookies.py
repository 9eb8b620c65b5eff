"""The refresh cookie of our own client: HttpOnly, SameSite, for the auth routes alone, never from a foreign page."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from rest_framework.request import Request
from rest_framework.response import Response

from carillon.conf import settings
from carillon.errors import NotAllowed

NAME = "carillon_refresh"
_AUTH = "/auth/"


def refresh_cookie(request: Request) -> str:
    """The refresh token in the cookie; empty without one."""
    return str(request.COOKIES.get(NAME, ""))


def set_refresh_cookie(response: Response, request: Request, refresh: str, lifetime: dt.timedelta) -> Response:
    """Send the cookie along, out of reach of scripts."""
    response.set_cookie(
        NAME,
        refresh,
        max_age=int(lifetime.total_seconds()),
        path=_path(request),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


def drop_refresh_cookie(response: Response, request: Request) -> Response:
    """Have the browser forget the cookie."""
    response.delete_cookie(NAME, path=_path(request), samesite="Lax")
    return response


def check_origin(request: Request) -> None:
    """Refuse a page of another origin that rides on the cookie; programs send no Origin and no cookie of others."""
    origin = request.headers.get("Origin")
    if origin is None or urlsplit(origin).netloc == request.get_host():
        return
    allowed = {
        *settings.ALLOWED_ORIGINS,
        *getattr(django_settings, "CORS_ALLOWED_ORIGINS", ()),
        *django_settings.CSRF_TRUSTED_ORIGINS,
    }
    if origin not in allowed:
        raise NotAllowed("forbidden", "This origin may not sign anybody in or out.")


def _path(request: Request) -> str:
    """Where the auth routes are mounted in this host."""
    path = request.path
    return path[: path.rindex(_AUTH) + len(_AUTH)]
