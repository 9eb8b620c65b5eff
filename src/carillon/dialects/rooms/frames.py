"""Frames of source 002: `type`, `data` and `timestamp`, with room and person beside them (REQUIREMENTS 002-06 to 002-19)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from carillon.dialects.rooms.schema import (
    NO_ROOM,
    ClientFrame,
    ErrorData,
    Message,
    MessageData,
    Seen,
    SenderInfo,
    Sent,
    ServerFrame,
    StatusData,
    Typing,
    TypingData,
)
from carillon.errors import CarillonError, Invalid
from carillon.realtime import codec
from carillon.realtime.command import Command, Reply, invalid_field
from carillon.realtime.dialect import Claim, Control, Encoded, Refusal, short_id, source_close_code
from carillon.realtime.event import Event
from carillon.realtime.topic import Topic

# Rooms of which one connection is told who is there, and in which it is notified of nothing; the latest ones.
MOST_WATCHED, MOST_LOOKED_AT = 20, 100

_GROUP = re.compile(r"chat_([0-9]{1,18})")
_encode = msgspec.json.encode


class RoomsDialect:
    """Translates source 002."""

    name = "rooms"
    subprotocol: str | None = "carillon.rooms"
    takes_query_token = False
    has_heartbeat = False
    signs_in_later = True
    forgives_syntax = True

    def decode(self, frame: str) -> Command:
        """One of the document's seven; raises Invalid. Who the client says it is never decides anything."""
        value = codec.decode(frame)
        if not isinstance(value, dict):
            raise Invalid("malformed", "A frame is one JSON object.")
        try:
            said = msgspec.convert(value, ClientFrame)
        except msgspec.ValidationError as error:
            raise invalid_field(error) from None
        name, data = _meant(said)
        person, key = (
            None if given in (None, "") else str(given) for given in map(said.either, ("user_id", "client_id"))
        )
        return Command(name=name, data=data, ref=key, client_id=key, person=person)

    def attends(self, topics: Sequence[Topic]) -> Sequence[Command]:
        """Who joined rooms looks at all of them, and is told who is there."""
        rooms = [int(topic.key) for topic in topics if topic.kind == "conversation"]
        return (
            Command(name="presence.watch", data={"people": [], "conversations": rooms[-MOST_WATCHED:]}),
            Command(name="conversation.look", data={"conversation": None, "others": rooms[-MOST_LOOKED_AT:]}),
        )

    def encode_event(self, event: Event) -> Encoded:
        """A message, somebody who writes, or people who come and go."""
        match event.type:
            case "message.sent":
                message = msgspec.json.decode(event.data, type=Sent).message
                return _message(message, event.at) if message.kind == "text" else None
            case "typing.changed":
                told = msgspec.json.decode(event.data, type=Typing)
                person = told.person
                data = TypingData(told.conversation, short_id(person.id), person.name, told.is_typing)
                return _frame("typing", data, event.at)
            case "presence.changed":
                return _statuses(event.data, event.at)
        return None

    def encode_reply(self, reply: Reply) -> Encoded:
        """The answer to a ping, and who is there when one joins; all else is said by events."""
        if reply.command == "ping":
            return _frame("pong", {}, _now())
        return _statuses(_encode(reply.data), _now()) if reply.command == "presence.watch" else None

    def encode_control(self, control: Control) -> None:
        """The document knows none."""

    def encode_refusal(self, refusal: Refusal) -> bytes:
        """What was refused and why; the socket stays open unless `fatal` says otherwise."""
        error, topic = refusal.error, refusal.topic
        data = ErrorData(
            error=NO_ROOM if error.slug == "not_found" and not refusal.is_fatal else error.message,
            code=error.slug,
            ref=refusal.ref,
            retry_after=error.retry_after,
            fatal=refusal.is_fatal,
            details=error.details,
        )
        return _frame("error", data, _now(), int(topic.key) if topic and topic.kind == "conversation" else None)

    def close_code(self, error: CarillonError) -> int:
        """Those that clients of the sources know."""
        return source_close_code(error)

    def from_group(self, group: str, message: Mapping[str, Any]) -> Claim | None:
        """The document's own `group_send`: a room's group, and the handler `send_message` (REQUIREMENTS 002-21, 002-24)."""
        room, told = _GROUP.fullmatch(group), message.get("message")
        # Channels finds the handler of `send.message` under the same name.
        is_ours = str(message.get("type")).replace(".", "_") == "send_message"
        if room is None or not is_ours or told is None:
            return None
        stored = str(told.get("id") or "") if isinstance(told, dict) else ""
        return Claim(Topic("conversation", str(int(room[1]))), stored, _frame("message", told, _now(), int(room[1])))


def _meant(said: ClientFrame) -> tuple[str, dict[str, Any]]:
    """The command of a frame, and its parameters; raises Invalid."""
    data = said.data or {}
    match said.type:
        case "auth":
            token = said.either("token")
            return "authenticate", {} if token is None else {"token": token}
        case "join_room":
            return "subscribe", {"topic": f"conversation:{said.room()}"}
        case "leave_room":
            return "unsubscribe", {"topic": f"conversation:{said.room()}"}
        case "message":
            return "message.send", {"conversation": said.room(), "content": data.get("content")}
        case "typing":
            return "typing.set", {"conversation": said.room(), "is_typing": data.get("is_typing")}
        case "user_status":
            return "presence.set", {"state": data.get("status")}
        case "ping":
            return "ping", {}
    raise Invalid("unknown_type", f"There is no frame of type {said.type[:64]!r}.")


def _message(message: Message, at: dt.datetime) -> bytes:
    person = message.sender
    sender = None if person is None else SenderInfo(short_id(person.id), person.name, person.role, person.avatar)
    data = MessageData(
        id=message.id,
        content=message.content,
        sender=None if sender is None else sender.id,
        chat=message.conversation,
        created_at=message.created_at,
        sender_info=sender,
    )
    return _frame("message", data, at, message.conversation)


def _statuses(data: bytes, at: dt.datetime) -> tuple[bytes, ...]:
    people = msgspec.json.decode(data, type=Seen).people
    return tuple(
        _frame("user_status", StatusData(short_id(each.id), each.state, each.last_seen), at) for each in people
    )


def _frame(type: Any, data: Any, at: dt.datetime, room: int | None = None) -> bytes:
    return _encode(ServerFrame(type=type, data=data, room_id=room, timestamp=at))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
