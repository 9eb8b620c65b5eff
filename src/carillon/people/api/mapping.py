"""REST for services: people by the ids that a service knows them by."""

from __future__ import annotations

from typing import Any, NoReturn

import msgspec
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from carillon.errors import NotFound, Unauthenticated
from carillon.people import actions, queries
from carillon.people.api import throttles
from carillon.people.api.bodies import MappedPerson, PersonChanges
from carillon.people.keys import ApiKeyAuthentication, HasScope, KeyedView
from carillon.rest.parsers import body_as
from carillon.rest.schema import example, problems

_COLUMNS = {"name": "display_name", "role": "role", "language": "language", "time_zone": "time_zone"}
EXTERNAL_ID = OpenApiParameter(
    "external_id",
    {"type": "string", "minLength": 1, "maxLength": 200},
    OpenApiParameter.PATH,
    description="The id by which the service knows the person: printable, without `/`.",
)


class MappedPersonView(KeyedView):
    """Someone by an id of the namespace that the service key names."""

    authentication_classes = (ApiKeyAuthentication,)
    permission_classes = (HasScope,)
    throttle_classes = (throttles.KeyLimit,)
    scopes = {"GET": "people:read", "PUT": "people:write", "DELETE": "people:write"}

    def permission_denied(self, request: Request, message: str | None = None, code: str | None = None) -> NoReturn:
        """Say what is needed: signing in does not help here."""
        raise Unauthenticated("unauthenticated", "A service key is needed: Authorization: Api-Key <prefix>.<secret>.")

    @extend_schema(
        operation_id="mapped_person",
        parameters=[EXTERNAL_ID],
        responses={200: MappedPerson, **problems(400, 401, 403, 404, 429)},
    )
    def get(self, request: Request, external_id: str) -> Response:
        """Whom the id means."""
        actions.check_external_id(external_id)
        mapping = actions.mapping_of(_namespace(request), external_id).select_related("user__carillon_profile").first()
        if mapping is None:
            raise NotFound("not_found", "Nobody is mapped to this id.")
        return Response(_state(external_id, mapping.user))

    @extend_schema(
        operation_id="put_mapped_person",
        parameters=[EXTERNAL_ID],
        request=PersonChanges,
        examples=example(name="Alice Fontaine", language="fr"),
        responses={200: MappedPerson, 201: MappedPerson, **problems(400, 401, 403, 409, 413, 415, 429)},
    )
    def put(self, request: Request, external_id: str) -> Response:
        """Make the person, or change what is given; 201 where the id is newly mapped."""
        given: dict[str, Any] = msgspec.to_builtins(body_as(PersonChanges, request))
        wishes = actions.Wishes(
            user=given.get("user"),
            username=given.get("username"),
            email=given.get("email"),
            profile={_COLUMNS[name]: value for name, value in given.items() if name in _COLUMNS},
        )
        user, is_new = actions.put_person(_namespace(request), external_id, wishes)
        return Response(_state(external_id, user), status=201 if is_new else 200)

    @extend_schema(
        operation_id="unmap_person",
        parameters=[EXTERNAL_ID],
        responses={204: None, **problems(400, 401, 403, 404, 429)},
    )
    def delete(self, request: Request, external_id: str) -> Response:
        """Forget the mapping; the person and their notifications stay."""
        actions.check_external_id(external_id)
        actions.unmap_person(_namespace(request), external_id)
        return Response(status=204)


def _namespace(request: Request) -> str:
    key: Any = request.auth
    return str(key.namespace)


def _state(external_id: str, user: Any) -> MappedPerson:
    preferences = queries.preferences_of(user)
    return MappedPerson(
        external_id=external_id,
        person=queries.person_of(user),
        username=user.get_username(),
        email=queries.email_of(user),
        language=preferences.language,
        time_zone=preferences.time_zone,
    )
