"""REST of pressing the buttons of a notification."""

from __future__ import annotations

from typing import Annotated

import msgspec
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from carillon.notifications import actions
from carillon.notifications.requests import Changed, changed
from carillon.rest.parsers import body_as
from carillon.rest.schema import problems
from carillon.rest.views import CarillonAPIView


class Pressing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The name of the button."""

    action: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


class PressView(CarillonAPIView):
    """Presses a button of one notification."""

    @extend_schema(
        operation_id="press_notification",
        request=Pressing,
        responses={200: Changed, **problems(400, 401, 403, 404, 409, 413, 415)},
    )
    def post(self, request: Request, id: str) -> Response:
        """Carry its command out, once; pressed already, here or elsewhere, the answer tells how."""
        body = body_as(Pressing, request)
        return Response(changed(actions.press(request.user.pk, id, body.action))())
