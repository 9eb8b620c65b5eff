"""REST of members, and of whom somebody blocks."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from carillon.conversations import actions, requests
from carillon.conversations.api.limits import WriteView
from carillon.conversations.api.writing import written
from carillon.rest.parsers import body_as
from carillon.rest.schema import IDEMPOTENCY_KEY, problems

_WRITE = (400, 401, 403, 404, 409, 413, 415, 422, 429)
_BARE = (400, 401, 403, 404, 409, 422, 429)


class MembersView(WriteView):
    """Who is in a conversation."""

    @extend_schema(
        operation_id="add_members",
        request=requests.Adding,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: requests.ConversationChanged, **problems(*_WRITE)},
    )
    def post(self, request: Request, id: int) -> Response:
        """Bring people in."""
        body = body_as(requests.Adding, request)
        return written(
            request,
            "member.add",
            requests.AddMembers(conversation=id, people=body.people),
            lambda: actions.add_members(request.user.pk, id, body.people),
        )


class MemberView(WriteView):
    """One member."""

    @extend_schema(
        operation_id="set_role",
        request=requests.GivenRole,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: requests.ConversationChanged, **problems(*_WRITE)},
    )
    def patch(self, request: Request, id: int, person: str) -> Response:
        """Make them owner, admin or member."""
        body = body_as(requests.GivenRole, request)
        return written(
            request,
            "member.set_role",
            requests.SetRole(conversation=id, person=person, role=body.role),
            lambda: actions.set_role(request.user.pk, id, person, body.role),
        )

    @extend_schema(
        operation_id="remove_member",
        parameters=[IDEMPOTENCY_KEY],
        responses={200: requests.ConversationChanged, **problems(*_BARE)},
    )
    def delete(self, request: Request, id: int, person: str) -> Response:
        """Send them away."""
        return written(
            request,
            "member.remove",
            requests.OneMember(id, person),
            lambda: actions.remove_member(request.user.pk, id, person),
        )


class BlockView(WriteView):
    """Whether somebody is blocked."""

    @extend_schema(
        operation_id="block_person",
        request=None,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: requests.ConversationChanged, **problems(*_BARE)},
    )
    def put(self, request: Request, person: str) -> Response:
        """Write no more to them, nor they to the caller."""
        return written(
            request, "person.block", requests.OnePerson(person), lambda: actions.block(request.user.pk, person)
        )

    @extend_schema(
        operation_id="unblock_person",
        parameters=[IDEMPOTENCY_KEY],
        responses={200: requests.ConversationChanged, **problems(*_BARE)},
    )
    def delete(self, request: Request, person: str) -> Response:
        """End it."""
        return written(
            request, "person.unblock", requests.OnePerson(person), lambda: actions.unblock(request.user.pk, person)
        )
