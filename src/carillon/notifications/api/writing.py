"""REST of what people do with their notifications: every write that sockets have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import msgspec
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from carillon.errors import Invalid
from carillon.notifications import actions
from carillon.notifications.actions import Outcome
from carillon.notifications.api.bodies import Batch, Wake
from carillon.notifications.api.reading import DetailView
from carillon.notifications.requests import Changed, changed
from carillon.rest.idempotency import repeatable
from carillon.rest.parsers import body_as
from carillon.rest.schema import IDEMPOTENCY_KEY, problems
from carillon.rest.views import CarillonAPIView


class NotificationView(DetailView):
    """One notification, and the way to delete it."""

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
