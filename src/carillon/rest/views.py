"""The base of every view: the same behaviour in any host, but for authentication, which is the host's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from django.db import transaction
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from carillon.errors import NotAllowed, Unauthenticated
from carillon.rest.parsers import StrictJSONParser
from carillon.rest.problems import handle_exception, request_id
from carillon.rest.renderers import JSONRenderer, OneFormat
from carillon.rest.schema import CarillonSchema


class CarillonAPIView(APIView):
    """JSON in, JSON out, problems as RFC 9457, signed-in people only, never inside the host's `ATOMIC_REQUESTS`."""

    parser_classes: Any = (StrictJSONParser,)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = OneFormat
    permission_classes: Any = (IsAuthenticated,)
    throttle_classes: Any = ()
    versioning_class = None
    metadata_class = None
    schema = CarillonSchema()
    # None: whatever REST_FRAMEWORK says at the time of the request.
    authentication_classes: Any = None

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """The view, exempt from the host's `ATOMIC_REQUESTS`: our replies carry positions, known after commit."""
        return transaction.non_atomic_requests(super().as_view(**initkwargs))

    def get_authenticators(self) -> list[BaseAuthentication]:
        """Those of the view, else those the host configured."""
        classes: Any = self.authentication_classes
        if classes is None:
            classes = api_settings.DEFAULT_AUTHENTICATION_CLASSES
        return [each() for each in classes]

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response]:
        """Ours, whatever the host configured."""
        return handle_exception

    def permission_denied(self, request: Request, message: str | None = None, code: str | None = None) -> NoReturn:
        """Raise Unauthenticated for nobody, NotAllowed for somebody."""
        if not request.user or not request.user.is_authenticated:
            raise Unauthenticated("unauthenticated", "Sign in first.")
        raise NotAllowed("forbidden", message)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Echo the request id, and keep private answers out of caches."""
        final = super().finalize_response(request, response, *args, **kwargs)
        django_request: HttpRequest = getattr(request, "_request", request)
        final["X-Request-ID"] = request_id(django_request)
        final.setdefault("Cache-Control", "no-store")
        return final
