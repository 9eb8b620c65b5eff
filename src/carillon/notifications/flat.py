"""REST of notifications as the sources ask for it: plain arrays and plain objects, without positions (REQUIREMENTS 000, 001).

One view for each thing; the dialects' route tables give it its addresses (REQUIREMENTS C15).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, cast

import msgspec
from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from carillon.errors import NotFound
from carillon.notifications import actions, queries
from carillon.notifications.actions import Outcome
from carillon.notifications.api import written
from carillon.notifications.api.reading import one_of, snapshot_of
from carillon.notifications.events import Notification
from carillon.realtime.event import encode_json
from carillon.rest.pages import MAX_LIMIT, page_request
from carillon.rest.schema import IDEMPOTENCY_KEY, CarillonSchema, ListOf, problems
from carillon.rest.views import CarillonAPIView

_ID = re.compile(r"[A-Za-z0-9_-]{1,12}")


class FlatNotification(msgspec.Struct, frozen=True, kw_only=True):
    """A notification with the fields of REQUIREMENTS 000-11, and what a click opens."""

    id: str
    type: str
    title: str
    message: str
    message_id: str
    data: dict[str, Any]
    is_read: bool
    created_at: dt.datetime
    url: str
    severity: str
    kind: str


class UnreadCount(msgspec.Struct, frozen=True):
    """How many are unread."""

    unread_count: int


class Marked(msgspec.Struct, frozen=True):
    """A notification after it was marked, and how many are unread now."""

    notification: FlatNotification
    unread_count: int


class _Inbox(msgspec.Struct, frozen=True):
    unread: int


class _Change(msgspec.Struct, frozen=True):
    """What of a write's answer is said here."""

    inbox: _Inbox
    notifications: list[FlatNotification]


FILTERS = [
    OpenApiParameter("unread_only", bool, description="Only what is not read."),
    OpenApiParameter(
        "type", {"type": "string", "maxLength": queries.MAX_TEXT}, description="Only this type, or this kind."
    ),
    OpenApiParameter("cursor", str, description="Where the page before ended; see the Link header."),
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": MAX_LIMIT}),
    OpenApiParameter(
        "Link", str, OpenApiParameter.HEADER, response=[200], description='The next page, if any: `<…>; rel="next"`.'
    ),
]


class _Schema(CarillonSchema):
    def get_operation_id(self) -> str:
        """The same view at two addresses is two operations."""
        view = cast(FlatView, self.view)
        return f"{view.dialect}_{view.operations[self.method]}"


class FlatView(CarillonAPIView):
    """A view that a dialect gives its address, and its own name in OpenAPI."""

    dialect = ""
    operations: dict[str, str] = {}
    schema = _Schema()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let in who may come in; an id that cannot be one is not found."""
        super().initial(request, *args, **kwargs)
        if not _ID.fullmatch(kwargs.get("id", "0")):
            raise NotFound("not_found", "There is no such notification.")


class ListView(FlatView):
    """A person's notifications."""

    operations = {"GET": "list"}

    @extend_schema(parameters=FILTERS, responses={200: ListOf(FlatNotification), **problems(400, 401)})
    def get(self, request: Request) -> Response:
        """An array, newest first; the newest hundred unless another limit is asked for."""
        filters = queries.flat_filters_of(request.query_params)
        wanted = page_request(request.query_params, MAX_LIMIT)
        page = snapshot_of(request, lambda user, topic: queries.read_page(user, topic, filters, wanted))
        response = Response([_flat(state) for state in page.results])
        if page.next is not None:
            response["Link"] = f'<{_page_url(request, page.next)}>; rel="next"'
        return response


class UnreadCountView(FlatView):
    """How many notifications are unread."""

    operations = {"GET": "unread_count"}

    @extend_schema(responses={200: UnreadCount, **problems(401)})
    def get(self, request: Request) -> Response:
        """The number that a badge shows."""
        return Response(UnreadCount(snapshot_of(request, queries.read_counters).inbox.unread))


