"""Sights: connections that see the same, and news that are encoded once for all who may share them."""

from __future__ import annotations

from typing import Any

import msgspec

from carillon.realtime.connection import Connection
from carillon.realtime.dialect import Dialect, frames_of
from carillon.realtime.event import Event
from carillon.realtime.fanout import FanOut
from carillon.realtime.feed import Group


class Asked(msgspec.Struct, frozen=True):
    """What a viewer asked to watch: people, and groups such as `conversation:7`."""

    viewer: str
    people: frozenset[str] = frozenset()
    groups: tuple[str, ...] = ()


class Scope(msgspec.Struct, frozen=True):
    """What a viewer may see of it."""

    people: frozenset[str] = frozenset()
    groups: tuple[str, ...] = ()


class Sight:
    """The connections that see the same."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.connections: set[Connection] = set()
        self._groups: dict[tuple[Dialect, str], Group] | None = None

    def add(self, connection: Connection) -> None:
        """One more."""
        self.connections.add(connection)
        self._groups = None

    def discard(self, connection: Connection) -> None:
        """One less."""
        self.connections.discard(connection)
        self._groups = None

    def groups(self) -> dict[tuple[Dialect, str], Group]:
        """They, grouped by what may share one payload; the lists of readers are not changed later."""
        if self._groups is None:
            self._groups = {}
            for connection in self.connections:
                key = (connection.dialect, connection.outbound.framing)
                self._groups.setdefault(key, Group(connection.dialect)).add(connection)
        return self._groups


class News:
    """An event on its way to watchers, encoded and framed once for all who may share it."""

    def __init__(self, event: Event, fan_out: FanOut) -> None:
        self._event, self._fan_out = event, fan_out
        self._payloads: dict[tuple[Dialect, str], list[tuple[Any, int]]] = {}

    def send(self, sight: Sight) -> None:
        """Send it to these connections."""
        for key, group in sight.groups().items():
            if key not in self._payloads:
                reader = group.readers[0]
                frames = frames_of(group.dialect.encode_event(self._event))
                self._payloads[key] = [(reader.frame(data), len(data)) for data in frames]
            for payload, size in self._payloads[key]:
                self._fan_out.send(group.readers, payload, size, is_ephemeral=True)
