"""Event: an immutable fact on a topic; Position: a place in a topic's log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import msgspec

from carillon.realtime.topic import Topic


class Position(msgspec.Struct, frozen=True):
    """How far a topic's log has been read: `offset` events of this `epoch` (offsets stay below 2**53)."""

    epoch: str
    offset: int


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """What a feature announces; subclasses add typed fields and are named by `@fact`."""

    name: ClassVar[str] = ""


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A fact on a topic, as it stands in the log: `data` is JSON text; `offset` 0 marks an ephemeral one.

    `revokes` names principals who may see nothing of this topic after this event; `except_person` does not get it.
    `dialect`: only its connections get it, and `data` is a frame of its own.
    """

    topic: Topic
    type: str
    data: bytes
    at: dt.datetime
    epoch: str = ""
    offset: int = 0
    revokes: tuple[str, ...] = ()
    except_person: str | None = None
    dialect: str | None = None

    @property
    def position(self) -> Position:
        """Where the log stands after this event."""
        return Position(self.epoch, self.offset)


class Head(msgspec.Struct, frozen=True):
    """The state of a topic's log: offsets up to `floor` are gone, `offset` is the last one."""

    epoch: str
    offset: int = 0
    floor: int = 0

    @property
    def position(self) -> Position:
        """The end of the log."""
        return Position(self.epoch, self.offset)

    def refuses(self, position: Position) -> str:
        """Why nobody can resume from this position: `epoch`, `ahead` or `too_old`; empty where they can."""
        if position.epoch != self.epoch:
            return "epoch"
        if position.offset > self.offset:
            return "ahead"
        return "too_old" if position.offset < self.floor else ""


class Slice(msgspec.Struct, frozen=True):
    """A topic's head and the events after the offset that was asked for, in order."""

    head: Head
    events: list[Event]


_facts: dict[str, type[Fact]] = {}
_F = TypeVar("_F", bound=type[Fact])


def fact(name: str) -> Callable[[_F], _F]:
    """Name a fact in the past tense (`message.sent`), so that it can be published and appears in the schema."""

    def register(cls: _F) -> _F:
        if name in _facts:
            raise ValueError(f"fact {name!r} is defined twice")
        cls.name = name
        _facts[name] = cls
        return cls

    return register


def registered_facts() -> dict[str, type[Fact]]:
    """Every fact that can be published, by name."""
    return dict(_facts)


_json = msgspec.json.Encoder()


def encode_data(data: Fact) -> bytes:
    """The JSON text of a fact."""
    return _json.encode(data)


def encode_json(value: Any) -> bytes:
    """Any struct or plain value as JSON text."""
    return _json.encode(value)
