"""REST of sending notifications to others: staff, and services with a key."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

import msgspec
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response

from carillon.errors import Invalid
from carillon.notifications.actions import Notified
from carillon.notifications.actions.notifying import Order, order_of, send, send_once
from carillon.notifications.api.bodies import Audience, NewNotification, Sent, Someone
from carillon.notifications.api.reading import ListView
from carillon.people import audiences, queries
from carillon.people.api.throttles import KeyLimit
from carillon.people.keys import ApiKeyAuthentication, HasScope, KeyedView, key_of, principal_of
from carillon.realtime.event import encode_json
from carillon.rest.idempotency import repeatable_by
from carillon.rest.parsers import body_as
from carillon.rest.schema import IDEMPOTENCY_KEY, example, problems

# What says for whom and from whom; the rest is what notify() takes.
_WHO = {"recipients", "external_ids", "audience", "actor"}


class NotificationsView(ListView, KeyedView):
    """A person's notifications; and for staff and for services with the scope `notifications:send`, the way to send some."""

    scopes = {"POST": "notifications:send"}

    @property
    def _is_sending(self) -> bool:
        # The schema generator has no request yet when it first asks.
        return getattr(self.request, "method", None) == "POST"

    def get_authenticators(self) -> list[BaseAuthentication]:
        """A service key is known where it may send, and nowhere near anybody's inbox."""
        people = super().get_authenticators()
        return [ApiKeyAuthentication(), *people] if self._is_sending else people

    def get_permissions(self) -> Any:
        """Reading is everybody's, sending is for staff and for keys with the scope."""
        return [(HasScope | IsAdminUser)()] if self._is_sending else super().get_permissions()

    def get_throttles(self) -> Any:
        """As often as the key says; staff are not counted."""
        return [KeyLimit()] if self._is_sending else super().get_throttles()

    @extend_schema(
        operation_id="notify",
        request=NewNotification,
        examples=example(recipients=["alice"], title="Your invoice is ready", url="/invoices/812/"),
        parameters=[IDEMPOTENCY_KEY],
        responses={201: Sent, **problems(400, 401, 403, 409, 413, 415, 422, 429)},
    )
    def post(self, request: Request) -> Response:
        """Notify people. Nobody is notified where one of those named is unknown."""
        body = body_as(NewNotification, request)
        key = key_of(request)
        namespace = key.namespace if key is not None else None

        def order() -> Order:
            options = {name: getattr(body, name) for name in NewNotification.__struct_fields__ if name not in _WHO}
            return order_of(_recipients(body, namespace), actor=_actor(body.actor, namespace), **options)

        return repeatable_by(
            request,
            "notify",
            msgspec.to_builtins(body),
            lambda once: send_once(once, order, lambda done: encode_json(_sent(done))),
            lambda: _sent(send(order())),
            status=201,
            principal=principal_of(request),
        )


def _sent(done: Notified) -> Sent:
    return Sent(done.ids, str(done.fanout_id) if done.fanout_id else None)


def _recipients(body: NewNotification, namespace: str | None) -> Iterable[Any]:
    """The keys of all who are meant; raises Invalid naming who is unknown."""
    if not (body.recipients or body.external_ids or body.audience):
        raise _refused("recipients", "recipients, external_ids or an audience are needed")
    named = _all_known("recipients", body.recipients, queries.named(body.recipients))
    mapped = _mapped("external_ids", body.external_ids, namespace)
    return chain(named, mapped, _audience(body.audience))


def _audience(audience: Audience | None) -> Iterable[Any]:
    if audience is None:
        return ()
    if (audience.role is msgspec.UNSET) == (audience.everyone is msgspec.UNSET):
        raise _refused("audience", "either a role or everyone")
    people = audiences.with_role(audience.role) if isinstance(audience.role, str) else audiences.everyone()
    return people.values_list("pk", flat=True).iterator()


def _actor(actor: Someone | None, namespace: str | None) -> Any:
    """The key of who caused it; raises Invalid."""
    if actor is None:
        return None
    if (actor.username is msgspec.UNSET) == (actor.external_id is msgspec.UNSET):
        raise _refused("actor", "either a username or an external_id")
    if isinstance(actor.username, str):
        return _all_known("actor", [actor.username], queries.named([actor.username]))[0]
    return _mapped("actor", [str(actor.external_id)], namespace)[0]


def _mapped(field: str, ids: list[str], namespace: str | None) -> list[Any]:
    if ids and namespace is None:
        raise _refused(field, "external ids are those of a service key")
    return _all_known(field, ids, queries.mapped(namespace, ids) if namespace is not None else {})


def _all_known(field: str, wanted: list[str], found: dict[str, Any]) -> list[Any]:
    missing = [each for each in wanted if each not in found]
    if missing:
        raise _refused(field, f"unknown: {', '.join(missing)}")
    return [found[each] for each in wanted]


def _refused(field: str, message: str) -> Invalid:
    return Invalid("invalid", f"{field.capitalize()}: {message}.", details=[{"field": field, "message": message}])
