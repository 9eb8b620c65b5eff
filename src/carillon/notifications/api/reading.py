"""REST of reading: snapshots with the position from which events go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from carillon.errors import NotFound
from carillon.notifications import actions, queries
from carillon.notifications.api.bodies import Counters, NotificationDetail, NotificationPage
from carillon.notifications.events import Notification
from carillon.notifications.topics import topic_of
from carillon.realtime.topic import Topic
from carillon.rest.pages import page_request
from carillon.rest.schema import problems
from carillon.rest.views import CarillonAPIView

_TEXT = {"type": "string", "maxLength": queries.MAX_TEXT}

FILTERS = [
    OpenApiParameter("view", str, enum=queries.VIEWS, description="Which list; inbox by default."),
    OpenApiParameter("unread", bool, description="Only what is not read."),
    *[OpenApiParameter(name, _TEXT) for name in ("type", "kind", "severity")],
    OpenApiParameter("q", _TEXT, description="Words in the title or the message."),
    OpenApiParameter("cursor", str, description="`next` of the page before."),
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 30}),
]


def snapshot_of(request: Request, read: Callable[[Any, Topic], queries.Snapshot]) -> queries.Snapshot:
    """What `read` finds for the person and their topic; what was pending is announced first, and all is read again."""
    user, topic = request.user.pk, topic_of(request.user.pk)
    found = read(user, topic)
    if found.is_settled:
        return found
    actions.settle([user])
    return read(user, topic)


class ListView(CarillonAPIView):
    """A person's notifications."""

    @extend_schema(
        operation_id="notifications", parameters=FILTERS, responses={200: NotificationPage, **problems(400, 401)}
    )
    def get(self, request: Request) -> Response:
        """A page, newest first, with the counters and the position from which events go on."""
        filters, wanted = queries.filters_of(request.query_params), page_request(request.query_params)
        page = snapshot_of(request, lambda user, topic: queries.read_page(user, topic, filters, wanted))
        return Response(NotificationPage(page.results, page.next, page.inbox, page.position))


class CountersView(CarillonAPIView):
    """The counters alone."""

    @extend_schema(operation_id="inbox", responses={200: Counters, **problems(401)})
    def get(self, request: Request) -> Response:
        """Unread and unseen, and the position they belong to."""
        found = snapshot_of(request, queries.read_counters)
        return Response(Counters(found.inbox, found.position))


class DetailView(CarillonAPIView):
    """One notification."""

    @extend_schema(operation_id="notification", responses={200: NotificationDetail, **problems(401, 404)})
    def get(self, request: Request, id: str) -> Response:
        """The notification, whole."""
        found = snapshot_of(request, lambda user, topic: queries.read_one(user, topic, id))
        return Response(NotificationDetail(one_of(found), found.inbox, found.position))


def one_of(found: queries.Snapshot) -> Notification:
    """The notification that was asked for; raises NotFound for another's as for none."""
    if not found.results:
        raise NotFound("not_found", "There is no such notification.")
    return found.results[0]
