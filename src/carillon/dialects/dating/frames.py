"""Frames of source 004: flat ones on the socket of a conversation, and what one is notified of (REQUIREMENTS 004-12 to 004-20)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec

from carillon.dialects.dating import schema
from carillon.errors import CarillonError, Invalid
from carillon.realtime import codec
from carillon.realtime.command import Command, Reply, invalid_field
from carillon.realtime.dialect import Control, Encoded, Refusal, short_id, source_close_code
from carillon.realtime.event import Event
from carillon.realtime.topic import Topic

_MARKS = {"mark_read": "notification.read", "mark_unread": "notification.unread"}
_encode = msgspec.json.encode


class _Dating:
    """What both sockets have in common."""

    name = "dating"
    subprotocol: str | None = "carillon.dating"
    takes_query_token = True
    has_heartbeat = False
    signs_in_later = False
    forgives_syntax = False

    def encode_control(self, control: Control) -> None:
        """The document knows none."""

    def encode_refusal(self, refusal: Refusal) -> bytes:
        """What was refused and why."""
        error = refusal.error
        return _encode(
            schema.RefusedFrame(
                type="error",
                error=error.message,
                code=error.slug,
                retry_after=error.retry_after,
                fatal=refusal.is_fatal,
            )
        )

    def close_code(self, error: CarillonError) -> int:
        """Those that clients of the sources know."""
        return source_close_code(error)


class ConversationDialect(_Dating):
    """Translates the socket of one conversation, which its address names."""

    def decode(self, frame: str) -> Command:
        """message, typing or read_receipt; raises Invalid. Which conversation is meant, the address says."""
        value = _read(frame)
        match value.get("type"):
            case "message":
                key = value.get("client_id")
                if not isinstance(key, str | None):
                    raise Invalid("invalid", "`client_id` is a text.")
                return Command(name="message.send", data={"content": value.get("content")}, client_id=key or None)
            case "typing":
                return Command(name="typing.set", data={"is_typing": value.get("is_typing")})
            case "read_receipt":
                receipt = _converted(value, schema.ReceiptFrame)
                return Command(name="conversation.read", data={"message": receipt.message_id})
        raise _unknown(value)

    def attends(self, topics: Sequence[Topic]) -> Sequence[Command]:
        """Who opened a conversation looks at it, and is told who is there."""
        (open,) = [int(topic.key) for topic in topics if topic.kind == "conversation"]
        return (
            Command(name="presence.watch", data={"people": [], "conversations": [open]}),
            Command(name="conversation.look", data={"conversation": open}),
        )

    def encode_event(self, event: Event) -> Encoded:
        """A message, a receipt, somebody who writes, or people who come and go."""
        match event.type:
            case "message.sent":
                message = msgspec.json.decode(event.data, type=schema.Sent).message
                return (
                    _encode(schema.MessageFrame(message=schema.ConversationMessage.of(message)))
                    if message.kind == "text"
                    else None
                )
            case "conversation.read":
                return _receipt(msgspec.json.decode(event.data, type=schema.Read))
            case "typing.changed":
                told = msgspec.json.decode(event.data, type=schema.Typing)
                person = told.person
                frame = schema.TypingFrame(
                    user_id=short_id(person.id), username=schema.username_of(person), is_typing=told.is_typing
                )
                return _encode(frame)
            case "presence.changed":
                return _statuses(event.data, event.at)
        return None

    def encode_reply(self, reply: Reply) -> Encoded:
        """Who is there when one comes; all else is said by events."""
        return _statuses(_encode(reply.data), dt.datetime.now(dt.UTC)) if reply.command == "presence.watch" else None


class NotificationsDialect(_Dating):
    """Translates the socket of notifications, at the address that source 000 has too (REQUIREMENTS C3)."""

    def decode(self, frame: str) -> Command:
        """The marks of source 000; raises Invalid."""
        value = _read(frame)
        match value.get("type"):
            case "mark_all_read":
                return Command(name="notification.read_all")
            case "mark_read" | "mark_unread" as name:
                mark = _converted(value, schema.MarkFrame)
                return Command(name=_MARKS[name], data={"ids": [str(mark.notification_id)]})
        raise _unknown(value)

    def encode_event(self, event: Event) -> Encoded:
        """What one is notified of; a kind that the document does not know is said as source 000 says it."""
        if event.type != "notification.created":
            return None
        told = msgspec.json.decode(event.data, type=schema.Created)
        message = schema.NewMessage.of(told.notification)
        if message is not None:
            return _encode(schema.NotificationFrame(type="notification", notification=message))
        return _encode(
            schema.NotificationFrame(
                type="notification",
                notification=msgspec.convert(told.notification, schema.OtherNotification, from_attributes=True),
                unread_count=told.inbox.unread,
            )
        )

    def encode_reply(self, reply: Reply) -> Encoded:
        """The count after a mark."""
        marked = msgspec.json.decode(_encode(reply.data), type=schema.Marked)
        return _encode(schema.UnreadCountFrame(unread_count=marked.inbox.unread))


def _read(frame: str) -> dict[str, Any]:
    value = codec.decode(frame)
    if not isinstance(value, dict):
        raise Invalid("malformed", "A frame is one JSON object.")
    return value


def _converted(value: dict[str, Any], kind: type[Any]) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise invalid_field(error) from None


def _unknown(value: dict[str, Any]) -> Invalid:
    return Invalid("unknown_type", f"There is no frame of type {str(value.get('type'))[:64]!r}.")


def _receipt(told: schema.Read) -> bytes | None:
    if told.message is None:
        return None
    frame = schema.ReadReceiptFrame(
        message_id=told.message,
        user_id=short_id(told.face.id),
        username=schema.username_of(told.face),
        timestamp=told.at,
    )
    return _encode(frame)


def _statuses(data: bytes, at: dt.datetime) -> tuple[bytes, ...]:
    people = msgspec.json.decode(data, type=schema.Seen).people
    return tuple(
        _encode(schema.StatusFrame(user_id=short_id(each.id), username=each.username, status=each.state, timestamp=at))
        for each in people
    )
