"""REST of presence: how people are now."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from carillon.presence import actions
from carillon.presence.requests import MOST_CONVERSATIONS, MOST_PEOPLE, Presences, WatchPresence
from carillon.realtime.command import invalid_field
from carillon.rest.schema import problems
from carillon.rest.views import CarillonAPIView

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
ASKED = [
    OpenApiParameter(
        "people",
        {"type": "string", "pattern": f"^([^,]{{1,100}}(,[^,]{{1,100}}){{0,{MOST_PEOPLE - 1}}})?$"},
        description=f"Ids of at most {MOST_PEOPLE} people, with commas between them.",
    ),
    OpenApiParameter(
        "conversations",
        {"type": "string", "pattern": f"^([1-9][0-9]{{0,17}}(,[1-9][0-9]{{0,17}}){{0,{MOST_CONVERSATIONS - 1}}})?$"},
        description=f"Ids of at most {MOST_CONVERSATIONS} conversations, whose members are meant.",
    ),
]


class PresenceView(CarillonAPIView):
    """How people are."""

    @extend_schema(operation_id="presence", parameters=ASKED, responses={200: Presences, **problems(400, 401)})
    def get(self, request: Request) -> Response:
        """Those of these people, and of the members of these conversations, whom one may see; others are left out."""
        asked = _asked(request.query_params)
        return Response(Presences(actions.watch(str(request.user.pk), asked.people, asked.groups).people))


def _asked(query: Mapping[str, str]) -> WatchPresence:
    """What a query string asks for; raises Invalid naming what is wrong."""
    given: dict[str, list[str]] = {
        name: query[name].split(",") if query.get(name) else [] for name in WatchPresence.__struct_fields__
    }
    numbers = [int(part) if _NUMBER.fullmatch(part) else part for part in given["conversations"]]
    try:
        return msgspec.convert({**given, "conversations": numbers}, WatchPresence)
    except msgspec.ValidationError as error:
        raise invalid_field(error) from None
