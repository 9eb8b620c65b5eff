"""Frames of carillon.v1: one JSON object a text frame."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import msgspec

from carillon.errors import CarillonError, Detail, Invalid
from carillon.realtime import codec
from carillon.realtime.command import Command, Reply, invalid_field
from carillon.realtime.dialect import (
    Control,
    Drain,
    Heartbeat,
    Hello,
    Limits,
    Refusal,
    Resync,
    TokenExpiring,
    standard_close_code,
)
from carillon.realtime.event import Event, Position
from carillon.realtime.identity import Person


class ClientFrame(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a client sends: a command, and on writes the key that makes it happen once."""

    type: str
    data: dict[str, Any] = {}
    ref: str | None = None
    client_id: str | None = None


class ReplyFrame(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a command."""

    type: Literal["reply"] = "reply"
    ref: str | None
    data: Any


class ErrorData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """What went wrong; `topic` where one topic is withdrawn, `fatal` where the connection closes after it."""

    error: str
    code: str
    retry_after: float | None = None
    fatal: bool = False
    details: list[Detail] = []
    topic: str | None = None


class ErrorFrame(msgspec.Struct, frozen=True, kw_only=True):
    """The refusal of a command, or of the connection."""

    type: Literal["error"] = "error"
    ref: str | None
    data: ErrorData


class HelloData(msgspec.Struct, frozen=True, kw_only=True):
    """Who is connected, what they may send, and where their own topic stands."""

    connection: str
    person: Person
    user_topic: str
    position: Position
    limits: Limits
    heartbeat: Heartbeat
    protocol: Literal["carillon.v1"] = "carillon.v1"


class HelloFrame(msgspec.Struct, frozen=True, kw_only=True):
    """Said once, after a good credential."""

    type: Literal["hello"] = "hello"
    data: HelloData


class ResyncData(msgspec.Struct, frozen=True, kw_only=True):
    """Why the position is void, and where the log stands."""

    reason: Literal["epoch", "too_old", "ahead"]
    position: Position


class ResyncFrame(msgspec.Struct, frozen=True, kw_only=True):
    """Fetch a snapshot, then subscribe from its position."""

    type: Literal["resync"] = "resync"
    topic: str
    data: ResyncData


class DrainFrame(msgspec.Struct, frozen=True, kw_only=True):
    """The server goes away; reconnect after so many milliseconds."""

    type: Literal["drain"] = "drain"
    data: Drain


class TokenExpiringFrame(msgspec.Struct, frozen=True, kw_only=True):
    """The credential ends soon; authenticate again."""

    type: Literal["token_expiring"] = "token_expiring"
    data: TokenExpiring


_encode = msgspec.json.encode


class NativeDialect:
    """Translates carillon.v1."""

    name = "native"
    subprotocol = "carillon.v1"
    takes_query_token = False
    has_heartbeat = True
    signs_in_later = True
    forgives_syntax = True

    def decode(self, frame: str) -> Command:
        """The command in a text frame; raises Invalid."""
        value = codec.decode(frame)
        if not isinstance(value, dict):
            raise Invalid("malformed", "A frame is one JSON object.")
        try:
            parsed = msgspec.convert(value, ClientFrame)
        except msgspec.ValidationError as error:
            raise invalid_field(error) from None
        return Command(name=parsed.type, data=parsed.data, ref=parsed.ref, client_id=parsed.client_id)

    def encode_event(self, event: Event) -> bytes:
        """Type, topic, position, time and data; an ephemeral event has no position."""
        where = f'"epoch":"{event.epoch}","offset":{event.offset},' if event.offset else ""
        start = f'{{"type":"{event.type}","topic":"{event.topic}",{where}"at":"{_iso(event.at)}","data":'
        return start.encode() + event.data + b"}"

    def encode_reply(self, reply: Reply) -> bytes:
        """The reply, under the ref of its command."""
        return _encode(ReplyFrame(ref=reply.ref, data=reply.data))

    def encode_control(self, control: Control) -> bytes:
        """hello, resync, drain or token_expiring."""
        match control:
            case Hello():
                return _encode(
                    HelloFrame(data=HelloData(**{name: getattr(control, name) for name in Hello.__struct_fields__}))
                )
            case Resync(topic=topic, reason=reason, position=position):
                return _encode(ResyncFrame(topic=topic, data=ResyncData(reason=reason, position=position)))  # type: ignore[arg-type]
            case Drain():
                return _encode(DrainFrame(data=control))
            case TokenExpiring():
                return _encode(TokenExpiringFrame(data=control))

    def encode_refusal(self, refusal: Refusal) -> bytes:
        """An error frame; its code is the slug that REST uses too."""
        error = refusal.error
        data = ErrorData(
            error=error.message,
            code=error.slug,
            retry_after=error.retry_after,
            fatal=refusal.is_fatal,
            details=error.details,
            topic=str(refusal.topic) if refusal.topic else None,
        )
        return _encode(ErrorFrame(ref=refusal.ref, data=data))

    def close_code(self, error: CarillonError) -> int:
        """The table of GUARANTEES 7.1 as it stands."""
        return standard_close_code(error)


def _iso(moment: dt.datetime) -> str:
    # Several times as fast as strftime: "2026-11-21T08:15:00.123000Z" with its quotes, and no fraction where there is none.
    text = _encode(moment).decode()
    return f"{text[1:24]}Z" if text[20] == "." else f"{text[1:20]}.000Z"
