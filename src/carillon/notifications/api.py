"""REST of notifications: snapshots with their position, and every write that sockets have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
from django.contrib.auth import get_user_model
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response

from carillon.errors import Invalid
from carillon.notifications import actions, events, queries
from carillon.notifications.actions import Outcome
from carillon.notifications.requests import Changed, Ids, changed
from carillon.notifications.topics import topic_of
from carillon.realtime import log
from carillon.realtime.event import Position
from carillon.rest.idempotency import repeatable
from carillon.rest.pages import page_request, read_page
from carillon.rest.parsers import body_as
from carillon.rest.schema import IDEMPOTENCY_KEY, problems
from carillon.rest.views import CarillonAPIView

Title = Annotated[str, msgspec.Meta(max_length=255)]


class NotificationPage(msgspec.Struct, frozen=True):
    """A page of notifications, newest first; events after `position` bring it up to date."""

    results: list[events.Notification]
    next: str | None
    inbox: events.Inbox
    position: Position


class NotificationDetail(msgspec.Struct, frozen=True):
    """One notification."""

    notification: events.Notification
    inbox: events.Inbox
    position: Position


class Counters(msgspec.Struct, frozen=True):
    """A person's counters."""

    inbox: events.Inbox
    position: Position


class Wake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a snoozed notification comes back."""

    until: dt.datetime


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One action on several notifications; `until` when it is snooze."""

    action: Literal["read", "unread", "archive", "unarchive", "snooze", "unsnooze", "delete"]
    ids: Ids
    until: dt.datetime | None = None


class NewNotification(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A notification that staff send; recipients are user names."""

    recipients: Annotated[
        list[Annotated[str, msgspec.Meta(min_length=1, max_length=150)]], msgspec.Meta(min_length=1, max_length=1000)
    ]
    title: Title = ""
    message: Annotated[str, msgspec.Meta(max_length=8000)] = ""
    kind: str = ""
    params: dict[str, Any] = {}
    type: str = ""
    severity: str = ""
    url: str = ""
    icon: str = ""
    group_key: str = ""
    dedupe_key: str | None = None


class Sent(msgspec.Struct, frozen=True):
    """The ids of what was stored, or of the fan-out that will store it."""

    ids: list[str]
    fanout_id: str | None


FILTERS = [
    OpenApiParameter("view", str, enum=queries.VIEWS, description="Which list; inbox by default."),
    OpenApiParameter("unread", bool, description="Only what is not read."),
    *[OpenApiParameter(name, str) for name in ("type", "kind", "severity")],
    OpenApiParameter("q", str, description="Words in the title or the message."),
    OpenApiParameter("cursor", str, description="`next` of the page before."),
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 30}),
]


def _position(request: Request) -> Position:
    """Where the person's log stands, once what was pending for them is announced; taken before any row is read."""
    actions.settle_if_needed(request.user.pk)
    return log.head(topic_of(request.user.pk)).position


class NotificationsView(CarillonAPIView):
    """A person's notifications, and for staff the way to send some."""

    def get_permissions(self) -> Any:
        """Reading is everybody's, sending is for staff."""
        return [IsAdminUser()] if self.request.method == "POST" else super().get_permissions()

    @extend_schema(
        operation_id="notifications", parameters=FILTERS, responses={200: NotificationPage, **problems(400, 401)}
    )
    def get(self, request: Request) -> Response:
        """A page, newest first, with the counters and the position from which events go on."""
        filters, wanted = queries.filters_of(request.query_params), page_request(request.query_params)
        position = _position(request)
        page = read_page(queries.rows_of(request.user.pk, filters), "number", wanted)
        return Response(
            NotificationPage(queries.states_of(page.rows), page.next, queries.inbox_of(request.user.pk), position)
        )

    @extend_schema(
        operation_id="notify",
        request=NewNotification,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: Sent, **problems(400, 401, 403, 409, 413, 415, 422)},
    )
    def post(self, request: Request) -> Response:
        """Notify people by their user names."""
        body = body_as(NewNotification, request)

        def work() -> Callable[[], Sent]:
            options = {name: getattr(body, name) for name in NewNotification.__struct_fields__ if name != "recipients"}
            done = actions.notify(_users(body.recipients), **options)
            sent = Sent([row.pk for row in done.notifications], str(done.fanout_id) if done.fanout_id else None)
            return lambda: sent

        return repeatable(request, "notify", msgspec.to_builtins(body), work, status=201)


class CountersView(CarillonAPIView):
    """The counters alone."""

    @extend_schema(operation_id="inbox", responses={200: Counters, **problems(401)})
    def get(self, request: Request) -> Response:
        """Unread and unseen, and the position they belong to."""
        position = _position(request)
        return Response(Counters(queries.inbox_of(request.user.pk), position))


