"""Service keys over HTTP: `Authorization: Api-Key <prefix>.<secret>`, on the few views that take one; a key is no person.

A view that does not name this scheme does not know it. Where a host lists it for all views, `request.user` stays
anonymous, so that whatever asks for a person still refuses a key.
"""

from __future__ import annotations

import hmac
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from carillon.errors import NotAllowed, Unauthenticated, Unavailable
from carillon.people import actions
from carillon.people.models import ServiceKey
from carillon.rest.views import CarillonAPIView

SCHEME = "Api-Key"
_LONGEST = 200


class ApiKeyAuthentication(BaseAuthentication):
    """Puts the ServiceKey into `request.auth`, and nobody into `request.user`."""

    @sensitive_variables()
    def authenticate(self, request: Request) -> tuple[Any, ServiceKey] | None:
        """The key; None under another scheme. Raises Unauthenticated `token_invalid`, `token_expired` or `session_revoked`."""
        scheme, _, credential = get_authorization_header(request).partition(b" ")
        if scheme.lower() != SCHEME.lower().encode():
            return None
        key = verified(credential.strip().decode("latin-1"))
        # When it was last used is not worth refusing a request for.
        with suppress(Unavailable):
            actions.touch_key(key)
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401."""
        return f'{SCHEME} realm="api"'


@sensitive_variables()
def verified(credential: str) -> ServiceKey:
    """The good key behind `<prefix>.<secret>`; raises Unauthenticated. What is wrong is told only to who knows the secret."""
    prefix, _, secret = credential.partition(".")
    is_plain = len(credential) <= _LONGEST and credential.isascii() and credential.isprintable()
    key = ServiceKey.objects.filter(prefix=prefix).first() if is_plain else None
    known = key.digest if key is not None else actions.digest_of("")
    is_right = hmac.compare_digest(known, actions.digest_of(secret))
    if key is None or not is_right or not secret:
        raise Unauthenticated("token_invalid", "The API key is not valid.")
    if key.revoked_at is not None:
        raise Unauthenticated("session_revoked", "The API key was revoked.")
    if key.expires_at is not None and key.expires_at <= timezone.now():
        raise Unauthenticated("token_expired", "The API key has expired.")
    return key


def key_of(request: Request) -> ServiceKey | None:
    """The service key that a request came with, if it came with one."""
    return request.auth if isinstance(request.auth, ServiceKey) else None


def principal_of(request: Request) -> str:
    """For whom a write happens once: the key, else the person."""
    key = key_of(request)
    return f"key:{key.prefix}" if key is not None else str(request.user.pk)


class HasScope(BasePermission):
    """Lets in a key with the scope that the view's `scopes` name for the method, and nobody else."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Raises NotAllowed naming the scope that a key lacks, MethodNotAllowed where there is none; False for who has no key."""
        key = key_of(request)
        if key is None:
            return False
        # HEAD is answered as GET is.
        scope = view.scopes.get("GET" if request.method == "HEAD" else request.method)  # type: ignore[attr-defined]
        if scope is None:
            raise MethodNotAllowed(str(request.method))
        if scope not in key.scopes:
            raise NotAllowed("forbidden", f"This API key has no scope {scope}.")
        return True


class KeyedView(CarillonAPIView):
    """A view that takes service keys: its 401 names every scheme it would take."""

    def handle_exception(self, exc: Exception) -> Response:
        """The problem document."""
        response = super().handle_exception(exc)
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            schemes = (each.authenticate_header(self.request) for each in self.get_authenticators())
            response["WWW-Authenticate"] = ", ".join(dict.fromkeys(scheme for scheme in schemes if scheme))
        return response
