"""REST of signing in: a password for tokens, a refresh token for new ones."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import FormParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from carillon.errors import Unauthenticated
from carillon.people import queries
from carillon.people.api import throttles
from carillon.people.api.bodies import Login, Refresh, Session, TokenPair
from carillon.people.api.cookies import check_origin, drop_refresh_cookie, refresh_cookie, set_refresh_cookie
from carillon.rest.parsers import StrictJSONParser, body_as, struct_of
from carillon.rest.schema import example, problems
from carillon.rest.views import CarillonAPIView

# She is in the demonstration.
_ALICE = example(**dict.fromkeys(("username", "password"), "alice"))


class _OpenView(CarillonAPIView):
    """A view for people who are not signed in (yet, or any more)."""

    permission_classes = (AllowAny,)
    authentication_classes = ()


class LoginView(_OpenView):
    """Signs in with a password; the refresh token goes into an HttpOnly cookie."""

    throttle_classes = (throttles.LoginLimit, throttles.LoginAddressLimit)

    @extend_schema(
        operation_id="login",
        request=Login,
        examples=_ALICE,
        responses={200: Session, **problems(400, 401, 403, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Answers the same for an unknown name as for a wrong password."""
        from carillon.people import tokens

        check_origin(request)
        pair = tokens.open_session(_verified(request), request.headers.get("User-Agent", ""))
        return set_refresh_cookie(Response(_session(pair)), request, pair.refresh, tokens.refresh_lifetime())


class RefreshView(_OpenView):
    """Changes the refresh cookie for a new one and an access token."""

    throttle_classes = (throttles.RefreshLimit,)

    @extend_schema(operation_id="refresh", request=None, responses={200: Session, **problems(401, 403, 429)})
    def post(self, request: Request) -> Response:
        """Tabs that ask at once get the same successor; a cookie used long ago ends its session."""
        from carillon.people import tokens

        check_origin(request)
        cookie = refresh_cookie(request)
        if not cookie:
            raise Unauthenticated("unauthenticated", "Sign in first.")
        try:
            pair = tokens.rotate(cookie)
        except Unauthenticated as error:
            return drop_refresh_cookie(self.handle_exception(error), request)
        return set_refresh_cookie(Response(_session(pair)), request, pair.refresh, tokens.refresh_lifetime())


class TokenView(_OpenView):
    """`POST /api/token/` of the documents: both tokens in the body."""

    parser_classes = (StrictJSONParser, FormParser)
    throttle_classes = (throttles.LoginLimit, throttles.LoginAddressLimit)

    @extend_schema(
        operation_id="token",
        request=Login,
        examples=_ALICE,
        responses={200: TokenPair, **problems(400, 401, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Answers the same for an unknown name as for a wrong password."""
        from carillon.people import tokens

        pair = tokens.open_session(_verified(request), request.headers.get("User-Agent", ""))
        return Response(TokenPair(pair.access, pair.refresh))


class TokenRefreshView(_OpenView):
    """`POST /api/token/refresh/` of the documents; the refresh token is rotated."""

    parser_classes = (StrictJSONParser, FormParser)
    throttle_classes = (throttles.RefreshLimit,)

    @extend_schema(
        operation_id="token_refresh", request=Refresh, responses={200: TokenPair, **problems(400, 401, 413, 415, 429)}
    )
    def post(self, request: Request) -> Response:
        """A token used long ago ends its session."""
        from carillon.people import tokens

        pair = tokens.rotate(_body(Refresh, request).refresh)
        return Response(TokenPair(pair.access, pair.refresh))


def _body(struct: type[Any], request: Request) -> Any:
    """The body as a struct, also from a form."""
    if hasattr(request.data, "dict"):
        return struct_of(struct, request.data.dict())
    return body_as(struct, request)


def _verified(request: Request) -> Any:
    """The user whose password was given; as slow for an unknown name as for a wrong password."""
    body = _body(Login, request)
    django_request = request._request
    user = authenticate(django_request, username=body.username, password=body.password)
    if user is None:
        raise Unauthenticated("unauthenticated", "Wrong user name or password.")
    user_logged_in.send(sender=user.__class__, request=django_request, user=user)
    return user


def _session(pair: Any) -> Session:
    from carillon.people import tokens

    preferences = queries.preferences_of(pair.user)
    return Session(
        access=pair.access,
        expires_in=tokens.access_seconds(),
        person=queries.person_of(pair.user),
        language=preferences.language,
        time_zone=preferences.time_zone,
    )