class NotificationView(CarillonAPIView):
    """One notification."""

    @extend_schema(operation_id="notification", responses={200: NotificationDetail, **problems(401, 404)})
    def get(self, request: Request, id: str) -> Response:
        """The notification, whole."""
        position = _position(request)
        row = queries.row_of(request.user.pk, id)
        return Response(NotificationDetail(queries.states_of([row])[0], queries.inbox_of(request.user.pk), position))

    @extend_schema(
        operation_id="delete_notification",
        parameters=[IDEMPOTENCY_KEY],
        responses={200: Changed, **problems(400, 401, 404, 409, 422)},
    )
    def delete(self, request: Request, id: str) -> Response:
        """Delete it for good."""
        return written(request, "notification.delete", {"ids": [id]}, lambda: actions.delete(request.user.pk, [id]))


_ON_SOME: dict[str, Callable[[Any, list[str]], Outcome]] = {
    "read": actions.mark_read,
    "unread": actions.mark_unread,
    "archive": actions.archive,
    "unarchive": actions.unarchive,
    "unsnooze": actions.unsnooze,
    "delete": actions.delete,
}


def mark_view(name: str) -> Any:
    """The view of `POST …/<id>/<name>/`: one action on one notification."""
    work = _ON_SOME[name]

    class MarkView(CarillonAPIView):
        @extend_schema(
            operation_id=f"{name}_notification",
            request=None,
            parameters=[IDEMPOTENCY_KEY],
            responses={200: Changed, **problems(400, 401, 404, 409, 422)},
        )
        def post(self, request: Request, id: str) -> Response:
            """Carry it out; again it changes nothing."""
            return written(request, f"notification.{name}", {"ids": [id]}, lambda: work(request.user.pk, [id]))

    return MarkView.as_view()


class SnoozeView(CarillonAPIView):
    """Takes one notification away until a time."""

    @extend_schema(
        operation_id="snooze_notification",
        request=Wake,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: Changed, **problems(400, 401, 404, 409, 413, 415, 422)},
    )
    def post(self, request: Request, id: str) -> Response:
        """It rings again then."""
        return _snoozed(request, [id], body_as(Wake, request).until)


class BatchView(CarillonAPIView):
    """One action on several notifications."""

    @extend_schema(
        operation_id="batch",
        request=Batch,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: Changed, **problems(400, 401, 404, 409, 413, 415, 422)},
    )
    def post(self, request: Request) -> Response:
        """Those that are not there (any more) are passed over; 404 where none is."""
        body = body_as(Batch, request)
        if (body.action == "snooze") != (body.until is not None):
            message = "needed with snooze, and only there"
            raise Invalid("invalid", f"Until: {message}.", details=[{"field": "until", "message": message}])
        if body.until is not None:
            return _snoozed(request, body.ids, body.until)
        work, user = _ON_SOME[body.action], request.user.pk
        return written(request, f"notification.{body.action}", {"ids": body.ids}, lambda: work(user, body.ids))


def range_view(name: str, params: type[msgspec.Struct], work: Callable[..., Outcome]) -> Any:
    """The view of a write that is bound by a number or a stamp, as the socket command `notification.<name>` is."""

    class RangeView(CarillonAPIView):
        @extend_schema(
            operation_id=name,
            request=params,
            parameters=[IDEMPOTENCY_KEY],
            responses={200: Changed, **problems(400, 401, 409, 413, 415, 422)},
        )
        def post(self, request: Request) -> Response:
            """Carry it out; again it changes nothing."""
            body = msgspec.to_builtins(body_as(params, request))
            return written(request, f"notification.{name}", body, lambda: work(request.user.pk, **body))

    return RangeView.as_view()


def written(request: Request, operation: str, params: Any, work: Callable[[], Outcome]) -> Response:
    """Carry out a write, once per `Idempotency-Key` over every door, and answer with what it changed."""
    return repeatable(request, operation, params, lambda: changed(work()))


def _snoozed(request: Request, ids: list[str], until: dt.datetime) -> Response:
    params = {"ids": ids, "until": msgspec.to_builtins(until)}
    return written(request, "notification.snooze", params, lambda: actions.snooze(request.user.pk, ids, until))


def _users(names: list[str]) -> list[Any]:
    model = get_user_model()
    found = {
        user.get_username(): user for user in model._default_manager.filter(**{f"{model.USERNAME_FIELD}__in": names})
    }
    missing = [name for name in names if name not in found]
    if missing:
        raise Invalid(
            "invalid",
            f"Nobody is called {missing[0]}.",
            details=[{"field": "recipients", "message": f"unknown: {', '.join(missing)}"}],
        )
    return list(found.values())