class DetailView(FlatView):
    """One notification."""

    operations = {"GET": "detail", "DELETE": "remove"}

    @extend_schema(responses={200: FlatNotification, **problems(401, 404)})
    def get(self, request: Request, id: str) -> Response:
        """The notification."""
        return Response(_flat(one_of(snapshot_of(request, lambda user, topic: queries.read_one(user, topic, id)))))

    @extend_schema(parameters=[IDEMPOTENCY_KEY], responses={200: UnreadCount, **problems(400, 401, 404, 409, 422)})
    def delete(self, request: Request, id: str) -> Response:
        """Delete it for good."""
        return _deleted(request, id)


class DeleteView(FlatView):
    """Deletes one notification, with the verb in the path too (REQUIREMENTS C17)."""

    operations = {"DELETE": "delete"}

    @extend_schema(parameters=[IDEMPOTENCY_KEY], responses={200: UnreadCount, **problems(400, 401, 404, 409, 422)})
    def delete(self, request: Request, id: str) -> Response:
        """Delete it for good."""
        return _deleted(request, id)


class ReadView(FlatView):
    """Marks one notification read."""

    operations = {"POST": "read"}

    @extend_schema(
        request=None, parameters=[IDEMPOTENCY_KEY], responses={200: Marked, **problems(400, 401, 404, 409, 422)}
    )
    def post(self, request: Request, id: str) -> Response:
        """Mark it; again it changes nothing."""
        return _marked(request, id, "notification.read", actions.mark_read)


class UnreadView(FlatView):
    """Marks one notification unread (REQUIREMENTS C18)."""

    operations = {"POST": "unread"}

    @extend_schema(
        request=None, parameters=[IDEMPOTENCY_KEY], responses={200: Marked, **problems(400, 401, 404, 409, 422)}
    )
    def post(self, request: Request, id: str) -> Response:
        """Mark it; again it changes nothing."""
        return _marked(request, id, "notification.unread", actions.mark_unread)


class ReadAllView(FlatView):
    """Marks the whole inbox read."""

    operations = {"POST": "read_all"}

    @extend_schema(
        request=None, parameters=[IDEMPOTENCY_KEY], responses={200: UnreadCount, **problems(400, 401, 409, 422)}
    )
    def post(self, request: Request) -> Response:
        """Mark all; again it changes nothing."""
        return _counted(request, "notification.read_all", _EVERYTHING, lambda: actions.mark_all_read(request.user.pk))


class ClearReadView(FlatView):
    """Deletes what is read."""

    operations = {"DELETE": "clear_read"}

    @extend_schema(parameters=[IDEMPOTENCY_KEY], responses={200: UnreadCount, **problems(400, 401, 409, 422)})
    def delete(self, request: Request) -> Response:
        """Delete every one that is read."""
        return _counted(request, "notification.clear_read", _EVERYTHING, lambda: actions.clear_read(request.user.pk))


# As the socket's commands name it, so that a key counts over every door.
_EVERYTHING = {"up_to": None}


def _flat(state: Notification) -> FlatNotification:
    return FlatNotification(**{name: getattr(state, name) for name in FlatNotification.__struct_fields__})


def _page_url(request: Request, cursor: str) -> str:
    query: QueryDict = request.query_params.copy()
    query["cursor"] = cursor
    return f"{request.path}?{query.urlencode()}"


def _marked(request: Request, id: str, operation: str, mark: Callable[[Any, list[str]], Outcome]) -> Response:
    response, change = _written(request, operation, {"ids": [id]}, lambda: mark(request.user.pk, [id]))
    response.data = Marked(change.notifications[0], change.inbox.unread)
    return response


def _deleted(request: Request, id: str) -> Response:
    return _counted(request, "notification.delete", {"ids": [id]}, lambda: actions.delete(request.user.pk, [id]))


def _counted(request: Request, operation: str, params: Any, work: Callable[[], Outcome]) -> Response:
    response, change = _written(request, operation, params, work)
    response.data = UnreadCount(change.inbox.unread)
    return response


def _written(request: Request, operation: str, params: Any, work: Callable[[], Outcome]) -> tuple[Response, _Change]:
    """Carry out a write as every door does; an answer kept under a key is the native one, and is read from there."""
    response = written(request, operation, params, work)
    return response, msgspec.json.decode(encode_json(response.data), type=_Change)
