"""Verifies what opens a socket: bearer tokens by the host's DRF classes, one-time tickets, Django's session cookie."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from django.conf import settings as django_settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import translation
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.settings import api_settings

from carillon.errors import Unauthenticated
from carillon.people import actions, queries, stamps
from carillon.people.standing import Standing, standing_of
from carillon.realtime import identity
from carillon.realtime.identity import Credential, Handshake, Identity, Verifier
from carillon.rest.problems import authentication_error

# A password on a socket would be a way to guess passwords past every limit on signing in; a service key is nobody.
_REFUSED_SCHEMES = {"basic", "api-key"}
_OURS = "carillon.people.tokens.JWTAuthentication"
_HIDDEN_HEADERS = ("authorization", "cookie", "sec-websocket-")


def register() -> None:
    """Tell the kernel who verifies what, and how connected people are checked again."""
    identity.register_verifier(["bearer"], _in_english(verify_bearer), verify_bearers)
    identity.register_verifier(["ticket"], verify_ticket)
    identity.register_verifier(["session"], verify_session)
    identity.register_verifier(["user"], verify_user)
    identity.register_stamps(stamps.stamps_of)


def verify_bearer(credential: Credential, handshake: Handshake) -> Identity:
    """The person behind a token, as the host's DEFAULT_AUTHENTICATION_CLASSES see it; raises Unauthenticated."""
    refusal = Unauthenticated("token_invalid", "The token is not valid.")
    classes: Any = api_settings.DEFAULT_AUTHENTICATION_CLASSES
    for authenticator in (each() for each in classes):
        request = _request(handshake)
        scheme = _scheme(authenticator, request)
        if not scheme or scheme.lower() in _REFUSED_SCHEMES:
            continue
        request.META["HTTP_AUTHORIZATION"] = f"{scheme} {credential.value}"
        try:
            found = authenticator.authenticate(Request(request))
        except APIException as error:
            # An expired token is expired for the one class that can read it, and nonsense to the others.
            refusal = max(refusal, authentication_error(error), key=lambda told: told.slug != "token_invalid")
            continue
        if found is not None:
            user, auth = found
            return _of_token(user, auth)
    raise refusal


def verify_bearers(credentials: Sequence[Credential]) -> Sequence[Identity | None]:
    """The people behind good tokens of ours; None wherever `verify_bearer` may say anything else, or more."""
    classes: Any = api_settings.DEFAULT_AUTHENTICATION_CLASSES
    if not classes or f"{classes[0].__module__}.{classes[0].__qualname__}" != _OURS:
        return [None] * len(credentials)
    # A host that does not name the class may be without simplejwt.
    from carillon.people import tokens

    found = tokens.standings_of([credential.value for credential in credentials])
    return [None if each is None else _identity(each[0], *_session_of(each[1])) for each in found]


def verify_ticket(credential: Credential, handshake: Handshake) -> Identity:
    """The person a ticket was issued to; it is used up. Raises Unauthenticated."""
    ticket = actions.redeem_ticket(credential.value)
    return identity_of(ticket.user, session=ticket.session, expires_at=ticket.session_expires_at)


def verify_session(credential: Credential, handshake: Handshake) -> Identity:
    """The person signed in by this session cookie; raises Unauthenticated."""
    request = _request(handshake, session_key=credential.value)
    user = get_user(request)
    if not user.is_authenticated:
        raise Unauthenticated("unauthenticated", "Sign in first.")
    return identity_of(user, session=django_session_id(credential.value))


def verify_user(credential: Credential, handshake: Handshake) -> Identity:
    """Whom the host's own middleware signed in, as they are now; raises Unauthenticated for who is gone."""
    user = queries.users([credential.value]).first()
    if user is None:
        raise Unauthenticated("unauthenticated", "Sign in first.")
    # A browser whose session ends is signed out, however the host recognised it.
    return identity_of(user, session=django_session_id(handshake.session_cookie) if handshake.session_cookie else "")


def identity_of(user: Any, *, session: str = "", expires_at: float | None = None) -> Identity:
    """The verified identity of a user; raises Unauthenticated `session_revoked` for a disabled account."""
    return _identity(standing_of(user), session, expires_at)


def _identity(standing: Standing, session: str, expires_at: float | None) -> Identity:
    if not standing.is_active:
        raise Unauthenticated("session_revoked", "This account is disabled.")
    principals = [standing.person]
    if session:
        principals.append(f"session:{session}")
    if not session.startswith(actions.SIGN_IN_PREFIX):
        principals.append(f"password:{standing.password}")
    return Identity(
        person=standing.person,
        face=standing.face,
        principals=tuple(principals),
        expires_at=expires_at,
        stamp=standing.stamp,
    )


def django_session_id(session_key: str) -> str:
    """The id by which a session of Django's is named in events; gives the key itself away to nobody."""
    return actions.DJANGO_PREFIX + hashlib.sha256(session_key.encode()).hexdigest()[:32]


def session_of(request: Any) -> tuple[str, float | None]:
    """The id of the session behind an authenticated REST request (empty when unknown), and when its token expires."""
    session = _text_claim(request.auth, "sid")
    if not session and request.auth is None and (key := getattr(getattr(request, "session", None), "session_key", "")):
        session = django_session_id(key)
    return session, _expiry(request.auth)


def _in_english(verify: Verifier) -> Verifier:
    """Some classes tell an expired token from a bad one by their translated text alone."""

    def run(credential: Credential, handshake: Handshake) -> Identity:
        with translation.override("en"):
            return verify(credential, handshake)

    return run


def _of_token(user: Any, auth: Any) -> Identity:
    session, expires_at = _session_of(auth)
    return identity_of(user, session=session, expires_at=expires_at)


def _session_of(auth: Any) -> tuple[str, float | None]:
    return _text_claim(auth, "sid"), _expiry(auth)


def _request(handshake: Handshake, session_key: str | None = None) -> HttpRequest:
    """A request as the host's classes expect it, without the handshake's cookies and without anybody signed in."""
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = handshake.path
    request.META = {"REMOTE_ADDR": handshake.client, "SERVER_NAME": "socket", "SERVER_PORT": "0"}
    for name, value in handshake.headers.items():
        if not name.startswith(_HIDDEN_HEADERS):
            request.META["HTTP_" + name.upper().replace("-", "_")] = value
    request.session = import_module(django_settings.SESSION_ENGINE).SessionStore(session_key)
    request.user = AnonymousUser()
    return request


def _scheme(authenticator: BaseAuthentication, request: HttpRequest) -> str:
    announced = authenticator.authenticate_header(Request(request)) or ""
    return announced.partition(" ")[0]


def _claim(auth: Any, name: str) -> Any:
    read = getattr(auth, "get", None)
    return read(name) if callable(read) else None


def _text_claim(auth: Any, name: str) -> str:
    value = _claim(auth, name)
    return value if isinstance(value, str) and len(value) <= 64 else ""


def _expiry(auth: Any) -> float | None:
    value = _claim(auth, "exp")
    return float(value) if isinstance(value, int | float) else None
