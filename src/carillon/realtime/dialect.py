"""Dialect: a way of saying commands and events on the wire; it translates and decides nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import msgspec

from carillon.errors import CarillonError
from carillon.realtime.command import Command, Reply
from carillon.realtime.event import Event, Position
from carillon.realtime.identity import Person
from carillon.realtime.topic import Topic


class Limits(msgspec.Struct, frozen=True):
    """What a client may send and follow."""

    frame_bytes: int
    topics: int
    messages_per_second: float
    burst: int


class Heartbeat(msgspec.Struct, frozen=True):
    """Seconds between pings, and of silence before the connection is given up."""

    interval: float
    timeout: float


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """Said once to a client that is signed in."""

    connection: str
    person: Person
    user_topic: str
    position: Position
    limits: Limits
    heartbeat: Heartbeat


class Resync(msgspec.Struct, frozen=True, kw_only=True):
    """The position is void: fetch a snapshot, then subscribe from its position. Reasons: epoch, too_old, ahead."""

    topic: str
    reason: str
    position: Position


class Drain(msgspec.Struct, frozen=True):
    """The server goes away: reconnect after so many milliseconds."""

    reconnect_in: int


class TokenExpiring(msgspec.Struct, frozen=True):
    """The credential ends in so many seconds: authenticate again."""

    expires_in: float


Control = Hello | Resync | Drain | TokenExpiring


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """An error on its way to a client; `topic` where one topic is withdrawn, `is_fatal` where the connection closes after it."""

    error: CarillonError
    ref: str | None = None
    is_fatal: bool = False
    topic: Topic | None = None


# What an encoder makes of one thing: a frame, several in their order, or nothing where it cannot be said.
Encoded = bytes | tuple[bytes, ...] | None


def frames_of(said: Encoded) -> tuple[bytes, ...]:
    """The frames that were made, in their order."""
    if isinstance(said, bytes):
        return (said,)
    return said or ()


class Dialect(Protocol):
    """Translates one way of speaking; encoders return None for what cannot be said in it.

    `takes_query_token`: `?token=` is a credential; `has_heartbeat`: clients ping; `signs_in_later`: an `authenticate`
    command may bring the credential; `forgives_syntax`: a frame that is no JSON object is told of and closes nothing yet.
    """

    name: str
    subprotocol: str | None
    takes_query_token: bool
    has_heartbeat: bool
    signs_in_later: bool
    forgives_syntax: bool

    def decode(self, frame: str) -> Command:
        """The command in a text frame; raises Invalid."""

    def encode_event(self, event: Event) -> Encoded:
        """The event as every reader of this dialect gets it."""

    def encode_reply(self, reply: Reply) -> Encoded:
        """The answer to a command."""

    def encode_control(self, control: Control) -> bytes | None:
        """What the kernel tells about the connection itself."""

    def encode_refusal(self, refusal: Refusal) -> bytes | None:
        """An error."""

    def close_code(self, error: CarillonError) -> int:
        """The code that closes a connection for this error."""


@runtime_checkable
class Attends(Protocol):
    """A dialect in which following a topic asks for more than its events."""

    def attends(self, topics: Sequence[Topic]) -> Sequence[Command]:
        """The commands that go with following these topics, those followed first coming first.

        They are carried out whenever the topics change; what they answer is said, a refusal is not: nobody asked.
        """


class Claim(msgspec.Struct, frozen=True):
    """What a dialect makes of a message to a Channels group: `frame` is meant for its sockets that follow `topic`.

    `stored` names what is stored of which the message tells; where there is none, the frame is said as it is.
    """

    topic: Topic
    stored: str
    frame: bytes


@runtime_checkable
class ClaimsGroups(Protocol):
    """A dialect whose document sends to Channels groups from host code."""

    name: str

    def from_group(self, group: str, message: Mapping[str, Any]) -> Claim | None:
        """What a message to a group means, or None where the group is nobody's here."""


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What the address of a socket says: the topics that it follows from its sign-in on, and is closed without; and
    parameters that each of its commands has."""

    topics: tuple[Topic, ...] = ()
    data: dict[str, Any] = {}


class Route(msgspec.Struct, frozen=True):
    """Which paths a dialect answers on; where several do, an undeclared client with `?token=` is of the one with `wants_token`.

    `opens` reads the named groups of the pattern; raises a CarillonError where they name nothing.
    """

    pattern: re.Pattern[str]
    dialect: Any
    wants_token: bool = False
    opens: Callable[[Mapping[str, str]], Opening] | None = None


_CLOSE_CODES = {
    "malformed": 4003,
    "too_large": 1009,
    "insecure": 1008,
    "unsupported_media": 1003,
    "unauthenticated": 4000,
    "session_revoked": 4000,
    "auth_timeout": 4000,
    "token_invalid": 4002,
    "token_expired": 4002,
    "forbidden": 4001,
    "not_found": 4001,
    "unsupported_version": 4005,
    "connection_limit": 4006,
    "rate_limited": 4008,
    "slow_consumer": 4009,
    "resync_required": 4010,
    "heartbeat_timeout": 4012,
    "unavailable": 1013,
    "busy": 1013,
}


def standard_close_code(error: CarillonError) -> int:
    """The close code of an error slug (GUARANTEES 7.1); 1011 for what should not happen."""
    return _CLOSE_CODES.get(error.slug, 1011)


# Clients of the sources stop for good at these codes, and would come back for ever at one they do not know.
_SOURCE_CLOSE_CODES = {"connection_limit": 1008, "unsupported_version": 1008, "unsupported_media": 4003}


def source_close_code(error: CarillonError) -> int:
    """The close code for clients that know only those of the sources (GUARANTEES 7.1)."""
    return _SOURCE_CLOSE_CODES.get(error.slug) or standard_close_code(error)


def short_id(id: str) -> int | str:
    """An id as clients of sources 002 and 004 have it: an integer where it is one that JavaScript can hold (REQUIREMENTS C26)."""
    is_integer = id.isascii() and id.isdecimal() and len(id) <= 15 and (id[0] != "0" or id == "0")
    return int(id) if is_integer else id


def close_reason(error: CarillonError) -> str:
    """`slug` or `slug;retry_after=30`, short enough for a close frame."""
    wait = f";retry_after={error.retry_after:g}" if error.retry_after is not None else ""
    return f"{error.slug}{wait}"[:123]
