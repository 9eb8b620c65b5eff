"""REST of the signed-in person: who I am, my password, my sessions, tickets for sockets."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import msgspec
from django.contrib.auth import logout, update_session_auth_hash
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from carillon.conf import settings
from carillon.errors import Detail, Invalid, Unauthenticated
from carillon.people import actions, queries
from carillon.people.api import throttles
from carillon.people.api.bodies import Me, MeChanges, NewPassword, SocketTicket
from carillon.people.api.cookies import check_origin, drop_refresh_cookie, refresh_cookie
from carillon.people.credentials import session_of
from carillon.rest.parsers import body_as
from carillon.rest.schema import example, problems
from carillon.rest.views import CarillonAPIView

_COLUMNS = {"name": "display_name", "avatar": "avatar_url", "language": "language", "time_zone": "time_zone"}


class LogoutView(CarillonAPIView):
    """Ends the session of this device, even when its access token has expired."""

    permission_classes = (AllowAny,)

    def perform_authentication(self, request: Request) -> None:
        """Not before it is needed: the cookie alone is enough."""

    @extend_schema(operation_id="logout", request=None, responses={204: None, **problems(400, 401, 403)})
    def post(self, request: Request) -> Response:
        """Closes the sockets of the session, and drops the cookie."""
        cookie = refresh_cookie(request)
        if cookie:
            check_origin(request)
        if not (cookie and _signed_out_by_cookie(cookie)) and _is_signed_in(request, may_fail=not cookie):
            _sign_out_by_request(request)
        return drop_refresh_cookie(Response(status=204), request)


class LogoutAllView(CarillonAPIView):
    """Ends every session of the person."""

    @extend_schema(operation_id="logout_all", request=None, responses={204: None, **problems(401, 403)})
    def post(self, request: Request) -> Response:
        """Closes all their sockets."""
        actions.sign_out_everywhere(request.user)
        return drop_refresh_cookie(Response(status=204), request)


class PasswordView(CarillonAPIView):
    """Changes one's own password."""

    throttle_classes = (throttles.PasswordLimit,)

    @extend_schema(
        operation_id="change_password",
        request=NewPassword,
        responses={204: None, **problems(400, 401, 403, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Ends every other session; this one goes on."""
        body = body_as(NewPassword, request)
        session, _ = session_of(request)
        user: Any = request.user
        actions.change_password(user, current=body.current, new=body.new, session=session)
        if request.auth is None and hasattr(request, "session"):
            update_session_auth_hash(request._request, user)
        return Response(status=204)


class TicketView(CarillonAPIView):
    """Issues one-time tickets for sockets, where no header can be set."""

    throttle_classes = (throttles.TicketLimit,)

    @extend_schema(operation_id="ticket", request=None, responses={201: SocketTicket, **problems(401, 403, 429)})
    def post(self, request: Request) -> Response:
        """The socket lives no longer than the credential the ticket was bought with."""
        session, expires_at = session_of(request)
        ticket = actions.issue_ticket(request.user, session=session, session_expires_at=expires_at)
        return Response(SocketTicket(ticket, settings.TICKET_SECONDS), status=201)


class MeView(CarillonAPIView):
    """The signed-in person."""

    @extend_schema(operation_id="me", responses={200: Me, **problems(401, 403)})
    def get(self, request: Request) -> Response:
        """Public face, account and preferences."""
        return Response(_me(request.user))

    @extend_schema(
        operation_id="change_me",
        request=MeChanges,
        examples=example(name="Alice Fontaine", language="fr", time_zone="Europe/Paris"),
        responses={200: Me, **problems(400, 401, 403, 413, 415)},
    )
    def patch(self, request: Request) -> Response:
        """Changes what is given; other tabs are told."""
        given: dict[str, Any] = msgspec.to_builtins(body_as(MeChanges, request))
        if given:
            _update_profile(request.user, given)
        return Response(_me(request.user))


def _update_profile(user: Any, given: Mapping[str, str]) -> None:
    """Change the profile; a refused column is told under the name that the request gave it."""
    names = {column: name for name, column in _COLUMNS.items()}
    try:
        actions.update_profile(user, **{_COLUMNS[name]: value for name, value in given.items()})
    except Invalid as error:
        details: list[Detail] = [
            {"field": names.get(told["field"], told["field"]), "message": told["message"]} for told in error.details
        ]
        raise Invalid(error.slug, error.message, details=details) from None


def _me(user: Any) -> Me:
    preferences = queries.preferences_of(user)
    return Me(
        person=queries.person_of(user),
        username=user.get_username(),
        email=getattr(user, "email", ""),
        language=preferences.language,
        time_zone=preferences.time_zone,
    )


def _signed_out_by_cookie(cookie: str) -> bool:
    """Whether the cookie named a session of ours; a left-over one, or one of another application, does not."""
    if not find_spec("rest_framework_simplejwt"):
        return False
    from carillon.people import tokens

    try:
        sid, key = tokens.session_of_refresh(cookie)
    except Unauthenticated:
        return False
    actions.end_sign_in(sid, key)
    return True


def _is_signed_in(request: Request, *, may_fail: bool) -> bool:
    """Whether there is anybody to sign out; with a cookie, an expired access token is nobody."""
    try:
        return bool(request.user and request.user.is_authenticated)
    except AuthenticationFailed:
        if may_fail:
            raise
        return False


def _sign_out_by_request(request: Request) -> None:
    session, _ = session_of(request)
    if session.startswith(actions.DJANGO_PREFIX):
        logout(request._request)
    elif session:
        actions.sign_out(request.user.pk, session)
    else:
        raise Invalid("invalid", "This credential names no session; sign out everywhere instead.")
