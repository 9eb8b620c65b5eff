"""REST of reading: lists, conversations and messages, each with the position from which events go on."""

from __future__ import annotations

import msgspec
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from carillon.conversations import contacts, events, queries, requests
from carillon.conversations.api.limits import WriteView
from carillon.conversations.topics import topic_of
from carillon.errors import invalid_value
from carillon.people.queries import people_of, person_of
from carillon.realtime import log
from carillon.realtime.event import Position
from carillon.realtime.identity import Person
from carillon.realtime.topic import user_topic
from carillon.rest.schema import problems

MAX_TEXT = 100
_TEXT = OpenApiParameter("q", {"type": "string", "maxLength": MAX_TEXT}, description="Words in a title or a name.")
_CURSOR = OpenApiParameter("cursor", str, description="`next` of the page before.")
_LIMIT = OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 30})
_SEQ = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}


class Unread(msgspec.Struct, frozen=True):
    """A conversation, and how many of its messages somebody has not read."""

    conversation: int
    unread: int


class ConversationPage(msgspec.Struct, frozen=True):
    """A page of somebody's list, latest activity first; events on their own topic after `position` bring it up to date.

    `unread` stands on the first page of the whole list: what a badge counts of all of it, muted conversations only where
    one is mentioned, the latest thousand at most.
    """

    results: list[events.Entry]
    next: str | None
    position: Position
    unread: list[Unread] | None


class MessagePage(msgspec.Struct, frozen=True):
    """Messages in order, and whether there are more; events after `position` bring them up to date."""

    results: list[events.Message]
    has_before: bool
    has_after: bool
    position: Position


class PeoplePage(msgspec.Struct, frozen=True):
    """People whom one may write to, in the order of their user names."""

    results: list[Person]
    next: str | None


class BlockedPeople(msgspec.Struct, frozen=True):
    """People whom one blocks, the latest first."""

    results: list[Person]
    next: str | None


def text_of(request: Request) -> str:
    """`q` of the query string; raises Invalid where it is too long or no text."""
    text = str(request.query_params.get("q", "")).strip()
    if len(text) > MAX_TEXT or "\0" in text:
        raise invalid_value("q", f"at most {MAX_TEXT} characters")
    return text


class ListView(WriteView):
    """A person's conversations."""

    @extend_schema(
        operation_id="conversations",
        parameters=[_TEXT, _CURSOR, _LIMIT],
        responses={200: ConversationPage, **problems(400, 401)},
    )
    def get(self, request: Request) -> Response:
        """A page of the list, and the position from which events go on."""
        text, wanted = text_of(request), queries.list_request(request.query_params)
        position = log.head(user_topic(request.user.pk)).position
        rows, following = queries.read_list(request.user.pk, text, wanted)
        is_start = not text and wanted.before is None
        unread = [Unread(*each) for each in queries.read_unread(request.user.pk)] if is_start else None
        return Response(ConversationPage(queries.entries_of(rows), following, position, unread))


class DetailView(WriteView):
    """One conversation."""

    @extend_schema(operation_id="conversation", responses={200: requests.ConversationDetail, **problems(401, 404)})
    def get(self, request: Request, id: int) -> Response:
        """The conversation, its members and what is one's own in it."""
        return Response(requests.detail_of(request.user.pk, id))


class MessageListView(WriteView):
    """The messages of a conversation."""

    @extend_schema(
        operation_id="messages",
        parameters=[
            OpenApiParameter("before", _SEQ, description="Those before this number, nearest last."),
            OpenApiParameter("after", _SEQ, description="Those after this number."),
            OpenApiParameter("around", _SEQ, description="Those on both sides of this number, and it."),
            _LIMIT,
        ],
        responses={200: MessagePage, **problems(400, 401, 404)},
    )
    def get(self, request: Request, id: int) -> Response:
        """The newest, or those on a side of a number or around it; in order."""
        wanted = queries.window_request(request.query_params)
        membership = queries.present_membership(request.user.pk, id)
        queries.visible_offset_of(membership)
        position = log.head(topic_of(id)).position
        membership = queries.present_membership(request.user.pk, id)
        found = queries.read_window(membership, wanted)
        states = queries.states_of(found.rows)
        return Response(MessagePage(states, found.has_before, found.has_after, position))


class OneMessageView(WriteView):
    """One message."""

    @extend_schema(operation_id="message", responses={200: events.Message, **problems(401, 404)})
    def get(self, request: Request, id: int, message: int) -> Response:
        """The message, whole."""
        return Response(queries.message_state(queries.present_membership(request.user.pk, id), message))


class PeopleView(WriteView):
    """The people somebody may write to."""

    @extend_schema(
        operation_id="people", parameters=[_TEXT, _CURSOR, _LIMIT], responses={200: PeoplePage, **problems(400, 401)}
    )
    def get(self, request: Request) -> Response:
        """Those whose names hold these words."""
        wanted = contacts.PeopleRequest.of(request.query_params)
        found = contacts.matching(contacts.contacts_of(request.user.pk), text_of(request))
        users, following = contacts.read_people(found, wanted)
        return Response(PeoplePage([person_of(user) for user in users], following))


class BlockedView(WriteView):
    """Whom somebody blocks."""

    @extend_schema(
        operation_id="blocked_people",
        parameters=[_CURSOR, _LIMIT],
        responses={200: BlockedPeople, **problems(400, 401)},
    )
    def get(self, request: Request) -> Response:
        """A page of them, the latest first."""
        keys, following = contacts.read_blocked(request.user.pk, request.query_params)
        faces = people_of(keys)
        return Response(BlockedPeople([faces[str(key)] for key in keys if str(key) in faces], following))
