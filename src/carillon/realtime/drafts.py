"""Drafts: events on their way into the log, and where they come to stand there."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from carillon.realtime.event import Event
from carillon.realtime.topic import Topic

# The topic of a draft, and how many come after it there.
Place = tuple[str, int]
# The epoch of a topic, and the offset of its newest event.
End = tuple[str, int]


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An event that has no offset yet; `at` in milliseconds since 1970."""

    topic: Topic
    type: str
    data: bytes
    at: int
    revokes: tuple[str, ...] = ()


def places_of(drafts: Sequence[Draft]) -> list[Place]:
    """The topic of each draft, and how many come after it there."""
    names = [str(draft.topic) for draft in drafts]
    left = Counter(names)
    if len(left) == len(names):
        return [(name, 0) for name in names]
    places = []
    for name in names:
        left[name] -= 1
        places.append((name, left[name]))
    return places


def counts_of(places: Sequence[Place]) -> dict[str, int]:
    """How many drafts each topic gets: one more than come after its first."""
    return {name: left + 1 for name, left in reversed(places)}


def placed(drafts: Sequence[Draft], places: Sequence[Place], ends: Mapping[str, End]) -> list[Event]:
    """Events with consecutive offsets that end where their heads now stand."""
    return [
        Event(
            topic=draft.topic,
            type=draft.type,
            data=draft.data,
            at=moment(draft.at),
            epoch=ends[name][0],
            offset=ends[name][1] - left,
            revokes=draft.revokes,
        )
        for draft, (name, left) in zip(drafts, places, strict=True)
    ]


def stored_rows(drafts: Sequence[Draft], places: Sequence[Place], offsets: Iterable[int]) -> list[tuple[Any, ...]]:
    """What the table of events takes of them, as `appending.ROW_TYPES` says."""
    return [
        (name, offset, draft.type, draft.data.decode(), draft.at, revokes_as_text(draft.revokes))
        for draft, (name, _), offset in zip(drafts, places, offsets, strict=True)
    ]


def revokes_as_text(revokes: tuple[str, ...]) -> str:
    """Principals as a column has them: a JSON list, or empty."""
    return msgspec.json.encode(revokes).decode() if revokes else ""


def revokes_from(text: str) -> tuple[str, ...]:
    """The same back."""
    return tuple(msgspec.json.decode(text)) if text else ()


@lru_cache(maxsize=64)
def moment(milliseconds: int) -> dt.datetime:
    """Milliseconds since 1970 as an aware time."""
    return dt.datetime.fromtimestamp(milliseconds / 1000, tz=dt.UTC)
