"""What REST and sockets both take and answer when notifications are changed; so a key of idempotency counts over both doors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated

import msgspec

from carillon.notifications import events
from carillon.notifications.actions import Outcome
from carillon.notifications.queries import states_of
from carillon.realtime.event import Position

Ids = Annotated[
    list[Annotated[str, msgspec.Meta(min_length=1, max_length=12)]], msgspec.Meta(min_length=1, max_length=100)
]
Number = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class These(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some notifications, by id."""

    ids: Ids


class Press(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A button of a notification, by its name."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=12)]
    action: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


class UpTo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything with a number up to this one."""

    up_to: Number


class UpToOrAll(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything with a number up to this one, or simply everything."""

    up_to: Number | None = None


class Stamp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The stamp that marking all read returned."""

    stamp: Annotated[str, msgspec.Meta(min_length=3, max_length=60)]


class Until(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some notifications, and when they come back."""

    ids: Ids
    until: dt.datetime


class Changed(msgspec.Struct, frozen=True):
    """The counters after a write, the notifications that it touched by id, and where its event stands in the log."""

    inbox: events.Inbox
    position: Position | None
    notifications: list[events.Notification] = []
    stamp: str | None = None


def changed(outcome: Outcome) -> Callable[[], Changed]:
    """What a write answers; made once its position is known."""
    states = states_of(outcome.rows)
    return lambda: Changed(outcome.inbox, outcome.position, states, outcome.stamp)
