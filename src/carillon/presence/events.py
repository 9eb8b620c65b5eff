"""What presence announces: to watchers how people are now, and between processes what changed."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Literal

import msgspec

from carillon.presence.stores.base import Change
from carillon.realtime.event import Fact, fact

State = Literal["online", "away", "offline"]


class PersonPresence(msgspec.Struct, frozen=True):
    """How somebody is now; `last_seen` is null while they are connected, and where it is not known.

    `username` is that of their public face, for dialects whose frames name people by it.
    """

    id: str
    state: State
    last_seen: dt.datetime | None = None
    username: str = ""


@fact("presence.changed")
class PresenceChanged(Fact, frozen=True):
    """These people are as told now; announced on no log, at most once a second, and only to those who watch them."""

    people: list[PersonPresence]


class Changes(Fact, frozen=True):
    """Between processes: what a store found out. No client hears it."""

    name: ClassVar[str] = "presence.changes"
    people: list[Change]


class RulesChanged(Fact, frozen=True):
    """Between processes: whom these people may see, who may see them, or who is in these groups, is to be looked up again."""

    name: ClassVar[str] = "presence.rules_changed"
    people: list[str] = []
    groups: list[str] = []
