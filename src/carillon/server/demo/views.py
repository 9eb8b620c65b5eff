"""REST of the demonstration: who may walk in, and a way to have Python ring someone."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from django.contrib.auth import get_user_model
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from carillon.errors import NotFound
from carillon.notifications.actions import notify
from carillon.notifications.buttons import Button
from carillon.people.queries import person_of
from carillon.rest.parsers import body_as
from carillon.rest.schema import ListOf, problems
from carillon.rest.views import CarillonAPIView
from carillon.server.demo.people import PEOPLE, SIGN_IN

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=150)]


class DemoAccount(msgspec.Struct, frozen=True):
    """An account of the demonstration; its password is its name."""

    username: str
    name: str
    role: str
    about: str


class Ring(msgspec.Struct, frozen=True):
    """Whom to notify, and of what: by a title, or by a registered kind, worded in the recipient's language."""

    username: Name
    title: Annotated[str, msgspec.Meta(max_length=255)] = ""
    kind: Annotated[str, msgspec.Meta(max_length=100)] = ""
    message: Annotated[str, msgspec.Meta(max_length=8000)] = ""
    type: Annotated[str, msgspec.Meta(max_length=32)] = ""
    severity: Annotated[str, msgspec.Meta(max_length=16)] = ""
    url: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    actor: Annotated[str, msgspec.Meta(max_length=150)] = ""
    buttons: list[Button] | None = None


class Rung(msgspec.Struct, frozen=True):
    """The id of the notification; empty when the brake held it back."""

    id: str


class AccountsView(CarillonAPIView):
    """The accounts that the sign-in page offers."""

    permission_classes = (AllowAny,)
    authentication_classes = ()

    @extend_schema(operation_id="demo_accounts", responses={200: ListOf(DemoAccount), **problems()})
    def get(self, request: Request) -> Response:
        """Everybody may read it: that is what a demonstration is."""
        offered = [person for person in PEOPLE if person.username in SIGN_IN]
        return Response([DemoAccount(each.username, each.name, each.role, each.about) for each in offered])


class RingView(CarillonAPIView):
    """Has the server call `notify` for someone."""

    @extend_schema(
        operation_id="demo_ring", request=Ring, responses={201: Rung, **problems(400, 401, 403, 404, 413, 415)}
    )
    def post(self, request: Request) -> Response:
        """Whoever is signed in may ring anybody."""
        body = body_as(Ring, request)
        sent = notify(
            [_user(body.username, "username")],
            body.kind,
            {"name": person_of(request.user).name},
            title=body.title,
            message=body.message,
            type=body.type or ("" if body.kind else "message"),
            severity=body.severity,
            url=body.url,
            buttons=body.buttons,
            actor=_user(body.actor, "actor") if body.actor else None,
        )
        return Response(Rung(sent.notifications[0].pk if sent.notifications else ""), status=201)


def _user(username: str, field: str) -> Any:
    model = get_user_model()
    try:
        return model._default_manager.get_by_natural_key(username)
    except model.DoesNotExist:
        raise NotFound(
            "not_found", f"Nobody is called {username!r}.", details=[{"field": field, "message": "unknown"}]
        ) from None
