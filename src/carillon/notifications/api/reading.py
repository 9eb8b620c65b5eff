"""REST of reading: snapshots with the position from which events go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from carillon.notifications import actions, queries
from carillon.notifications.api.bodies import Counters, NotificationDetail, NotificationPage
from carillon.notifications.events import Inbox
from carillon.notifications.topics import topic_of
from carillon.realtime import log
from carillon.realtime.event import Position
from carillon.rest.pages import page_request, read_page
from carillon.rest.schema import problems
from carillon.rest.views import CarillonAPIView

_Found = TypeVar("_Found")
_ATTEMPTS = 2

_TEXT = {"type": "string", "maxLength": queries.MAX_TEXT}

FILTERS = [
    OpenApiParameter("view", str, enum=queries.VIEWS, description="Which list; inbox by default."),
    OpenApiParameter("unread", bool, description="Only what is not read."),
    *[OpenApiParameter(name, _TEXT) for name in ("type", "kind", "severity")],
    OpenApiParameter("q", _TEXT, description="Words in the title or the message."),
    OpenApiParameter("cursor", str, description="`next` of the page before."),
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 30}),
]


def snapshot_of(request: Request, read: Callable[[], _Found]) -> tuple[_Found, Inbox, Position]:
    """What `read` finds, the counters and where the person's log stands, all of one moment; what was pending is announced first.

    Somebody wrote meanwhile: all is read again; the last time, writers wait for it.
    """
    user, topic = request.user.pk, topic_of(request.user.pk)

    def take() -> tuple[_Found, Inbox, Position]:
        position = log.head(topic).position
        return read(), queries.inbox_of(user), position

    actions.settle_if_needed(user)
    for _ in range(_ATTEMPTS):
        taken = take()
        if log.head(topic).position == taken[2]:
            return taken
    with transaction.atomic(using=log.alias()):
        queries.hold_inbox(user)
        return take()


class ListView(CarillonAPIView):
    """A person's notifications."""

    @extend_schema(
        operation_id="notifications", parameters=FILTERS, responses={200: NotificationPage, **problems(400, 401)}
    )
    def get(self, request: Request) -> Response:
        """A page, newest first, with the counters and the position from which events go on."""
        filters, wanted = queries.filters_of(request.query_params), page_request(request.query_params)
        page, inbox, position = snapshot_of(
            request, lambda: read_page(queries.rows_of(request.user.pk, filters), "number", wanted)
        )
        return Response(NotificationPage(queries.states_of(page.rows), page.next, inbox, position))


class CountersView(CarillonAPIView):
    """The counters alone."""

    @extend_schema(operation_id="inbox", responses={200: Counters, **problems(401)})
    def get(self, request: Request) -> Response:
        """Unread and unseen, and the position they belong to."""
        _, inbox, position = snapshot_of(request, lambda: None)
        return Response(Counters(inbox, position))


class DetailView(CarillonAPIView):
    """One notification."""

    @extend_schema(operation_id="notification", responses={200: NotificationDetail, **problems(401, 404)})
    def get(self, request: Request, id: str) -> Response:
        """The notification, whole."""
        row, inbox, position = snapshot_of(request, lambda: queries.row_of(request.user.pk, id))
        return Response(NotificationDetail(queries.states_of([row])[0], inbox, position))
