"""What goes through Redis: events of one topic, and the process they come from, as msgpack."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from carillon.realtime.event import Event
from carillon.realtime.topic import Topic


class _Line(msgspec.Struct, frozen=True, array_like=True):
    """An event without its topic, which the channel names."""

    type: str
    data: bytes
    at: dt.datetime
    epoch: str
    offset: int
    revokes: tuple[str, ...]
    except_person: str | None
    dialect: str | None


class _Parcel(msgspec.Struct, frozen=True, array_like=True):
    """Events of one topic, and the process they come from."""

    origin: str
    topic: str
    lines: list[_Line]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Parcel).decode


def pack(origin: str, topic: str, events: Sequence[Event]) -> bytes:
    """Events of one topic, sent by the process of this name."""
    return _encode(_Parcel(origin, topic, [_line(event) for event in events]))


def begin_of(origin: str) -> bytes:
    """What everything begins with that the process of this name packs."""
    # The last two bytes are an empty topic and no events.
    return pack(origin, "", ())[:-2]


def unpack(data: bytes, topics: Mapping[str, Topic]) -> list[Event]:
    """The events, where their topic is among these; else none."""
    parcel = _decode(data)
    topic = topics.get(parcel.topic)
    return [_event(topic, line) for line in parcel.lines] if topic is not None else []


# Name by name: a loop over the names would cost as much as all the rest.


def _line(event: Event) -> _Line:
    return _Line(
        event.type,
        event.data,
        event.at,
        event.epoch,
        event.offset,
        event.revokes,
        event.except_person,
        event.dialect,
    )


def _event(topic: Topic, line: _Line) -> Event:
    return Event(
        topic=topic,
        type=line.type,
        data=line.data,
        at=line.at,
        epoch=line.epoch,
        offset=line.offset,
        revokes=line.revokes,
        except_person=line.except_person,
        dialect=line.dialect,
    )
