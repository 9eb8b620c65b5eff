"""REST of writing: the same operations as the socket commands, under the same keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from carillon.conversations import actions, requests
from carillon.conversations.actions import Outcome
from carillon.conversations.api.limits import WriteView
from carillon.conversations.api.reading import DetailView, ListView, MessageListView, OneMessageView
from carillon.realtime.event import encode_json
from carillon.rest.idempotency import repeatable, repeatable_by
from carillon.rest.parsers import body_as
from carillon.rest.schema import IDEMPOTENCY_KEY, example, problems

_WRITE = (400, 401, 403, 404, 409, 413, 415, 422, 429)
_BARE = (400, 401, 403, 404, 409, 422, 429)


def written(
    request: Request,
    operation: str,
    params: msgspec.Struct | dict[str, Any],
    work: Callable[[], Outcome],
    answer: Callable[[Outcome], Callable[[], Any]] = requests.changed,
) -> Response:
    """Carry out a write, once per `Idempotency-Key` over every door, and answer with what it changed."""
    plain = params if isinstance(params, dict) else msgspec.to_builtins(params)
    return repeatable(request, operation, plain, lambda: answer(work()))


class ConversationsView(ListView):
    """A person's conversations, and the way to open one."""

    @extend_schema(
        operation_id="open_conversation",
        request=requests.NewConversation,
        examples=example(kind="group", people=["2", "3"], title="Chantier rue des Lilas"),
        parameters=[IDEMPOTENCY_KEY],
        responses={201: requests.ConversationDetail, **problems(*_WRITE)},
    )
    def post(self, request: Request) -> Response:
        """Open one; a direct conversation that there is already is answered as it is."""
        body, me = body_as(requests.NewConversation, request), request.user.pk

        def work() -> Callable[[], Any]:
            made = actions.open_conversation(
                me, body.kind, body.people, title=body.title, picture=body.picture, about=body.about
            )
            return lambda: requests.detail_of(me, made.pk)

        return repeatable(request, "conversation.create", msgspec.to_builtins(body), work, status=201)


class ConversationView(DetailView):
    """One conversation, and the way to name it."""

    @extend_schema(
        operation_id="update_conversation",
        request=requests.Naming,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: requests.ConversationChanged, **problems(*_WRITE)},
    )
    def patch(self, request: Request, id: int) -> Response:
        """Give it another title or picture."""
        body = body_as(requests.Naming, request)
        params = requests.NameConversation(conversation=id, title=body.title, picture=body.picture)
        return written(
            request,
            "conversation.update",
            params,
            lambda: actions.update_conversation(request.user.pk, id, title=body.title, picture=body.picture),
        )


class MessagesView(MessageListView):
    """The messages of a conversation, and the way to add one."""

    @extend_schema(
        operation_id="send_message",
        request=requests.NewMessage,
        examples=example(content="Bonjour, comment ça va ?"),
        parameters=[IDEMPOTENCY_KEY],
        responses={201: requests.SentMessage, **problems(*_WRITE)},
    )
    def post(self, request: Request, id: int) -> Response:
        """Say something; the `Idempotency-Key` is the message's `client_id`, and names it for ever."""
        body = body_as(requests.NewMessage, request)
        key = request.headers.get("Idempotency-Key", "")
        item = actions.new_message(request.user.pk, id, body.content, body.reply_to, key)
        return repeatable_by(
            request,
            "message.send",
            msgspec.to_builtins(requests.SendMessage(conversation=id, content=body.content, reply_to=body.reply_to)),
            lambda once: actions.send_messages.once(once, item, lambda done: encode_json(requests.sent(done))),
            lambda: requests.sent(actions.send_messages(item)),
            status=201,
        )


class MessageView(OneMessageView):
    """One message, and the ways to change it."""

    @extend_schema(
        operation_id="edit_message",
        request=requests.Edit,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: requests.SentMessage, **problems(*_WRITE, 410)},
    )
    def patch(self, request: Request, id: int, message: int) -> Response:
        """Let it say something else."""
        body = body_as(requests.Edit, request)
        return written(
            request,
            "message.edit",
            requests.EditMessage(conversation=id, message=message, content=body.content),
            lambda: actions.edit_message(request.user.pk, id, message, body.content),
            requests.message_changed,
        )

    @extend_schema(
        operation_id="delete_message",
        parameters=[IDEMPOTENCY_KEY],
        responses={200: requests.SentMessage, **problems(*_BARE)},
    )
    def delete(self, request: Request, id: int, message: int) -> Response:
        """Take it back; it stays in its place without content."""
        return written(
            request,
            "message.delete",
            requests.OneMessage(id, message),
            lambda: actions.delete_message(request.user.pk, id, message),
            requests.message_changed,
        )


class ReactView(WriteView):
    """Reactions under a message."""

    @extend_schema(
        operation_id="react",
        request=requests.Reacting,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: requests.SentMessage, **problems(*_WRITE, 410)},
    )
    def post(self, request: Request, id: int, message: int) -> Response:
        """Put an emoji under it, or take it back."""
        body = body_as(requests.Reacting, request)
        return written(
            request,
            "message.react",
            requests.ReactToMessage(conversation=id, message=message, emoji=body.emoji, on=body.on),
            lambda: actions.react(request.user.pk, id, message, body.emoji, on=body.on),
            requests.message_changed,
        )


class ReadView(WriteView):
    """How far one has read."""

    @extend_schema(
        operation_id="read_conversation",
        request=requests.Reading,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: requests.MarkMoved, **problems(*_WRITE)},
    )
    def post(self, request: Request, id: int) -> Response:
        """Read up to a number or a message, or everything; marks only grow."""
        body = body_as(requests.Reading, request)
        return written(
            request,
            "conversation.read",
            requests.ReadConversation(conversation=id, up_to=body.up_to, message=body.message),
            lambda: actions.mark_read(request.user.pk, id, body.up_to, message=body.message),
            requests.mark_moved,
        )


class MuteView(WriteView):
    """Whether one is notified."""

    @extend_schema(
        operation_id="mute_conversation",
        request=requests.Muting,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: requests.ConversationChanged, **problems(*_WRITE)},
    )
    def post(self, request: Request, id: int) -> Response:
        """Be notified of nothing until then."""
        body = body_as(requests.Muting, request)
        return written(
            request,
            "conversation.mute",
            requests.MuteConversation(conversation=id, until=body.until),
            lambda: actions.mute(request.user.pk, id, body.until),
        )


class LeaveView(WriteView):
    """The way out."""

    @extend_schema(
        operation_id="leave_conversation",
        request=None,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: requests.ConversationChanged, **problems(*_BARE)},
    )
    def post(self, request: Request, id: int) -> Response:
        """Leave a group or a room."""
        return written(
            request, "conversation.leave", requests.OneConversation(id), lambda: actions.leave(request.user.pk, id)
        )
