"""The contract of a broker: a hint that makes things fast, and whose loss loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from carillon.realtime.event import Event
from carillon.realtime.topic import Topic

Receive = Callable[[Sequence[Event]], None]
Lost = Callable[[], None]


class Broker(Protocol):
    """Carries events to every process whose hub follows their topic; may lose, repeat and reorder them.

    `is_connected`: whether what is published now reaches other processes, as far as this broker means to; `dropped`:
    how many events it could not send.
    """

    @property
    def is_connected(self) -> bool: ...

    @property
    def dropped(self) -> int: ...

    async def start(self, receive: Receive, lost: Lost | None = None) -> None:
        """Begin to hand events to `receive`, on the running loop; `lost` is called there when some may have been lost."""

    async def stop(self) -> None:
        """Hand over nothing more; may be started again."""

    async def subscribe(self, topic: Topic) -> None:
        """Return once events published from now on are received here."""

    async def unsubscribe(self, topic: Topic) -> None:
        """Receive this topic no more."""

    def publish(self, events: Sequence[Event]) -> None:
        """Send committed or ephemeral events; callable from any thread, waits for nobody, never raises."""
