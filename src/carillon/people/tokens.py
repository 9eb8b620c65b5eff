"""Pairs of simplejwt tokens whose `sid` names a SignIn; using a refresh token that was rotated away ends its session.

simplejwt's own blacklist is not used: it keeps whole refresh tokens in the database, in clear.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt import authentication
from rest_framework_simplejwt.exceptions import ExpiredTokenError, TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token

from carillon.errors import Unauthenticated
from carillon.people import actions, queries
from carillon.people.claims import plainly_good
from carillon.people.models import SignIn
from carillon.people.prepared import Prepared, PreparedMany
from carillon.people.standing import Standing, standings


class Pair(msgspec.Struct, frozen=True):
    """An access token, the refresh token beside it, and whose they are."""

    access: str
    refresh: str
    user: Any


def access_seconds() -> int:
    """How long an access token is good for."""
    return int(api_settings.ACCESS_TOKEN_LIFETIME.total_seconds())


def refresh_lifetime() -> dt.timedelta:
    """How long a refresh token is good for."""
    lifetime: dt.timedelta = api_settings.REFRESH_TOKEN_LIFETIME
    return lifetime


def open_session(user: Any, user_agent: str = "") -> Pair:
    """Sign a verified user in on a new device."""
    session = actions.sign_in(user, refresh_jti=uuid.uuid4().hex, lifetime=refresh_lifetime(), user_agent=user_agent)
    return _pair(user, session)


def rotate(refresh: str) -> Pair:
    """Change a refresh token for a new pair; raises Unauthenticated, and ends the session of a token used long ago."""
    token = _read(refresh)
    sid, jti = str(token.get("sid", "")), str(token[api_settings.JTI_CLAIM])
    user = _user(token[api_settings.USER_ID_CLAIM])
    if user is None or not user.is_active:
        raise Unauthenticated("session_revoked", "This account is disabled.")
    session = actions.rotate_refresh(sid, user.pk, old=jti, new=uuid.uuid4().hex, lifetime=refresh_lifetime())
    return _pair(user, session)


def session_of_refresh(refresh: str) -> tuple[str, str]:
    """The session id and user key in a good refresh token; raises Unauthenticated."""
    token = _read(refresh)
    return str(token.get("sid", "")), str(token[api_settings.USER_ID_CLAIM])


class JWTAuthentication(authentication.JWTAuthentication):
    """simplejwt's, and the session behind the token is looked up with the user, in the same query."""

    def get_validated_token(self, raw_token: bytes) -> Token:
        """The token; AuthenticationFailed `token_expired` or `token_invalid`."""
        try:
            return AccessToken(raw_token)  # type: ignore[arg-type]
        except ExpiredTokenError as error:
            raise AuthenticationFailed(_("The token has expired."), "token_expired") from error
        except TokenError as error:
            raise AuthenticationFailed(_("The token is not valid."), "token_invalid") from error

    def get_user(self, validated_token: Token) -> Any:
        """The active user whose session has not ended; AuthenticationFailed `session_revoked` else."""
        key, sid = validated_token.get(api_settings.USER_ID_CLAIM), _sid(validated_token)
        user = _user_of_session(key, sid) if sid else _user_of_plain(key, validated_token)
        if user is None or not user.is_active:
            raise AuthenticationFailed(_("You were signed out."), "session_revoked")
        return user


def standings_of(raw: Sequence[str]) -> list[tuple[Standing, Mapping[str, Any]] | None]:
    """Whose these access tokens are, and what they say, in two queries; None for what must be looked at by itself."""
    read = [_claims(text) for text in raw]
    using = SignIn.objects.db
    sids = [sid for claims in read if claims and (sid := _sid(claims))]
    people: dict[str, Any] = {sid: user for sid, user in _live_sessions.tuples(sids, using)} if sids else {}
    keys = [people.get(_sid(claims), claims.get(api_settings.USER_ID_CLAIM)) for claims in read if claims]
    found = standings(keys, api_settings.USER_ID_FIELD, using)

    def known(claims: Mapping[str, Any]) -> Standing | None:
        sid, key = _sid(claims), claims.get(api_settings.USER_ID_CLAIM)
        standing = found.get(str(people.get(sid) if sid else key))
        is_theirs = standing is not None and standing.named == str(key) and standing.is_active
        return standing if standing and is_theirs and (sid or _is_since(claims, standing.signed_out_at)) else None

    return [(standing, claims) if claims and (standing := known(claims)) else None for claims in read]


_live_sessions = PreparedMany(
    lambda sids: SignIn.objects.filter(sid__in=sids, revoked_at=None).values_list("sid", "user"),
    lambda: SignIn._meta.pk,
)


def _claims(text: str) -> Mapping[str, Any] | None:
    claims = plainly_good(text)
    if claims is not None:
        return claims
    try:
        return AccessToken(text).payload  # type: ignore[arg-type]
    except TokenError:
        return None


def _sid(claims: Mapping[str, Any] | Token) -> str:
    return str(claims.get("sid", ""))


def _user(key: Any) -> Any:
    users = get_user_model()._base_manager.select_related("carillon_profile")
    try:
        return users.filter(**{api_settings.USER_ID_FIELD: key}).first()
    except (ValueError, TypeError, ValidationError):
        # Signed by us, but made for another user model.
        return None


def _by_session(sid: str) -> QuerySet[Any]:
    live = SignIn.objects.filter(sid=sid, revoked_at=None)
    users = get_user_model()._base_manager.using(live.db).select_related("carillon_profile")
    return users.filter(pk__in=live.values("user"))


_users_of_sessions = Prepared(_by_session)


def _user_of_session(key: Any, sid: str) -> Any:
    user = _users_of_sessions.first(sid, SignIn.objects.db)
    return None if user is None or str(getattr(user, api_settings.USER_ID_FIELD)) != str(key) else user


def _user_of_plain(key: Any, token: Token) -> Any:
    """A token made without a session, by host code or a test: signing out everywhere still ends it."""
    user = _user(key)
    return user if user is not None and _is_since(token, queries.profile_of(user).signed_out_at) else None


def _is_since(claims: Mapping[str, Any] | Token, signed_out: dt.datetime | None) -> bool:
    """Whether a token was issued since its user signed out everywhere."""
    return signed_out is None or claims.get("iat", 0) >= int(signed_out.timestamp())


def _read(refresh: str) -> RefreshToken:
    try:
        return RefreshToken(refresh)  # type: ignore[arg-type]
    except ExpiredTokenError:
        raise Unauthenticated("token_expired", "The refresh token has expired.") from None
    except TokenError:
        raise Unauthenticated("token_invalid", "The refresh token is not valid.") from None


def _pair(user: Any, session: SignIn) -> Pair:
    refresh = RefreshToken()
    # The same id and expiry each time: tabs that rotate at once get the same successor.
    refresh[api_settings.JTI_CLAIM] = session.refresh_jti
    refresh["exp"] = int(session.expires_at.timestamp())
    refresh[api_settings.USER_ID_CLAIM] = str(getattr(user, api_settings.USER_ID_FIELD))
    refresh["sid"] = session.sid
    return Pair(access=str(refresh.access_token), refresh=str(refresh), user=user)
