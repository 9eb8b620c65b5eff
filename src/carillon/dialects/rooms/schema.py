"""What frames of source 002 look like, and what is read of events (REQUIREMENTS 002-06 to 002-19)."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Literal

import msgspec

from carillon.errors import Detail, Invalid
from carillon.realtime.identity import Person

# What the document's own error says; a room that one may not enter does not exist for one.
NO_ROOM = "Invalid room ID"
_ROOM = re.compile(r"[0-9]{1,18}")


class ClientFrame(msgspec.Struct, frozen=True):
    """What a client sends; what `data` has to hold depends on the type."""

    type: str
    data: dict[str, Any] | None = None
    room_id: int | str | None = None
    user_id: int | str | None = None
    client_id: str | None = None
    token: str | None = None

    def either(self, name: str) -> Any:
        """A value that may stand beside `data` or in it; raises Invalid where it stands in both and differs."""
        outer, inner = getattr(self, name), (self.data or {}).get(name)
        if outer is not None and inner is not None and str(outer) != str(inner):
            raise Invalid("invalid", NO_ROOM if name == "room_id" else f"{name} is given twice, and differs.")
        return inner if outer is None else outer

    def room(self) -> int:
        """The room that is meant; raises Invalid."""
        found = _ROOM.fullmatch(str(self.either("room_id")))
        if found is None:
            raise Invalid("invalid", NO_ROOM)
        return int(found[0])


class SenderInfo(msgspec.Struct, frozen=True):
    """Who wrote, as a message shows it."""

    id: int | str
    name: str
    role: str
    avatar: str


class MessageData(msgspec.Struct, frozen=True):
    """A message of a room."""

    id: int
    content: str
    sender: int | str | None
    chat: int
    created_at: dt.datetime
    sender_info: SenderInfo | None


class TypingData(msgspec.Struct, frozen=True):
    """Somebody is writing, or no longer."""

    room_id: int
    user_id: int | str
    user_name: str
    is_typing: bool


class StatusData(msgspec.Struct, frozen=True):
    """Whether somebody is there."""

    user_id: int | str
    status: str
    last_seen: dt.datetime | None


class ErrorData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was refused; `ref` is the `client_id` of its frame, `fatal` where the connection closes after it."""

    error: str
    code: str
    ref: str | None = None
    retry_after: float | None = None
    fatal: bool = False
    details: list[Detail] = []


class ServerFrame(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the server sends."""

    type: Literal["message", "typing", "user_status", "error", "pong"]
    data: MessageData | TypingData | StatusData | ErrorData | dict[str, Any]
    room_id: int | None = None
    timestamp: dt.datetime


class Message(msgspec.Struct, frozen=True):
    """What events say of a message."""

    id: int
    conversation: int
    kind: str
    content: str
    sender: Person | None
    created_at: dt.datetime


class Sent(msgspec.Struct, frozen=True):
    """`message.sent`."""

    message: Message


class Typing(msgspec.Struct, frozen=True):
    """`typing.changed`."""

    conversation: int
    person: Person
    is_typing: bool


class Presence(msgspec.Struct, frozen=True):
    """One of those of whom `presence.changed` and the answer to `presence.watch` tell."""

    id: str
    state: str
    last_seen: dt.datetime | None = None


class Seen(msgspec.Struct, frozen=True):
    """`presence.changed`, and the answer to `presence.watch`."""

    people: list[Presence]
