"""Observers: what features do beside the sockets of a process, and how they hear who is connected to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from carillon.realtime.connection import Connection

if TYPE_CHECKING:
    from carillon.realtime.runtime import Runtime


class Observer(Protocol):
    """Sees the signed-in connections of this process come and go; everything is called on the loop of its sockets."""

    def entered(self, connection: Connection) -> None:
        """Somebody is connected from now on; may not wait."""

    def left(self, connection: Connection) -> None:
        """A connection that entered is no more; may not wait."""

    async def run(self, runtime: Runtime) -> None:
        """Work until cancelled: from the start of the runtime to its stop, after the last connection has left."""


_observers: list[Observer] = []


def observe(observer: Observer) -> None:
    """Let it see the connections of every runtime that starts from now on."""
    if observer not in _observers:
        _observers.append(observer)


def observers() -> tuple[Observer, ...]:
    """Everybody who observes."""
    return tuple(_observers)
