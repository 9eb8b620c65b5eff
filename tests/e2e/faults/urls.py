"""Routes of the server under faults: the ready-made server's, and those of halls."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path
from rest_framework.request import Request
from rest_framework.response import Response

from carillon.people.queries import users
from carillon.realtime import log
from carillon.realtime.topic import Topic
from carillon.rest.idempotency import repeatable
from carillon.rest.parsers import body_as
from carillon.rest.views import CarillonAPIView
from carillon.server.urls import urlpatterns as ready_made
from tests.e2e.faults import hall


class SayView(CarillonAPIView):
    """Say something, once for each `Idempotency-Key`, over both doors."""

    def post(self, request: Request) -> Response:
        """201 with the position."""
        words = body_as(hall.Say, request)
        return repeatable(request, "hall.say", words, lambda: hall.spoken(hall.say(words)), status=201)


class DoorView(CarillonAPIView):
    """Send a person away, or let them in again."""

    def post(self, request: Request, key: str, person: str, way: str) -> Response:
        """Answers when it is committed."""
        assert users([person]).exists()
        (hall.send_away if way == "out" else hall.let_in)(key, person)
        return Response({})


class PositionView(CarillonAPIView):
    """The snapshot of a topic, as far as tests need one: where it stands."""

    def get(self, request: Request, topic: str) -> Response:
        """The position."""
        position = log.head(Topic.parse(topic)).position
        return Response({"epoch": position.epoch, "offset": position.offset})


urlpatterns: list[URLPattern | URLResolver] = [
    path("faults/say/", SayView.as_view()),
    path("faults/door/<str:key>/<str:person>/<str:way>/", DoorView.as_view()),
    path("faults/position/<str:topic>/", PositionView.as_view()),
    *ready_made,
]
